"""Plan, three ways: golden value, value there and base give exactly the changes due."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from operations.decisions import overwrite
from operations.exceptions import open_exceptions
from reverse_etl.ledger import Ledger
from reverse_etl.mirror import Base
from reverse_etl.plan import Plan
from tests.reverse_etl.support import START, House


@pytest.fixture
def house(tmp_path: Path, ledger: Ledger) -> House:
    """An empty house."""
    return House(tmp_path, ledger)


def decided(plan: Plan) -> dict[str, Mapping[str, str | None]]:
    """Return what a plan wants, by record."""
    return {change.target: change.values for change in plan.changes}


def test_only_what_differs_is_planned(house: House) -> None:
    """One change per record, with each field's old and new value and its reason."""
    house.customer("a1", "Acme Inc.", "Acme")
    house.customer("a2", "Beta", "Beta")

    plan = house.plan()

    (change,) = plan.changes
    (field,) = change.fields
    assert (change.system, change.object, change.record_id) == ("crm", "Account", "a1")
    assert (change.entity, change.entity_id, change.customer_id) == (
        "customers",
        "c-a1",
        "c-a1",
    )
    assert (field.canonical, field.theirs, field.ours) == (
        "legal_name",
        "Acme",
        "Acme Inc.",
    )
    assert change.reason == "legal_name: erp says 'Acme Inc.', crm holds 'Acme'"
    assert plan.sizes["crm", "Account"] == 2
    # Two names, and two discounts that the golden record governs by their absence.
    assert (plan.governed, plan.equal) == (4, 3)
    assert not plan.is_empty
    assert not plan.is_converged


def test_the_same_state_gives_the_same_plan(house: House) -> None:
    """Replaying a plan proves how it came about."""
    house.customer("a1", "Acme Inc.", "Acme")

    assert house.plan() == house.plan()


def test_an_equal_value_becomes_the_base(house: House) -> None:
    """Only then is a later edit of a field that we never wrote noticed."""
    house.customer("a1", "Acme", "Acme")
    house.admit()
    house.customer("a1", "Acme", "Edited")

    plan = house.admit()

    (issue,) = plan.issues
    (opened,) = open_exceptions(house.ledger.store)
    assert Base("crm", "Account", "a1", "Name", "Acme") in house.ledger.base(
        "crm", "Account"
    )
    assert (issue.kind, issue.theirs, issue.ours) == ("user_edit", "Edited", "Acme")
    assert opened.broken.subject == (
        "Name of crm Account a1 was changed there to 'Edited';"
        " the golden value is 'Acme'."
    )
    assert plan.is_empty
    assert not plan.is_converged


def test_no_value_on_both_sides_becomes_the_base_too(house: House) -> None:
    """A discount that somebody gives by hand later is an edit, and is not cleared."""
    house.customer("a1", "Acme", "Acme")
    house.admit()
    house.there["a1"]["discount"] = "by hand"

    plan = house.plan()

    assert Base("crm", "Account", "a1", "Discount", None) in house.ledger.base(
        "crm", "Account"
    )
    assert plan.is_empty
    assert [issue.kind for issue in plan.issues] == ["user_edit"]


def test_a_base_already_known_is_not_written_again(house: House) -> None:
    """The second plan over a converged house has nothing to remember."""
    house.customer("a1", "Acme", "Acme")
    house.admit()

    plan = house.plan()

    assert plan.converged == ()
    assert plan.is_converged


def test_when_both_moved_nothing_is_written(house: House) -> None:
    """The golden value changed, and so did theirs: a person decides."""
    house.customer("a1", "Acme", "Acme")
    house.admit()
    house.customer("a1", "Acme SE", "Edited")

    plan = house.admit()

    (opened,) = open_exceptions(house.ledger.store)
    assert plan.is_empty
    assert opened.broken.kind == "conflict"
    assert "moved from 'Acme' to 'Acme SE'" in opened.broken.subject


def test_a_person_can_let_the_golden_value_win(house: House) -> None:
    """The edit is written over; a further edit is a new question."""
    house.customer("a1", "Acme", "Acme")
    house.admit()
    house.customer("a1", "Acme", "Edited")
    house.admit()
    (opened,) = open_exceptions(house.ledger.store)

    overwrite(
        house.ledger.store, [opened.broken.fingerprint], "ann", START, "it was a typo"
    )
    plan = house.plan()
    house.customer("a1", "Acme", "Edited again")
    later = house.plan()

    assert decided(plan) == {"a1": {"Name": "Acme"}}
    assert later.is_empty
    assert [issue.kind for issue in later.issues] == ["conflict"]


def test_an_edit_taken_back_closes_its_exception(house: House) -> None:
    """Nobody has to close by hand what is no longer so."""
    house.customer("a1", "Acme", "Acme")
    house.admit()
    house.customer("a1", "Acme", "Edited")
    house.admit()
    house.customer("a1", "Acme", "Acme")

    house.admit()

    assert open_exceptions(house.ledger.store) == []


def test_silence_clears_nothing_unless_it_means_nothing(house: House) -> None:
    """An owner who says nothing keeps the value there; a rule may say: none."""
    house.customer("a1", None, "Acme")
    house.there["a1"]["discount"] = "forever"

    plan = house.plan()

    assert decided(plan) == {"a1": {"Discount": None}}
    assert plan.changes[0].approval
    assert plan.changes[0].reason.startswith("discount: our rule says None")


def test_deleted_records_and_blanks_are_no_differences(house: House) -> None:
    """A tombstone receives nothing, and a trailing blank is not worth a call."""
    house.customer("a1", "Acme Inc.", "Acme")
    house.there["a1"]["is_deleted"] = True
    house.customer("a2", "Beta", " Beta ")
    house.golden["a3"] = {"customer_id": "c-a3", "legal_name": "No account"}

    plan = house.plan()

    assert plan.is_empty
    assert plan.sizes["crm", "Account"] == 1


def test_numbers_compare_by_value(house: House) -> None:
    """An entity without customers, a field without a source column."""
    house.products = [{"product_id": "p1", "crm_product_id": "x1", "item_id": 7}]
    house.items = {"x1": 8}

    (change,) = house.plan().changes

    assert change.values == {"Item": "7"}
    assert change.customer_id is None
    assert change.fields[0].source == "erp"


def test_two_golden_rows_never_take_turns_on_one_record(house: House) -> None:
    """They contradict each other: an exception, and no write."""
    house.customer("a1", "Acme", "Other")
    house.golden["twin"] = {**house.golden["a1"], "legal_name": "Acme 2"}

    plan = house.admit()

    (opened,) = open_exceptions(house.ledger.store)
    assert plan.is_empty
    assert opened.broken.kind == "contradiction"


def test_two_golden_rows_that_agree_make_one_change(house: House) -> None:
    """The same value for the same field is one field of one change."""
    house.customer("a1", "Acme", "Other")
    house.golden["twin"] = dict(house.golden["a1"])

    (change,) = house.plan().changes

    assert change.values == {"Name": "Acme"}
    assert len(change.fields) == 1


def test_an_issue_tells_where_it_is(house: House) -> None:
    """The inbox finds record, customer and the three values."""
    house.customer("a1", "Acme", "Acme")
    house.admit()
    house.customer("a1", "Acme", "Edited")

    (issue,) = house.plan().issues

    assert issue.broken.record_key == "crm:account:a1"
    assert issue.broken.customer_id == "c-a1"
    assert issue.broken.detail == {
        "system": "crm",
        "object": "Account",
        "record_id": "a1",
        "field": "Name",
        "theirs": "Edited",
        "ours": "Acme",
        "base": "Acme",
    }
    assert replace(issue, kind="contradiction").broken.subject.startswith("Two golden")
