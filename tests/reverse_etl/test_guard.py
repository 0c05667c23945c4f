"""Guard: nothing goes out that a limit, a person or a doubt holds back."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from operations.decisions import CannotDecideError, approve
from operations.exceptions import Break, sync
from reverse_etl.change import Change, FieldChange
from reverse_etl.guard import Known, judge, reconsider
from reverse_etl.ledger import Ledger, Verdict
from reverse_etl.policy import Meaning, Policy, PolicyError, load_policy
from tests.reverse_etl.support import (
    START,
    Clock,
    Vendor,
    accounts,
    admit,
    create,
    pushed,
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


MEANT = Policy(
    meanings={
        "legal_name": Meaning(frozenset({"legal_name"}), 2),
        "tax_id": Meaning(frozenset({"tax_id"}), 0),
    },
    arr_columns=frozenset({"discount"}),
    two_people_meanings=frozenset({"tax_id"}),
    two_people_above_minor={"USD": 5000},
)


def changing(column: str, number: int = 1) -> list[Change]:
    """Make updates of a golden column, of so many customers."""
    touched = (FieldChange(column.title(), column, "x", "y"),)
    return [update(f"a{place}", fields=touched) for place in range(number)]


def test_so_much_of_one_meaning_asks_a_person() -> None:
    """Two names go out, three wait together; a tax id waits alone, and for two."""
    names, more = changing("legal_name", 2), changing("legal_name", 3)
    (tax,) = changing("tax_id")

    few = judge(names, MEANT, START, Known(sizes=SIZES))
    many_ = judge([*more, tax], MEANT, START, Known(sizes=SIZES))

    assert {found.state for found in few.values()} == {"ready"}
    assert [many_[change.change_id].people for change in [*more, tax]] == [1, 1, 1, 2]
    assert many_[more[0].change_id] == Verdict(
        "waiting",
        "approval",
        "3 changes of legal_name are more than the 2 that go out without a person",
    )
    made = create(fields=tax.fields)
    assert verdict(made, replace(MEANT, two_people_above_minor=None)).state == "ready"


@pytest.mark.parametrize(
    ("arr", "state"),
    [
        ({"c-a0": 1, "c-z": 199}, "ready"),
        ({"c-a0": 1, "c-z": 198}, "waiting"),
        ({"c-z": 10}, "ready"),
        ({}, "waiting"),
    ],
)
def test_moved_arr_asks_a_person_above_a_share_of_it(
    arr: dict[str, int], state: str
) -> None:
    """Half a percent; and where nobody counted ARR, always."""
    (change,) = changing("discount")

    assert verdict(change, MEANT, arr_minor=arr).state == state


@pytest.mark.parametrize(
    ("amount", "currency", "people"),
    [(5000, "USD", 1), (5001, "USD", 2), (-5001, "USD", 2), (1, "XYZ", 2)],
)
def test_a_large_amount_needs_two_people(
    ledger: Ledger, amount: int, currency: str, people: int
) -> None:
    """The first one's word leaves it waiting; twice the same person is one person."""
    change = create(approval=True, amount_minor=amount, currency=currency)
    admit(ledger, change, policy=MEANT)
    store = ledger.store

    approve(store, [change.change_id], "ann", START, "seen")
    first = states(ledger)
    if people == 2:
        approve(store, [change.change_id], " Ann ", START, "seen again")
        assert states(ledger) == {"key:in_1": "waiting"}
        approve(store, [change.change_id], "bob", START, "seen too")

    assert first == {"key:in_1": "ready" if people == 1 else "waiting"}
    assert states(ledger) == {"key:in_1": "ready"}


def test_an_approval_is_of_a_day(ledger: Ledger) -> None:
    """What nobody sent by then waits again: it was another state of things."""
    change = update(approval=True)
    admit(ledger, change)
    approve(ledger.store, [change.change_id], "ann", START, "seen")

    before = reconsider(ledger, Policy(), START + timedelta(hours=23))
    after = reconsider(ledger, Policy(), START + timedelta(hours=25))

    assert (before.ready, before.waiting) == ((change,), ())
    assert (after.ready, after.waiting) == ((), (change,))


def test_nobody_approves_what_they_asked_for(ledger: Ledger) -> None:
    """The author of a plan is not the one to let it out."""
    change = update(approval=True)
    admit(ledger, change, author="Ann")

    with pytest.raises(CannotDecideError, match="somebody else"):
        approve(ledger.store, [change.change_id], "ann", START, "it is mine")
    approve(ledger.store, [change.change_id], "bob", START, "seen")

    assert states(ledger) == {"a1": "ready"}


def test_before_sending_the_guards_are_asked_again(ledger: Ledger) -> None:
    """What was frozen after it was approved stays here."""
    change = update(approval=True)
    admit(ledger, change)
    approve(ledger.store, [change.change_id], "ann", START, "seen")

    frozen = Policy(frozen=frozenset({"crm:account:a1"}))
    (held,) = reconsider(ledger, frozen, START).held

    assert held.guard == "frozen"
    assert reconsider(ledger, Policy(), START).ready == (change,)
    assert states(ledger) == {"a1": "ready"}


def test_a_ledger_without_plans_can_be_reconsidered(ledger: Ledger) -> None:
    """There is nothing to send."""
    assert reconsider(ledger, Policy(), START).ready == ()


def test_a_red_reconciliation_holds_the_money_of_its_keys(ledger: Ledger) -> None:
    """A number that is wrong here is not carried to another system; a name is."""
    policy = Policy(red_checks=frozenset({"S13"}))
    sync(ledger.store, [Break("b1", "S13", "ARR", customer_id="c-a1")], START)
    money = update("a1", approval=True, fields=(FieldChange("D", "d", "1", "2"),))
    amount = create(customer_id="c-a1")
    free = [update("a1"), create("in_2", customer_id="c-a2")]

    guarded = admit(ledger, money, amount, *free, policy=policy)

    assert {each.guard for each in guarded.held} == {"reconciliation"}
    assert {each.change for each in guarded.held} == {money, amount}
    assert guarded.ready == tuple(free)


def test_a_value_that_is_changed_back_each_time_is_held(
    ledger: Ledger, clock: Clock
) -> None:
    """After three writes of the same over the same, a person sees what does that."""
    for round_ in range(4):
        vendor = Vendor(accounts("a1"))
        guarded = admit(ledger, update(generation=round_), plan_id=f"p{round_}")
        pushed(ledger, vendor, clock)

    (held,) = guarded.held
    assert held.guard == "ping_pong"
    assert vendor.sent == []
    approve(ledger.store, [held.change.change_id], "ann", START, "once more")
    assert reconsider(ledger, Policy(), START).ready == (held.change,)


def test_the_guards_file_says_what_the_policy_is(tmp_path: Path) -> None:
    """An installation's own words are laid over ours, key by key."""
    own = tmp_path / "guards.yml"
    own.write_text(
        "frozen: [c-1]\nquiet_hours: ['22:00', '06:00']\nshare_limit: 1/10\n",
        encoding="utf-8",
    )
    ours, theirs = load_policy(tmp_path / "none.yml"), load_policy(own)

    assert (ours.frozen, ours.quiet_hours) == (frozenset(), None)
    assert ours.meanings["tax_id"] == Meaning(frozenset({"tax_id"}), 0)
    assert ours.arr_columns == {"discount_coupon_id", "master_contract_id"}
    assert theirs == replace(
        ours,
        frozen=frozenset({"c-1"}),
        quiet_hours=(time(22), time(6)),
        share_limit=Fraction(1, 10),
    )


@pytest.mark.parametrize(
    "wrong", ["freezes: []", "quiet_hours: ['22:00']", "run_limit: many", "arr: 7"]
)
def test_a_guards_file_that_cannot_be_followed_is_refused(
    tmp_path: Path, wrong: str
) -> None:
    """A limit that nobody understood must not be no limit."""
    own = tmp_path / "guards.yml"
    own.write_text(wrong, encoding="utf-8")

    with pytest.raises(PolicyError):
        load_policy(own)
