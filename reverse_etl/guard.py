"""Guard: what may go out, judged anew for everything unsent whenever a plan is made."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, time
from fractions import Fraction

from operations.decisions import is_approved
from operations.exceptions import open_exceptions
from reverse_etl.change import Change
from reverse_etl.ledger import PENDING, Ledger, Verdict
from reverse_etl.plan import Plan


@dataclass(frozen=True, slots=True)
class Policy:
    """The limits within which changes go out without asking a person."""

    # One mistake in an owner's system must not reach every record of the others.
    run_limit: int = 200  # changes of one object in one run
    run_limits: Mapping[str, int] = field(default_factory=dict)  # "<system>.<Object>"
    share_limit: Fraction = Fraction(1, 4)  # of an object's records in one run
    share_floor: int = 25  # so many changes are never too large a share
    frozen: frozenset[str] = frozenset()  # record keys, "<system>:<object>", customers
    quiet_hours: tuple[time, time] | None = None  # UTC, from and until
    approval_fields: frozenset[str] = frozenset()  # "<system>.<Object>.<field>"
    # While people decide whether two records are one, neither is written to.
    ambiguous_kinds: frozenset[str] = frozenset({"M02R"})
    # Columns of ours that say of a record that it is another one: to write one merges.
    merging: frozenset[str] = frozenset({"duplicate_of"})

    def is_quiet(self, at: datetime) -> bool:
        """Say whether `at` lies in the quiet hours, which may span midnight."""
        if self.quiet_hours is None:
            return False
        start, end = self.quiet_hours
        now = at.astimezone(UTC).time()
        if start <= end:
            return start <= now < end
        return now >= start or now < end


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
    verdicts = judge(
        changes,
        policy,
        at,
        sizes=plan.sizes,
        approved=_approved(ledger, changes),
        ambiguous=_ambiguous(ledger, policy),
        in_review=plan.in_review,
    )
    ledger.record(plan, verdicts, at)
    by_state: dict[str, list[Change]] = {"ready": [], "waiting": [], "held": []}
    for change in changes:
        by_state[verdicts[change.change_id].state].append(change)
    return Guarded(
        ready=tuple(by_state["ready"]),
        waiting=tuple(by_state["waiting"]),
        held=tuple(_held(change, verdicts) for change in by_state["held"]),
    )


def judge(
    changes: Iterable[Change],
    policy: Policy,
    at: datetime,
    *,
    sizes: Mapping[tuple[str, str], int],
    approved: Collection[str] = (),
    ambiguous: Collection[str] = (),
    in_review: Collection[str] = (),
) -> dict[str, Verdict]:
    """Give each change its verdict; a function of its arguments alone.

    Args:
        changes: Everything unsent.
        policy: The limits.
        at: Now.
        sizes: How many records each system's object has.
        approved: Ids of the changes that a person approved as they are.
        ambiguous: Record keys and customers of which nobody knows who they are.
        in_review: Customers for whom nothing is made and who are not merged until
            people answered whether they are others as well.
    """
    changes = list(changes)
    verdicts = {
        change.change_id: _alone(change, policy, approved, ambiguous, in_review)
        for change in changes
    }
    counted = Counter(
        (change.system, change.object)
        for change in changes
        if verdicts[change.change_id].state == "ready"
        and change.change_id not in approved
    )
    over = {
        at_object: why
        for at_object, count in counted.items()
        if (why := _too_many(at_object, count, policy, sizes))
    }
    for change in changes:
        if verdicts[change.change_id].state != "ready":
            continue
        why = over.get((change.system, change.object))
        if why and change.change_id not in approved:
            verdicts[change.change_id] = Verdict("held", "limit", why)
        elif policy.is_quiet(at):
            verdicts[change.change_id] = Verdict(
                "held", "quiet_hours", "it is within the quiet hours"
            )
    return verdicts


def _alone(
    change: Change,
    policy: Policy,
    approved: Collection[str],
    ambiguous: Collection[str],
    in_review: Collection[str],
) -> Verdict:
    names = {
        change.record_key,
        f"{change.system}:{change.object.lower()}",
        *([change.customer_id] if change.customer_id else []),
    }
    if frozen := sorted(names & policy.frozen):
        return Verdict("held", "frozen", f"{frozen[0]} is frozen")
    if doubtful := sorted(names & set(ambiguous)):
        why = f"{doubtful[0]} is in an open question of identity"
        return Verdict("held", "ambiguous", why)
    if change.customer_id in in_review and _makes_or_merges(change, policy):
        why = (
            f"whether {change.customer_id} is another customer as well waits for a"
            " person: see concord identity review"
        )
        return Verdict("held", "review", why)
    if change.change_id in approved:
        return Verdict("ready")
    asks = change.approval or any(
        f"{change.system}.{change.object}.{changed.field}" in policy.approval_fields
        for changed in change.fields
    )
    return Verdict("waiting", "approval") if asks else Verdict("ready")


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


def _approved(ledger: Ledger, changes: Iterable[Change]) -> set[str]:
    with ledger.store.transaction() as connection:
        return {
            change.change_id
            for change in changes
            if is_approved(connection, change.change_id, change.content_hash)
        }


def _ambiguous(ledger: Ledger, policy: Policy) -> set[str]:
    broken = [found.broken for found in open_exceptions(ledger.store)]
    names = {
        name
        for one in broken
        if one.kind in policy.ambiguous_kinds
        for name in (one.record_key, one.customer_id)
    }
    return {name for name in names if name}


def _held(change: Change, verdicts: Mapping[str, Verdict]) -> Held:
    verdict = verdicts[change.change_id]
    return Held(change, str(verdict.hold), str(verdict.why))
