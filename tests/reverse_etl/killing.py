"""Killing: end a push at any point, over and over, and count the effects after it."""

import os
import random
import signal
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

from operations.audit import verify
from operations.store import Store
from reverse_etl.change import Change
from reverse_etl.destinations import Destination
from reverse_etl.destinations.registry import connect
from reverse_etl.guard import guard
from reverse_etl.ledger import Ledger, Row
from reverse_etl.policy import Policy
from reverse_etl.push import Progress, push
from reverse_etl.read_back import read_back
from tests.conftest import SandboxProcess
from tests.reverse_etl.support import plan_of
from tests.reverse_etl.vendors import effects, invoice_items, invoices, now, updates

CUSTOMERS = 60
# A request that a killed process had sent takes a few milliseconds here.
WINDOW = timedelta(milliseconds=150)
STEPS = ("reading", "sending", "answered", "acknowledged")
WAVES = 60
ROOMY = Policy(share_floor=1000)  # the limits are tested elsewhere
# Each object with the write that reaches it, to be lost, and to be killed around.
WRITES = {
    ("salesforce", "Account"): ("POST", "/composite"),
    ("stripe", "customer"): ("POST", "/v1/customers"),
    ("stripe", "invoiceitem"): ("POST", "/v1/invoiceitems"),
    ("zendesk", "organization"): ("PUT", "/update_many"),
    ("netsuite", "customer"): ("PATCH", "/record/v1/customer"),
    ("netsuite", "invoice"): ("PUT", "/record/v1/invoice"),
}
CREATED_OBJECTS = (("stripe", "invoiceitem"), ("netsuite", "invoice"))


def small_calls(destinations: Mapping[str, Destination]) -> Mapping[str, Destination]:
    """Cut the batches small, so that there are many calls to be killed in."""
    for name in ("salesforce", "zendesk"):
        caps = destinations[name].caps
        destinations[name].caps = replace(caps, read_size=8, write_size=4)
    caps = destinations["netsuite"].caps
    destinations["netsuite"].caps = replace(caps, read_size=8, write_size=1)
    destinations["zendesk"]._pause = lambda seconds: time.sleep(seconds / 20)
    return destinations


def push_in_child(
    home: Path, environ: Mapping[str, str], kill_at: tuple[str, str, str], nth: int
) -> int:
    """Start a push that kills itself at the nth such step; return the process's id."""
    child = os.fork()
    if child:
        return child
    try:
        seen = 0

        def report(progress: Progress) -> None:
            nonlocal seen
            seen += (progress.step, progress.system, progress.object) == kill_at
            if seen == nth:
                os.kill(os.getpid(), signal.SIGKILL)

        with Store(home / "operations.sqlite") as store:
            destinations = small_calls(connect(environ))
            push(Ledger(store), destinations, now, report, settle_window=WINDOW)
        os._exit(0)
    except BaseException:  # noqa: BLE001 - the child must not return into pytest
        os._exit(1)


def losses(chance: random.Random) -> list[dict[str, object]]:
    """Lose the answer to, or the request of, the next write to two of the objects."""
    return [
        {
            "system": at[0],
            "method": WRITES[at][0],
            "path_contains": WRITES[at][1],
            # An account is looked at by the same kind of call, right before.
            "skip": int(at == ("salesforce", "Account")),
            "kind": chance.choice(["lost_response", "lost_request"]),
        }
        for at in (chance.choice(CREATED_OBJECTS), chance.choice(list(WRITES)))
    ]


def unsent(home: Path) -> list[Row]:
    """Return what a push would still have to do."""
    with Store(home / "operations.sqlite") as store:
        return Ledger(store).rows(("ready", "sending", "unknown"))


def moment(chance: random.Random, rows: list[Row]) -> tuple[str, str, str]:
    """Choose a step that a push of these changes will come to, or any moment."""
    row = chance.choice(rows)
    open_outcome = row.state != "ready"
    steps = [*STEPS, *["resolved"] * open_outcome, "any moment", "any moment"]
    return chance.choice(steps), row.change.system, row.change.object


@dataclass(frozen=True, slots=True)
class Toll:
    """What became of the changes of one round: nothing of it may differ from one."""

    killed_at: Counter[str]
    lost_answers: int  # faults of that kind that the sandbox was told of
    changes: int
    twice: Mapping[str, object]  # effects that happened more than once
    lost: Mapping[str, object]  # and less
    unsettled: Mapping[str, int]  # states other than confirmed


def kill_round(
    sandbox: SandboxProcess, home: Path, kills: int, chance: random.Random, number: int
) -> Toll:
    """Push changes in children that are killed; then finish the work, and count."""
    stripe = sandbox.records("stripe", "customer")[:CUSTOMERS]
    netsuite = sandbox.records("netsuite", "customer")[:CUSTOMERS]
    changed: list[Change] = [
        *updates(
            "salesforce", sandbox.records("salesforce", "account")[:CUSTOMERS], number
        ),
        *updates("stripe", stripe, number),
        *updates(
            "zendesk", sandbox.records("zendesk", "organization")[:CUSTOMERS], number
        ),
        *updates("netsuite", netsuite, number),
    ]
    items, bills = invoice_items(stripe, number), invoices(netsuite, number)
    waves = [
        changed[n::WAVES] + items[n::WAVES] + bills[n::WAVES] for n in range(WAVES)
    ]
    killed_at: Counter[str] = Counter()
    lost_answers = 0
    while killed_at.total() < kills:
        # New work arrives all along, so that the late kills find some, too.
        if waves and len(unsent(home)) < len(waves[0]):
            with Store(home / "operations.sqlite") as store:
                plan = plan_of(*waves.pop(), plan_id=f"wave {number}.{len(waves)}")
                guard(plan, Ledger(store), ROOMY, now())
        rows = unsent(home)
        if not rows:
            break  # this round's work is done
        told = losses(chance)
        lost_answers += sum(fault["kind"] == "lost_response" for fault in told)
        sandbox.faults(told)
        step, *at = moment(chance, rows)
        child = push_in_child(
            home, sandbox.environment, (step, *at), chance.choice((1, 1, 2))
        )
        if step == "any moment":
            time.sleep(chance.uniform(0.02, 0.3))
            os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        killed_at[f"{step} {at[1]}"] += os.WIFSIGNALED(status)
        if os.WIFEXITED(status) and os.WEXITSTATUS(status):
            raise RuntimeError(f"A push failed by itself, around {step} of {at}.")
    sandbox.faults([])
    with Store(home / "operations.sqlite") as store:
        ledger = Ledger(store)
        destinations = small_calls(connect(sandbox.environment))
        for wave in waves:
            guard(plan_of(*wave, plan_id=wave[0].change_id), ledger, ROOMY, now())
        last = push(ledger, destinations, now, settle_window=WINDOW)
        if last.refused or last.away or last.unconnected:
            raise RuntimeError(f"The last push did not reach all systems: {last}.")
        read_back(ledger, destinations, now)
        verify(store)
        wanted = {change.change_id for change in (*changed, *items, *bills)}
        states = Counter(
            row["state"]
            for row in store.rows("select change_id, state from changes")
            if row["change_id"] in wanted
        )
    counts = _effects(sandbox, changed, items, bills)
    return Toll(
        killed_at=killed_at,
        lost_answers=lost_answers,
        changes=len(wanted),
        twice={key: seen for key, seen in counts.items() if seen > 1},
        lost={key: seen for key, seen in counts.items() if seen < 1},
        unsettled={state: n for state, n in states.items() if state != "confirmed"},
    )


def _effects(
    sandbox: SandboxProcess,
    changed: list[Change],
    items: list[Change],
    bills: list[Change],
) -> dict[str, int]:
    """Count each change's effects in the vendors' own books; -1: another effect."""
    journal = sandbox.journal()
    keys = Counter(
        item["metadata"].get("concord_key")
        for item in sandbox.records("stripe", "invoiceitem")
    )
    posted = Counter(
        bill["externalid"] for bill in sandbox.records("netsuite", "invoice")
    )
    counts = {}
    for change in changed:
        wanted = (change.fields[0].theirs, change.fields[0].ours)
        seen = effects(journal, change, wanted)
        counts[f"{change.record_key} {wanted}"] = seen
    counts |= {str(item.external_key): keys[item.external_key] for item in items}
    counts |= {str(bill.external_key): posted[bill.external_key] for bill in bills}
    return counts
