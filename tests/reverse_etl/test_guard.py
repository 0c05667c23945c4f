"""Guard: nothing goes out that a limit, a person or a doubt holds back."""

from datetime import UTC, datetime, time
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from operations.decisions import approve
from operations.exceptions import Break, sync
from reverse_etl.change import Change, FieldChange
from reverse_etl.guard import Known, judge
from reverse_etl.ledger import Ledger, Verdict
from reverse_etl.policy import Policy
from tests.reverse_etl.support import (
    START,
    admit,
    create,
    states,
    update,
)

SIZES = {("crm", "Account"): 100}


def many(count: int, **changed: object) -> list:
    """Make so many updates of different records."""
    return [update(f"a{number}", **changed) for number in range(count)]


def verdict(
    change: object, policy: Policy, at: datetime = START, **more: object
) -> Verdict:
    """Judge one change alone."""
    (found,) = judge([change], policy, at, Known(sizes=SIZES, **more)).values()
    return found


def test_what_nothing_speaks_against_goes_out() -> None:
    """The usual case."""
    assert verdict(update(), Policy()) == Verdict("ready")


@pytest.mark.parametrize("frozen", ["crm:account:a1", "crm:account", "c-a1"])
def test_a_frozen_record_object_or_customer_is_held(frozen: str) -> None:
    """Approval or not."""
    policy = Policy(frozen=frozenset({frozen}))
    change = update()

    held = Verdict("held", "frozen", f"{frozen} is frozen")
    assert verdict(change, policy) == held
    assert verdict(change, policy, approved={change.change_id}) == held


def test_a_change_without_a_customer_can_be_frozen_by_record_only() -> None:
    """Products belong to nobody."""
    assert verdict(
        update(customer_id=None), Policy(frozen=frozenset({"x"}))
    ) == Verdict("ready")


@pytest.mark.parametrize("doubtful", ["crm:account:a1", "c-a1"])
def test_a_record_of_unclear_identity_is_held(ledger: Ledger, doubtful: str) -> None:
    """While a possible duplicate is open, neither record nor customer is written."""
    broken = Break(
        "b1",
        "M02R",
        "These may be one.",
        record_key=doubtful if ":" in doubtful else None,
        customer_id=None if ":" in doubtful else doubtful,
    )
    other = Break("b2", "M04", "A name differs.", record_key="crm:account:a2")
    sync(ledger.store, [broken, other], START)

    guarded = admit(ledger, update("a1"), update("a2"))

    (held,) = guarded.held
    assert (held.change.record_id, held.guard) == ("a1", "ambiguous")
    assert held.why == f"{doubtful} is in an open question of identity"
    assert [change.record_id for change in guarded.ready] == ["a2"]

    sync(ledger.store, [], START)
    assert len(admit(ledger, plan_id="next").ready) == 2


@pytest.mark.parametrize(
    ("change", "state"),
    [
        (create(customer_id="c-a1"), "held"),
        (create(customer_id="c-a2"), "ready"),
        (update(fields=(FieldChange("Dup", "duplicate_of", None, "a2"),)), "held"),
        (update(), "ready"),
    ],
)
def test_nothing_is_made_or_merged_for_a_customer_in_review(
    ledger: Ledger, change: Change, state: str
) -> None:
    """Not even what a person approved; other fields are right whoever it is."""
    approved = {change.change_id}

    found = verdict(change, Policy(), approved=approved, in_review={"c-a1"})
    guarded = admit(ledger, change, in_review=frozenset({"c-a1"}))

    assert found.state == state
    assert [held.guard for held in guarded.held] == ["review"] * (state == "held")


def test_money_waits_for_a_person() -> None:
    """By the contract, or by the policy's fields."""
    waits = Verdict("waiting", "approval")

    assert verdict(update(approval=True), Policy()) == waits
    assert verdict(create(approval=True), Policy()) == waits
    assert (
        verdict(update(), Policy(approval_fields=frozenset({"crm.Account.Name"})))
        == waits
    )
    assert verdict(
        update(), Policy(approval_fields=frozenset({"crm.Account.Other"}))
    ) == Verdict("ready")


def test_too_many_changes_of_one_object_are_all_held() -> None:
    """One mistake in an owner's system must not reach every receiver."""
    changes = [*many(4), update("d1", object="Deal")]

    verdicts = judge(changes, Policy(run_limit=3), START, Known(sizes=SIZES))

    why = "4 changes of crm.Account exceed the limit of 3 in one run"
    assert [verdicts[change.change_id] for change in changes] == [
        *[Verdict("held", "limit", why)] * 4,
        Verdict("ready"),
    ]


def test_an_object_may_have_a_limit_of_its_own() -> None:
    """Exactly as many as the limit still go out."""
    policy = Policy(run_limit=1, run_limits={"crm.Account": 4})

    verdicts = judge(many(4), policy, START, Known(sizes=SIZES))

    assert {found.state for found in verdicts.values()} == {"ready"}


@pytest.mark.parametrize(
    ("count", "size", "state"),
    [(25, 30, "ready"), (26, 104, "ready"), (26, 103, "held"), (26, 0, "held")],
)
def test_too_large_a_share_of_an_object_is_held(
    count: int, size: int, state: str
) -> None:
    """A quarter of the records, but so few that nobody minds are never too many."""
    policy = Policy(share_limit=Fraction(1, 4), share_floor=25)

    verdicts = judge(
        many(count), policy, START, Known(sizes={("crm", "Account"): size})
    )

    assert {found.state for found in verdicts.values()} == {state}


def test_an_object_that_nobody_counted_has_no_share() -> None:
    """Its records are not mirrored: only the number per run is limited."""
    verdicts = judge(many(30), Policy(share_floor=0), START, Known(sizes={}))

    assert {found.state for found in verdicts.values()} == {"ready"}


def test_what_is_approved_or_held_anyway_does_not_count() -> None:
    """A limit counts what would go out without a person's look."""
    changes = [*many(3), update("w1", approval=True), update("f1")]
    approved = {changes[0].change_id}

    verdicts = judge(
        changes,
        Policy(run_limit=2, frozen=frozenset({"crm:account:f1"})),
        START,
        Known(sizes=SIZES, approved=approved),
    )

    assert [verdicts[change.change_id].state for change in changes] == [
        "ready",
        "ready",
        "ready",
        "waiting",
        "held",
    ]


def test_an_approved_change_passes_the_limit_that_holds_the_others() -> None:
    """A person looked at exactly this one."""
    changes = many(4)

    verdicts = judge(
        changes,
        Policy(run_limit=2),
        START,
        Known(sizes=SIZES, approved={changes[0].change_id}),
    )

    assert [verdicts[change.change_id].state for change in changes] == [
        "ready",
        "held",
        "held",
        "held",
    ]


@pytest.mark.parametrize(
    ("hours", "now", "quiet"),
    [
        (None, time(3), False),
        ((time(1), time(5)), time(1), True),
        ((time(1), time(5)), time(5), False),
        ((time(1), time(5)), time(0, 59), False),
        ((time(22), time(6)), time(23), True),
        ((time(22), time(6)), time(5, 59), True),
        ((time(22), time(6)), time(6), False),
        ((time(22), time(6)), time(21), False),
    ],
)
def test_quiet_hours_may_span_midnight(
    hours: tuple[time, time] | None, now: time, *, quiet: bool
) -> None:
    """From is within, until is not."""
    at = datetime.combine(START.date(), now, UTC)

    found = verdict(update(), Policy(quiet_hours=hours), at)

    assert (found.hold == "quiet_hours") == quiet


def test_quiet_hours_hold_what_is_approved_and_what_waits_waits() -> None:
    """An approval says what, not when."""
    change = update(approval=True)
    policy = Policy(quiet_hours=(time(0), time(23, 59)))

    assert verdict(change, policy).state == "waiting"
    assert verdict(change, policy, approved={change.change_id}).hold == "quiet_hours"


def test_what_was_held_is_judged_anew(ledger: Ledger) -> None:
    """The limit was raised: the same changes go out with the next plan."""
    changes = many(4)
    first = admit(ledger, *changes, policy=Policy(run_limit=3))
    second = admit(
        ledger,
        policy=Policy(run_limit=4),
        plan_id="next",
        standing=frozenset(change.change_id for change in changes),
    )

    assert len(first.held) == 4
    assert len(second.ready) == 4
    assert set(states(ledger).values()) == {"ready"}


def test_what_was_ready_can_be_frozen_before_it_is_sent(ledger: Ledger) -> None:
    """A push that comes later does not send it."""
    admit(ledger, update())

    admit(ledger, plan_id="next", policy=Policy(frozen=frozenset({"crm:account:a1"})))

    assert states(ledger) == {"a1": "held"}


def test_approval_lets_a_change_out_for_good(ledger: Ledger) -> None:
    """Also when it is judged again before it is sent."""
    change = update(approval=True)
    waiting = admit(ledger, change).waiting
    approve(ledger.store, [change.change_id], "ann", START, "checked")

    again = admit(ledger, plan_id="next")

    assert waiting == (change,)
    assert again.ready == (change,)


def test_a_withdrawn_change_is_no_longer_judged(ledger: Ledger) -> None:
    """The plan no longer wants it."""
    change = update()
    admit(ledger, change)

    guarded = admit(ledger, plan_id="next", withdrawn=frozenset({change.change_id}))

    assert (guarded.ready, guarded.waiting, guarded.held) == ((), (), ())
    assert states(ledger) == {"a1": "superseded"}


@given(
    st.lists(st.booleans(), max_size=12),
    st.integers(0, 12),
    st.integers(0, 12),
    st.integers(0, 20),
)
def test_no_limit_is_ever_exceeded(
    approvals: list[bool], limit: int, floor: int, size: int
) -> None:
    """Whatever the mix: what goes out unseen respects both limits."""
    changes = [
        update(f"a{number}", approval=approval)
        for number, approval in enumerate(approvals)
    ]
    policy = Policy(run_limit=limit, share_floor=floor)

    verdicts = judge(changes, policy, START, Known(sizes={("crm", "Account"): size}))

    out = sum(found.state == "ready" for found in verdicts.values())
    assert len(verdicts) == len(changes)
    assert out <= limit
    assert out <= floor or out <= policy.share_limit * size
    assert all(
        (verdicts[change.change_id].state == "waiting") == change.approval
        for change in changes
    )
