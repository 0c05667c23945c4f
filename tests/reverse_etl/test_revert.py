"""Revert: any plan can be undone by a plan, and nobody's later edit with it."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from operations.decisions import CannotDecideError, approve
from operations.exceptions import open_exceptions
from operations.store import Store
from reverse_etl.guard import guard
from reverse_etl.ledger import Ledger
from reverse_etl.plan import Plan
from reverse_etl.policy import Policy
from reverse_etl.push import push
from reverse_etl.read_back import read_back
from reverse_etl.revert import NothingToRevertError, plan_revert
from reverse_etl.settle import settle
from tests.reverse_etl.support import START, Clock, House, Vendor, invoice, states


@pytest.fixture
def house(tmp_path: Path, ledger: Ledger) -> House:
    """An empty house."""
    return House(tmp_path, ledger)


def carried_out(house: House, clock: Clock, *, ingested: bool = True) -> Plan:
    """Plan, send, read back; with `ingested`, let the next load see it, too."""
    plan = house.admit()
    send(house, clock)
    if ingested:
        see(house)
    return plan


def vendor_of(house: House) -> Vendor:
    """Make a vendor that holds what the house mirrors."""
    return Vendor(
        {
            ("Account", key): {
                "Name": row["legal_name"],
                "Discount": row.get("discount"),
            }
            for key, row in house.there.items()
        }
    )


def send(house: House, clock: Clock) -> Vendor:
    """Push to a vendor and bring what it holds back into the mirror."""
    vendor = vendor_of(house)
    push(house.ledger, {"crm": vendor}, clock, pause=clock.pause)
    read_back(house.ledger, {"crm": vendor}, clock)
    for (_, key), held in vendor.records.items():
        house.there[key] |= {
            "legal_name": held["Name"],
            "discount": held["Discount"],
        }
    return vendor


def see(house: House) -> None:
    """Let ingestion see what was written."""
    settle(house.ledger, house.load(), house.contract, START)


def undo(house: House, plan: Plan, by: str = "ann") -> Plan:
    """Plan the undoing of a plan, and take it in."""
    made = plan_revert(
        house.load(),
        house.contract,
        house.ledger,
        plan.plan_id,
        made_at=START,
        author=by,
    )
    guard(made, house.ledger, Policy(), START)
    return made


@pytest.mark.parametrize("ingested", [True, False])
def test_a_plan_is_undone_and_not_planned_again(
    house: House,
    clock: Clock,
    ingested: bool,  # noqa: FBT001
) -> None:
    """The old value is back, and the next plan leaves it there."""
    house.customer("a1", "Acme Inc.", "Acme")
    plan = carried_out(house, clock, ingested=ingested)
    made = undo(house, plan)
    send(house, clock)
    see(house)

    following = house.admit()

    (change,) = made.changes
    assert (made.kind, made.author, made.undoes) == ("revert", "ann", plan.plan_id)
    assert change.values == {"Name": "Acme"}
    assert change.reason.startswith("ann takes back: legal_name")
    assert house.there["a1"]["legal_name"] == "Acme"
    assert following.is_empty
    assert open_exceptions(house.ledger.store) == []
    assert states(house.ledger) == {"a1": "settled"}


def test_a_new_golden_value_is_written_after_a_revert(
    house: House, clock: Clock
) -> None:
    """What was taken back was one value over one other, not the field for ever."""
    house.customer("a1", "Acme Inc.", "Acme")
    undo(house, carried_out(house, clock))
    send(house, clock)
    see(house)
    house.golden["a1"]["legal_name"] = "Acme SE"

    (change,) = house.admit().changes

    assert change.values == {"Name": "Acme SE"}


def test_fields_edited_since_are_left_and_listed(house: House, clock: Clock) -> None:
    """One account was edited, one has another field; the third is put back."""
    for key in ("a1", "a2", "a3"):
        house.customer(key, "Acme Inc.", "Acme")
    plan = carried_out(house, clock)
    house.there["a1"]["legal_name"] = "Edited"
    del house.there["a2"]

    made = undo(house, plan)

    assert [change.record_id for change in made.changes] == ["a3"]
    assert [(each.kind, each.record_id, each.theirs) for each in made.issues] == [
        ("left", "a1", "Edited"),
        ("left", "a2", None),
    ]
    assert made.issues[0].sentence == (
        "Name of crm Account a1 holds 'Edited' and not the 'Acme Inc.' that we wrote:"
        " it is left, and not put back to 'Acme'."
    )


def test_an_edit_after_the_revert_was_planned_is_kept_too(
    house: House, clock: Clock
) -> None:
    """Push looks once more before it writes."""
    house.customer("a1", "Acme Inc.", "Acme")
    undo(house, carried_out(house, clock))
    house.there["a1"]["legal_name"] = "Edited"

    vendor = send(house, clock)

    assert vendor.sent == []
    assert states(house.ledger) == {"a1": "conflict"}


def test_a_waiting_revert_is_not_withdrawn_by_the_next_plan(
    house: House, clock: Clock
) -> None:
    """Somebody asked for it; a plan of everything else does not know better."""
    house.customer("a1", "Acme", "Acme")
    house.there["a1"]["discount"] = "forever"
    plan = house.admit()
    ids = [change.change_id for change in plan.changes]
    approve(house.ledger.store, ids, "bob", START, "seen")
    send(house, clock)
    see(house)
    made = undo(house, plan)

    house.admit()

    (waiting,) = house.ledger.rows(("waiting",))
    assert waiting.change == made.changes[0]
    assert waiting.change.values == {"Discount": "forever"}
    with pytest.raises(CannotDecideError, match="somebody else"):
        approve(house.ledger.store, [waiting.change.change_id], "ann", START, "mine")


def test_what_was_made_is_left_to_a_person(house: House, clock: Clock) -> None:
    """Nothing is ever deleted."""
    house.invoices = [invoice()]
    plan = house.admit()
    (bill,) = [each for each in plan.changes if each.object == "invoice"]
    approve(house.ledger.store, [bill.change_id], "bob", START, "seen")
    erp = Vendor({}, system="erp")
    push(house.ledger, {"erp": erp}, clock, pause=clock.pause)
    read_back(house.ledger, {"erp": erp}, clock)

    undone = undo(house, plan)

    assert undone.changes == ()
    assert [each.kind for each in undone.issues] == ["made"]
    assert "nothing is deleted" in undone.issues[0].sentence


def test_nothing_is_undone_twice(house: House, clock: Clock) -> None:
    """Nor what never arrived."""
    house.customer("a1", "Acme Inc.", "Acme")
    plan = house.admit()
    with pytest.raises(NothingToRevertError):
        undo(house, plan)
    send(house, clock)
    see(house)
    undo(house, plan)

    with pytest.raises(NothingToRevertError):
        undo(house, plan)


@settings(
    deadline=None,
    max_examples=12,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    names=st.lists(
        st.tuples(st.sampled_from("abc"), st.sampled_from("abc"), st.booleans()),
        min_size=1,
        max_size=5,
    )
)
def test_to_undo_restores_whatever_nobody_touched(
    tmp_path_factory: pytest.TempPathFactory, names: list[tuple[str, str, bool]]
) -> None:
    """For all houses: untouched fields are as before the plan, edits stay edits."""
    home, clock = tmp_path_factory.mktemp("house"), Clock()
    with Store(home / "operations.sqlite") as store:
        house = House(home, Ledger(store))
        for number, (ours, theirs, _) in enumerate(names):
            house.customer(f"a{number}", ours, theirs)
        before = {key: row["legal_name"] for key, row in house.there.items()}
        plan = carried_out(house, clock)
        for number, (_, _, edited) in enumerate(names):
            if edited:
                before[f"a{number}"] = house.there[f"a{number}"]["legal_name"] = "e"
        if any(ours != theirs for ours, theirs, _ in names):
            undo(house, plan)
            send(house, clock)

        after = {key: row["legal_name"] for key, row in house.there.items()}
        assert after == before
