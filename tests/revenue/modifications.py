"""Modifications of a contract: ASC 606-10-25-10 to 25-13, and changes in estimates."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from fractions import Fraction

from tests.revenue.exact import DAY
from tests.revenue.obligations import HeldError, Obligation, allocate, check_terms


@dataclass(frozen=True)
class Change:
    """The new values of an obligation; None leaves the old one."""

    amount: int | None = None
    end: date | None = None
    quantity: Fraction | None = None
    ssp: int | None = None
    unit_price: Fraction | None = None
    treatment: str | None = None
    cancel: bool = False


@dataclass(frozen=True)
class Modification:
    """What was agreed, and how it was judged."""

    modification_id: str
    on: date
    treatment: str
    changes: Mapping[str, Change]
    added: Sequence[Obligation] = field(default_factory=list)


def modify(obligations: dict[str, Obligation], wanted: Modification) -> None:
    """Carry a modification out on the obligations of a contract."""
    changed = {
        name: change
        for name, change in wanted.changes.items()
        if _is_other(obligations[name], change)
    }
    _check_treatment(obligations, wanted, changed)
    groups = {obligations[name].group for name in wanted.changes} or {""}
    is_apart = wanted.treatment == "separate"
    group = wanted.modification_id if is_apart else groups.pop()
    for name, change in wanted.changes.items():
        if change.unit_price is not None:
            obligations[name].unit_price = change.unit_price
    members = [
        obligation
        for obligation in obligations.values()
        if obligation.group == group and not obligation.is_usage
    ]
    for obligation in wanted.added:
        obligation.group = group
        obligations[obligation.obligation_id] = obligation
    new = [obligation for obligation in wanted.added if not obligation.is_usage]
    terms_changed = {
        name: change
        for name, change in changed.items()
        if not obligations[name].is_usage
    }
    if is_apart:
        begin(new)
    elif terms_changed or new:
        _version(members, new, wanted, terms_changed)


def _version(
    old: Sequence[Obligation],
    new: Sequence[Obligation],
    wanted: Modification,
    changes: Mapping[str, Change],
) -> None:
    """Begin a version of a contract with its old obligations and its new ones."""
    before = wanted.on - DAY
    earned = {member.obligation_id: member.net(before) for member in old}
    rest = {member.obligation_id: member.rest_ssp(before) for member in old}
    for member in old:
        if member.obligation_id in changes:
            _change(member, changes[member.obligation_id], earned, wanted)
    if wanted.treatment == "catch_up":
        reallocate([*old, *new])
        return
    earned |= {member.obligation_id: 0 for member in new}
    rest |= {member.obligation_id: member.whole_ssp for member in new}
    rest |= {
        name: change.ssp for name, change in changes.items() if change.ssp is not None
    }
    _go_on([*old, *new], wanted, earned, rest)


def begin(obligations: Sequence[Obligation]) -> None:
    """Allocate a price at inception: 606-10-32-28 to 32-35."""
    if obligations:
        reallocate(obligations)


def reallocate(obligations: Sequence[Obligation]) -> None:
    """Allocate the price, less reductions, by whole standalone prices.

    What is done of each whole life is recognized: the difference is the catch-up.
    """
    members = [member for member in obligations if not member.is_cancelled]
    if not members:
        return
    total = sum(member.price - member.reduced for member in members)
    shares = allocate(total, [(member, member.whole_ssp) for member in members])
    for member in members:
        member.begin(shares[member.obligation_id], member.whole_ssp)


def _go_on(
    members: Sequence[Obligation],
    wanted: Modification,
    earned: Mapping[str, int],
    rest: Mapping[str, int | None],
) -> None:
    """Spread what remains of the price over what remains to be done: 25-13(a), (c)."""
    going = [member for member in members if not member.is_cancelled]
    total = sum(
        member.price - member.reduced - earned[member.obligation_id] for member in going
    )
    remaining = [
        member for member in going if member.done(member.terms, wanted.on - DAY) < 1
    ]
    if not remaining:
        if total:
            raise HeldError("nothing_remains")
        return
    for member in going:
        if member not in remaining:  # done by its new terms: its rest goes to others
            member.go_on(wanted.on, earned[member.obligation_id], 0, 0)
    weights = [(member, rest[member.obligation_id]) for member in remaining]
    shares = allocate(total, weights)
    for member in remaining:
        name = member.obligation_id
        change = wanted.changes.get(name, Change())
        if wanted.treatment == "combined" and change.treatment == "catch_up":
            whole = earned[name] + shares[name]
            member.measure_whole(wanted.on, whole, rest[name])
        else:
            member.go_on(wanted.on, earned[name], shares[name], rest[name])


def _change(
    member: Obligation, change: Change, earned: Mapping[str, int], wanted: Modification
) -> None:
    """Give an obligation its new terms; the version in force keeps the old ones."""
    if change.cancel:
        money = earned[member.obligation_id]
        member.is_cancelled = True
        member.amount = money + member.reduced + member.expected_returns
        member.go_on(wanted.on, money, 0, 0)
        return
    if change.amount is not None:
        member.amount = change.amount
    member.terms = replace(
        member.terms,
        end=change.end or member.terms.end,
        quantity=(
            member.terms.quantity if change.quantity is None else change.quantity
        ),
    )
    check_terms(member.terms)
    if wanted.treatment == "catch_up" and change.ssp is not None:
        member.whole_ssp = change.ssp


def _is_other(obligation: Obligation, change: Change) -> bool:
    """Tell whether a change gives an obligation any other term."""
    pairs = [
        (change.amount, obligation.amount),
        (change.end, obligation.terms.end),
        (change.quantity, obligation.terms.quantity),
        (change.unit_price, obligation.unit_price),
    ]
    is_other = any(new is not None and new != old for new, old in pairs)
    return is_other or change.cancel or change.ssp is not None


def _check_treatment(
    obligations: Mapping[str, Obligation],
    wanted: Modification,
    changed: Mapping[str, Change],
) -> None:
    """Refuse a treatment that does not fit what changes."""
    groups = {obligations[name].group for name in wanted.changes}
    is_wrong = {
        "none": bool(changed or wanted.added),
        "separate": bool(changed) or not wanted.added,
    }.get(wanted.treatment, len(groups) > 1)
    if is_wrong:
        raise HeldError("treatment_not_allowed")
