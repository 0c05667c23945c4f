"""Plan, while changes are under way: what is wanted already is not wanted twice."""

from pathlib import Path

import pytest

from ingestion.errors import Unknown
from operations.decisions import reject
from reverse_etl.change import Decision
from reverse_etl.guard import guard
from reverse_etl.ledger import Ledger
from reverse_etl.policy import Policy
from reverse_etl.push import push
from reverse_etl.read_back import read_back
from reverse_etl.settle import settle
from tests.reverse_etl.support import (
    START,
    Clock,
    House,
    Script,
    Vendor,
    invoice,
    states,
)


@pytest.fixture
def house(tmp_path: Path, ledger: Ledger) -> House:
    """An empty house."""
    return House(tmp_path, ledger)


def test_a_plan_taken_in_twice_is_taken_in_once(house: House) -> None:
    """A crash after recording, and again: no second change, no second audit row."""
    house.customer("a1", "Acme Inc.", "Acme")
    plan = house.plan()
    guard(plan, house.ledger, Policy(), START)
    before = house.ledger.store.rows("select count(*) from audit")[0][0]

    guard(plan, house.ledger, Policy(), START)

    assert len(house.ledger.rows(("ready",))) == 1
    assert house.ledger.store.rows("select count(*) from audit")[0][0] == before


def test_what_needs_approval_goes_apart_from_what_does_not(house: House) -> None:
    """A name is not kept waiting for a decision about money."""
    house.customer("a1", "Acme Inc.", "Acme")
    house.there["a1"]["discount"] = "forever"

    plan = house.plan()

    assert sorted((change.approval, *change.values) for change in plan.changes) == [
        (False, "Name"),
        (True, "Discount"),
    ]


def test_what_waits_unchanged_is_not_planned_again(house: House) -> None:
    """The convergence of a plan does not depend on a person's speed."""
    house.customer("a1", "Acme Inc.", "Acme")
    house.there["a1"]["discount"] = "forever"
    first = house.admit()

    second = house.admit()

    assert len(first.changes) == 2
    assert second.is_empty
    assert second.standing == {change.change_id for change in first.changes}
    assert not second.is_converged


def test_a_pending_change_gives_way_when_the_golden_value_moves(house: House) -> None:
    """The approver sees the new value only; the old change is superseded."""
    house.customer("a1", "Acme", "Acme")
    house.there["a1"]["discount"] = "forever"
    (first,) = house.admit().changes
    house.golden["a1"]["discount"] = "ten"

    (second,) = house.admit().changes

    assert second.values == {"Discount": "ten"}
    assert [row.change.change_id for row in house.ledger.rows(("superseded",))] == [
        first.change_id
    ]
    assert [row.change.change_id for row in house.ledger.rows(("waiting",))] == [
        second.change_id
    ]


def test_a_pending_change_gives_way_when_it_is_no_longer_needed(house: House) -> None:
    """Somebody corrected the record by hand while it waited."""
    house.customer("a1", "Acme Inc.", "Acme")
    house.admit()
    house.customer("a1", "Acme Inc.", "Acme Inc.")

    plan = house.admit()

    assert plan.is_converged
    assert states(house.ledger) == {"a1": "superseded"}


def test_what_a_person_declined_is_not_asked_again(house: House) -> None:
    """Until the content changes: then it is another question."""
    house.customer("a1", "Acme", "Acme")
    house.there["a1"]["discount"] = "forever"
    (first,) = house.admit().changes
    reject(house.ledger.store, [first.change_id], "ann", START, "agreed with them")

    same = house.admit()
    house.there["a1"]["discount"] = "twenty"
    other = house.admit()

    assert same.is_empty
    assert [change.fields[0].theirs for change in other.changes] == ["twenty"]


def test_a_record_with_an_open_outcome_is_left_out(house: House, clock: Clock) -> None:
    """Planning waits for reading; what is pending for the record stays."""
    house.customer("a1", "Acme Inc.", "Acme")
    house.there["a1"]["discount"] = "forever"
    house.invoices = [invoice()]
    house.admit()
    with house.ledger.store.transaction() as connection:
        connection.execute(
            "update changes set state = 'ready' where object = 'invoice'"
        )
        connection.execute("update changes set approval = 0")
    lost = Unknown("crm", "lost")
    push(
        house.ledger,
        {
            "crm": Vendor(
                {("Account", "a1"): {"Name": "Acme"}}, scripts=[Script(lost)] * 3
            ),
            "erp": Vendor({}, system="erp", scripts=[Script(lost)] * 3),
        },
        clock,
        pause=clock.pause,
    )

    plan = house.plan()

    assert plan.is_empty
    assert plan.withdrawn == frozenset()
    assert plan.busy == 3
    assert len(plan.standing) == 1
    assert not plan.is_converged


def test_a_newer_golden_value_follows_a_confirmed_write(
    house: House, clock: Clock
) -> None:
    """Also before ingestion has seen the first one: ours counts as theirs."""
    house.customer("a1", "Acme Inc.", "Acme")
    house.admit()
    crm = Vendor({("Account", "a1"): {"Name": "Acme", "Discount": None}})
    push(house.ledger, {"crm": crm}, clock)
    read_back(house.ledger, {"crm": crm}, clock)
    house.golden["a1"]["legal_name"] = "Acme SE"

    (change,) = house.admit().changes
    push(house.ledger, {"crm": crm}, clock)

    assert (change.fields[0].theirs, change.fields[0].ours) == ("Acme Inc.", "Acme SE")
    assert change.fields[0].decision is Decision.WRITE
    assert crm.records["Account", "a1"]["Name"] == "Acme SE"
    assert [row.state for row in house.ledger.rows(("superseded", "acknowledged"))] == [
        "superseded",
        "acknowledged",
    ]


def test_an_edit_after_a_confirmed_write_is_not_taken_for_a_lag(
    house: House, clock: Clock
) -> None:
    """Ingestion saw neither the old value nor ours: somebody was there."""
    house.customer("a1", "Acme Inc.", "Acme")
    house.admit()
    crm = Vendor({("Account", "a1"): {"Name": "Acme"}})
    push(house.ledger, {"crm": crm}, clock)
    read_back(house.ledger, {"crm": crm}, clock)
    house.customer("a1", "Acme SE", "Edited")

    plan = house.plan()

    assert plan.is_empty
    assert [issue.kind for issue in plan.issues] == ["conflict"]


def test_a_newer_value_of_another_field_leaves_a_confirmed_write_alone(
    house: House, clock: Clock
) -> None:
    """It is still to be settled by ingestion."""
    house.customer("a1", "Acme Inc.", "Acme")
    house.admit()
    crm = Vendor({("Account", "a1"): {"Name": "Acme"}})
    push(house.ledger, {"crm": crm}, clock)
    read_back(house.ledger, {"crm": crm}, clock)
    house.golden["a1"]["discount"] = "ten"

    house.admit()

    assert sorted(row.state for row in house.ledger.rows(("confirmed", "waiting"))) == [
        "confirmed",
        "waiting",
    ]


def test_the_same_value_again_is_a_further_change(house: House, clock: Clock) -> None:
    """A value that comes, goes and comes back is written each time."""
    crm = Vendor({("Account", "a1"): {"Name": "A"}})
    ids = []
    for ours in ("B", "A", "B"):
        house.customer("a1", ours, crm.records["Account", "a1"]["Name"])
        (change,) = house.admit().changes
        ids.append(change.change_id)
        push(house.ledger, {"crm": crm}, clock)
        read_back(house.ledger, {"crm": crm}, clock)
        house.there["a1"]["legal_name"] = ours
        settle(house.ledger, house.load(), house.contract, clock())

    assert len(set(ids)) == 3
    assert crm.records["Account", "a1"]["Name"] == "B"
