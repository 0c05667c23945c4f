"""Guard: what may go out, judged anew for everything unsent whenever a plan is made."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from operations.decisions import is_approved
from operations.exceptions import open_exceptions
from reverse_etl.change import Change
from reverse_etl.document import sizes as sizes_of
from reverse_etl.ledger import PENDING, Ledger, UnknownPlanError, Verdict
from reverse_etl.plan import Plan
from reverse_etl.policy import Policy


@dataclass(frozen=True, slots=True)
class Held:
    """A change that stays here, and why."""

    change: Change
    guard: str
    why: str


@dataclass(frozen=True, slots=True)
class Guarded:
    """The guard's answer to a plan: everything unsent, new and from before."""

    ready: tuple[Change, ...]
    waiting: tuple[Change, ...]  # for a person's approval
    held: tuple[Held, ...]


def guard(plan: Plan, ledger: Ledger, policy: Policy, at: datetime) -> Guarded:
    """Judge what is unsent, and take plan and verdicts into the ledger.

    Differences that only a person can decide become exceptions of source `plan`.
    """
    before = [row.change for row in ledger.rows(PENDING)]
    changes = [c for c in before if c.change_id not in plan.withdrawn]
    changes += [
        c for c in plan.changes if c.change_id not in {b.change_id for b in before}
    ]
    planned = Known(plan.sizes, in_review=plan.in_review, arr_minor=plan.arr_minor)
    known = _completed(planned, ledger, policy, changes, at)
    verdicts = judge(changes, policy, at, known)
    ledger.record(plan, verdicts, at)
    return _guarded(changes, verdicts)


def reconsider(
    ledger: Ledger,
    policy: Policy,
    at: datetime,
    room: Mapping[str, int] | None = None,
) -> Guarded:
    """Judge what is unsent anew, as it stands now: before anything is sent.

    What was approved yesterday may be frozen today, or its approval has expired, and
    of each system no more goes than there is room for, see `quota.room`.
    """
    changes = [row.change for row in ledger.rows(PENDING)]
    try:
        last = ledger.document()
        planned = Known(
            sizes_of(last), in_review=last["in_review"], arr_minor=last["arr_minor"]
        )
    except UnknownPlanError:
        planned = Known()
    known = _completed(planned, ledger, policy, changes, at)
    verdicts = judge(changes, policy, at, replace(known, room=room or {}))
    ledger.judge(verdicts, at)
    return _guarded(changes, verdicts)


@dataclass(frozen=True, slots=True)
class Known:
    """What a judgement rests on, beside the changes and the policy."""

    sizes: Mapping[tuple[str, str], int] = field(default_factory=dict)
    approved: Collection[str] = ()  # changes that enough people approved as they are
    ambiguous: Collection[str] = ()  # records and customers whose identity is open
    red: Collection[str] = ()  # records and customers whose numbers do not reconcile
    in_review: Collection[str] = ()  # customers who may turn out to be others as well
    swinging: Collection[str] = ()  # contents that were sent again and again
    arr_minor: Mapping[str, int] = field(default_factory=dict)  # by customer
    room: Mapping[str, int] = field(default_factory=dict)  # changes that may still go


def judge(
    changes: Iterable[Change], policy: Policy, at: datetime, known: Known
) -> dict[str, Verdict]:
    """Give each change its verdict; a function of its arguments alone."""
    changes = list(changes)
    verdicts = {change.change_id: _alone(change, policy, known) for change in changes}
    going: Counter[str] = Counter()
    unseen = [
        change
        for change in changes
        if verdicts[change.change_id].state == "ready"
        and change.change_id not in known.approved
    ]
    for change, meant in _meant_too_much(unseen, policy, known):
        verdicts[change.change_id] = Verdict(
            "waiting", "approval", meant, policy.people(change)
        )
    unseen = [each for each in unseen if verdicts[each.change_id].state == "ready"]
    counted = Counter((change.system, change.object) for change in unseen)
    over = {
        at_object: why
        for at_object, count in counted.items()
        if (why := _too_many(at_object, count, policy, known.sizes))
    }
    for change in changes:
        if verdicts[change.change_id].state != "ready":
            continue
        why = over.get((change.system, change.object))
        if why and change.change_id not in known.approved:
            verdicts[change.change_id] = Verdict(
                "held", "limit", why, policy.people(change)
            )
        elif policy.is_quiet(at):
            verdicts[change.change_id] = Verdict(
                "held", "quiet_hours", "it is within the quiet hours"
            )
        elif going[change.system] >= known.room.get(change.system, len(changes)):
            verdicts[change.change_id] = Verdict(
                "held",
                "quota",
                f"we may use {policy.quota_share} of a day's calls of {change.system},"
                " and they are spent: it goes when some are free again",
                policy.people(change),
            )
        else:
            going[change.system] += 1
    return verdicts


def _meant_too_much(
    unseen: list[Change], policy: Policy, known: Known
) -> Iterator[tuple[Change, str]]:
    """Find the changes that together mean more than may go without a person."""
    for name, meaning in policy.meanings.items():
        touching = [change for change in unseen if name in policy.meant(change)]
        if len(touching) > meaning.limit:
            why = (
                f"{len(touching)} changes of {name} are more than the"
                f" {meaning.limit} that go out without a person"
            )
            yield from ((change, why) for change in touching)
    moving = [change for change in unseen if policy.moves_arr(change)]
    customers = {str(change.customer_id) for change in moving}
    touched = sum(known.arr_minor.get(customer, 0) for customer in customers)
    most = policy.arr_share_limit * sum(known.arr_minor.values())
    # Where ARR was not counted nobody can say that little of it moves.
    if touched > most or not known.arr_minor:
        why = (
            f"the customers of {len(moving)} changes that move ARR hold more than"
            f" {policy.arr_share_limit} of it"
        )
        yield from ((change, why) for change in moving)


def _alone(change: Change, policy: Policy, known: Known) -> Verdict:
    names = {
        change.record_key,
        f"{change.system}:{change.object.lower()}",
        *([change.customer_id] if change.customer_id else []),
    }
    if held := _held_for(change, names, policy, known):
        guard_name, why = held
        return Verdict("held", guard_name, why)
    if change.change_id in known.approved:
        return Verdict("ready", people=policy.people(change))
    if change.content_hash in known.swinging:
        return Verdict(
            "held",
            "ping_pong",
            "the same value was written here before and changed back each time:"
            " see what changes it, then approve or reject this",
            policy.people(change),
        )
    asks = change.approval or any(
        f"{change.system}.{change.object}.{changed.field}" in policy.approval_fields
        for changed in change.fields
    )
    if asks:
        return Verdict("waiting", "approval", people=policy.people(change))
    return Verdict("ready")


def _held_for(
    change: Change, names: set[str], policy: Policy, known: Known
) -> tuple[str, str] | None:
    """Say what holds a change, approved or not."""
    if frozen := sorted(names & policy.frozen):
        return "frozen", f"{frozen[0]} is frozen"
    if doubtful := sorted(names & set(known.ambiguous)):
        return "ambiguous", f"{doubtful[0]} is in an open question of identity"
    money = change.approval or change.amount_minor is not None
    if money and (red := sorted(names & set(known.red))):
        return "reconciliation", f"the numbers of {red[0]} do not reconcile"
    if change.customer_id in known.in_review and _makes_or_merges(change, policy):
        return "review", (
            f"whether {change.customer_id} is another customer as well waits for a"
            " person: see concord identity review"
        )
    return None


def _makes_or_merges(change: Change, policy: Policy) -> bool:
    return change.action == "create" or any(
        changed.canonical in policy.merging for changed in change.fields
    )


def _too_many(
    at_object: tuple[str, str],
    count: int,
    policy: Policy,
    sizes: Mapping[tuple[str, str], int],
) -> str | None:
    name = ".".join(at_object)
    limit = policy.run_limits.get(name, policy.run_limit)
    if count > limit:
        return f"{count} changes of {name} exceed the limit of {limit} in one run"
    size = sizes.get(at_object)
    if size is None:
        return None  # nobody counted them: the limit alone speaks
    if count > policy.share_floor and count > policy.share_limit * size:
        return (
            f"{count} changes of {name} exceed {policy.share_limit} of its"
            f" {size} records"
        )
    return None


def _completed(
    planned: Known,
    ledger: Ledger,
    policy: Policy,
    changes: Iterable[Change],
    at: datetime,
) -> Known:
    """Add to what a plan saw what the ledger says now."""
    changes = list(changes)
    with ledger.store.transaction() as connection:
        approved = {
            change.change_id
            for change in changes
            if is_approved(connection, change.change_id, change.content_hash, at)
        }
    return replace(
        planned,
        approved=approved,
        ambiguous=_broken(ledger, policy.ambiguous_checks),
        red=_broken(ledger, policy.red_checks),
        swinging=ledger.swinging(),
    )


def _broken(ledger: Ledger, checks: Collection[str]) -> set[str]:
    """Return the records and customers with an open break of these checks."""
    names = {
        name
        for found in open_exceptions(ledger.store)
        if found.broken.kind in checks
        for name in (found.broken.record_key, found.broken.customer_id)
    }
    return {name for name in names if name}


def _guarded(changes: Iterable[Change], verdicts: Mapping[str, Verdict]) -> Guarded:
    by_state: dict[str, list[Change]] = {"ready": [], "waiting": [], "held": []}
    for change in changes:
        by_state[verdicts[change.change_id].state].append(change)
    return Guarded(
        ready=tuple(by_state["ready"]),
        waiting=tuple(by_state["waiting"]),
        held=tuple(_held(change, verdicts) for change in by_state["held"]),
    )


def _held(change: Change, verdicts: Mapping[str, Verdict]) -> Held:
    verdict = verdicts[change.change_id]
    return Held(change, str(verdict.hold), str(verdict.why))
