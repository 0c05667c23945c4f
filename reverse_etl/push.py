"""Push: send what is ready, each change with one effect, however often this is called.

First whatever was being sent when a run ended is read. Then, batch by batch: read the
touched fields, write the intent down, send once, write the answer down. A change whose
outcome is not known is read after the settle window, before anything is sent again.
"""

import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from ingestion.errors import (
    Conflict,
    Refused,
    Rejected,
    SystemFault,
    Transient,
    Unknown,
)
from reverse_etl.breaker import Breaker
from reverse_etl.destinations import Answer, Destination, Outgoing, Repeat
from reverse_etl.ledger import Ledger, Row
from reverse_etl.policy import Policy
from reverse_etl.reading import (
    NOT_UNDERSTOOD,
    Looked,
    batches,
    halves,
    not_understood,
    read,
    sort_out,
)
from reverse_etl.runner import Runner
from reverse_etl.second_look import look_again, overwritten

# Counted from when the outcome was lost, and longer than a vendor goes on with a
# request whose caller has gone (each wait of ours ends after 60 s): what is read after
# this can no longer be overtaken by what it asks about.
SETTLE_WINDOW = timedelta(seconds=90)
# A dead runner's lease is taken over at once; one on another machine after this.
LEASE_TERM = timedelta(minutes=5)
# The system is given up for this run after so many calls in a row that it turned away.
_STRIKES = 3
_FIRST_PAUSE_SECONDS = 1.0
# Salesforce asks for an hour when a day's budget is spent; nobody waits for that here.
_LONGEST_PAUSE_SECONDS = 60.0
# A change whose answer was lost so often in one run waits for the next run.
_DOUBTS = 2


@dataclass(frozen=True, slots=True)
class Progress:
    """A step of a push that is now on the disk (or, for `sending`, about to leave)."""

    step: str
    system: str
    object: str
    count: int


@dataclass(frozen=True, slots=True)
class PushSummary:
    """What a push did: how many changes ended in which state, and who was not there."""

    counts: Mapping[str, int]
    refused: Mapping[str, SystemFault]  # systems that let us in no more
    away: Mapping[str, SystemFault]  # systems that were busy, slow or away
    unconnected: tuple[str, ...]  # systems with ready changes and no destination


def push(
    ledger: Ledger,
    destinations: Mapping[str, Destination],
    clock: Callable[[], datetime],
    report: Callable[[Progress], None] = lambda _: None,
    *,
    settle_window: timedelta = SETTLE_WINDOW,
    pause: Callable[[float], None] = time.sleep,
    term: timedelta = LEASE_TERM,
    policy: Policy | None = None,
    plan_id: str | None = None,
) -> PushSummary:
    """Send everything that is ready; safe to call again after a kill at any point.

    Args:
        ledger: Where the changes are and every step is written down.
        destinations: The connected systems by name.
        clock: Tells the time.
        report: Is told of each step.
        settle_window: How long after sending an unknown outcome may be read.
        pause: Waits so many seconds.
        term: For how long the lease is held after each step.
        policy: How many go first, and how many failures hold the rest.
        plan_id: Sends only what belongs to this plan; what was begun is finished.

    Raises:
        LeaseHeldError: Another push is under way.
        FencedError: Another push took over.
    """
    runner = Runner.start(ledger.store, clock, term)
    refused: dict[str, SystemFault] = {}
    away: dict[str, SystemFault] = {}
    try:
        waiting = {
            row.change.system
            for row in (
                *ledger.rows(("ready",), plan_id=plan_id),
                *ledger.rows(("unknown",)),
            )
        }
        for system in sorted(waiting & destinations.keys()):
            sending = _Sending(
                runner,
                ledger,
                destinations[system],
                _Manner(clock, report, settle_window, pause, plan_id),
                Breaker(policy or Policy()),
            )
            try:
                sending.drain()
                runner.accepted(system)
            except Refused as fault:
                runner.refused(fault)
                refused[system] = fault
            except SystemFault as fault:
                away[system] = fault
    finally:
        runner.stop()
    return PushSummary(
        counts=dict(Counter(runner.outcomes.values())),
        refused=refused,
        away=away,
        unconnected=tuple(sorted(waiting - destinations.keys())),
    )


@dataclass(frozen=True, slots=True)
class _Manner:
    """How a push tells the time, reports and waits."""

    clock: Callable[[], datetime]
    report: Callable[[Progress], None]
    settle_window: timedelta
    pause: Callable[[float], None]
    plan_id: str | None


class _Sending:
    """One system's part of a push."""

    def __init__(
        self,
        runner: Runner,
        ledger: Ledger,
        destination: Destination,
        manner: _Manner,
        breaker: Breaker,
    ) -> None:
        self._runner = runner
        self._ledger = ledger
        self._destination = destination
        self._manner = manner
        self._breaker = breaker
        self._tired: set[str] = set()  # turned away in this run: the next run's
        self._doubts: Counter[str] = Counter()
        self._strikes = 0

    def drain(self) -> None:
        """Resolve and send until nothing is left that this run can do."""
        while True:
            self._resolve()
            rows = [
                row
                for row in self._rows("ready", self._manner.plan_id)
                if row.change.change_id not in self._tired
            ]
            # What a new record refers to is put right before the record is made.
            ready = sorted(rows, key=lambda row: row.change.action == "create")
            while ready:
                name = ready[0].change.object
                self._object([row for row in ready if row.change.object == name])
                ready = [row for row in ready if row.change.object != name]
            wait = self._until_settled()
            if wait is None:
                return
            self._manner.pause(wait)

    def _object(self, rows: list[Row]) -> None:
        """Carry out the changes of one object, a few of them first."""
        change = rows[0].change
        size = self._destination.caps.read_size
        first = rows[: self._breaker.canary] if len(rows) > self._breaker.canary else []
        for batch in batches(first, size):
            self._carry_out(batch)
        if first:
            self._look_again(first)
        rest = rows[len(first) :]
        for batch in batches(rest, size):
            if why := self._breaker.tripped(change.object, self._runner.outcomes):
                self._runner.hold_back(self._unsent(rest), why)
                return
            self._carry_out(batch)
        self._runner.calm(change.system, change.object)

    def _look_again(self, rows: Sequence[Row]) -> None:
        """Read the first ones back before the others follow them."""
        ids = {row.change.change_id for row in rows}
        written = [
            row for row in self._rows("acknowledged") if row.change.change_id in ids
        ]
        for batch in batches(written, self._destination.caps.read_size):
            look_again(self._runner, self._destination, batch)
            self._say("looked again", batch)

    def _unsent(self, rows: Sequence[Row]) -> list[Row]:
        ids = {row.change.change_id for row in rows}
        return [row for row in self._rows("ready") if row.change.change_id in ids]

    def _rows(self, state: str, plan_id: str | None = None) -> list[Row]:
        system = self._destination.system
        return self._ledger.rows((state,), system, plan_id=plan_id)

    def _until_settled(self) -> float | None:
        """Return the seconds until an unknown outcome may be read, None without one."""
        now = self._manner.clock()
        waits = [
            (row.changed_at + self._window(row) - now).total_seconds()
            for row in self._rows("unknown")
            if self._doubts[row.change.change_id] < _DOUBTS
        ]
        return max(0.0, *waits) if waits else None

    def _resolve(self) -> None:
        """Read what is unknown, and say whether it took effect."""
        now = self._manner.clock()
        settled = [
            row
            for row in self._rows("unknown")
            if row.changed_at + self._window(row) <= now
        ]
        for batch in batches(settled, self._destination.caps.read_size):
            looked = self._look(
                batch, "it was read after an unknown outcome", was_sent=True
            )
            untouched = [each.row for each in looked]
            unseen = [row for row in untouched if self._repeat(row) == "nothing"]
            self._runner.reject((row, _unseen(row)) for row in unseen)
            self._runner.again(row for row in untouched if row not in unseen)
            self._say("resolved", batch)

    def _window(self, row: Row) -> timedelta:
        """Return how long a lost outcome rests before it is read.

        A creation that finds the first one when it is sent again may meet it at work.
        """
        if self._repeat(row) == "upsert":
            return timedelta()
        return self._manner.settle_window

    def _repeat(self, row: Row) -> Repeat | None:
        """Return what keeps a creation from being made twice; None for an update."""
        if row.change.action == "update":
            return None
        return self._destination.caps.repeat(row.change.object)

    def _carry_out(self, batch: Sequence[Row]) -> None:
        """Look at the records as they are now, then send what still holds."""
        self._say("reading", batch)
        looked = self._look(batch, "it already held the values")
        size = self._destination.caps.write_size
        for start in range(0, len(looked), size):
            self._send(looked[start : start + size])

    def _look(
        self, batch: Sequence[Row], how: str, *, was_sent: bool = False
    ) -> list[Looked]:
        """Write down what reading settles; return the changes still as planned."""
        found = sort_out(batch, read(self._destination, batch))
        sent = [row for row, _ in found.confirmed] if was_sent else []
        edits = overwritten(self._destination, sent)
        self._runner.reject(found.rejected)
        self._runner.confirm(found.confirmed, how, edits)
        self._runner.conflict(found.conflicts)
        self._runner.diverge(found.others)
        return found.untouched

    def _send(self, looked: Sequence[Looked]) -> None:
        rows = self._runner.intend([each.row for each in looked])
        if not rows:
            return
        versions = {each.row.change.change_id: each.version for each in looked}
        self._breaker.note(row.change for row in rows)
        self._say("sending", rows)
        try:
            answers = self._destination.send(
                [_outgoing(row, versions[row.change.change_id]) for row in rows]
            )
        except Transient as fault:
            self._turned_away(rows, fault)
        except Refused as fault:
            self._runner.again(rows, fault, counts=False)
            raise
        except (Rejected, Conflict) as fault:
            if len(rows) == 1:
                self._answered(rows, [Answer(fault=fault)])
                return
            # The system took none of them for one record's sake: find the one.
            self._runner.again(rows, counts=False)
            sent = {row.change.change_id for row in rows}
            for half in halves([o for o in looked if o.row.change.change_id in sent]):
                self._send(half)
        except Unknown as fault:
            self._answered(rows, [Answer(fault=fault)] * len(rows))
        except NOT_UNDERSTOOD as error:
            lost = Unknown(self._destination.system, not_understood(error))
            self._answered(rows, [Answer(fault=lost)] * len(rows))
        else:
            self._strikes = 0
            self._say("answered", rows)
            self._answered(rows, answers)

    def _turned_away(self, rows: Sequence[Row], fault: Transient) -> None:
        """Leave them for the next run; go on after a pause, or give the system up."""
        self._runner.again(rows, fault)
        self._tired |= {row.change.change_id for row in rows}
        self._strikes += 1
        asked = fault.retry_after or 0.0
        if self._strikes >= _STRIKES or asked > _LONGEST_PAUSE_SECONDS:
            raise fault  # the next run is the pause
        usual = _FIRST_PAUSE_SECONDS * 2 ** (self._strikes - 1)
        self._manner.pause(asked or usual)

    def _answered(self, rows: Sequence[Row], answers: Sequence[Answer]) -> None:
        """Write each record's answer down."""
        done: list[tuple[Row, str]] = []
        rejected: list[tuple[Row, SystemFault]] = []
        conflicts: list[tuple[Row, str]] = []
        refused: Refused | None = None
        for row, answer in zip(rows, answers, strict=True):
            match answer.fault:
                case None:
                    done.append((row, str(answer.record_id or row.change.record_id)))
                case Unknown() as fault:
                    self._doubts[row.change.change_id] += 1
                    self._runner.doubt([row], fault)
                case Transient() as fault:
                    self._tired.add(row.change.change_id)
                    self._runner.again([row], fault)
                case Refused() as fault:
                    self._runner.again([row], fault, counts=False)
                    refused = fault
                case Conflict() as fault:
                    conflicts.append((row, fault.reason))
                case fault:
                    rejected.append((row, fault))
        self._runner.acknowledge(done)
        self._runner.reject(rejected)
        self._runner.conflict(conflicts)
        self._say("acknowledged", rows)
        if refused:
            raise refused

    def _say(self, step: str, rows: Sequence[Row]) -> None:
        change = rows[0].change
        self._manner.report(Progress(step, change.system, change.object, len(rows)))


def _outgoing(row: Row, version: str | None) -> Outgoing:
    key = f"{row.change.change_id}-{row.key_generation}"
    return Outgoing(row.change, key, version)


def _unseen(row: Row) -> Rejected:
    """Return the fault of a creation of which no look can tell if it was made."""
    change = row.change
    return Rejected(
        change.system,
        "its answer was lost, and the system shows no trace of it by which to tell"
        " whether it was made",
        "look for it there: retry the change if it is missing, else reject it",
        object=change.object,
        record_id=change.target,
    )
