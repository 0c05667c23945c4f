"""Guard: what a change means to the business, and what the policy's file says."""

from dataclasses import replace
from datetime import time, timedelta
from fractions import Fraction
from pathlib import Path

import pytest

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
from tests.reverse_etl.test_guard import SIZES, verdict

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
