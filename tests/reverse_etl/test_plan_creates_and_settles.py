"""Plan and settle: a missing record is made once; ingestion has the last word."""

from datetime import timedelta
from pathlib import Path

import pytest

from operations.decisions import approve
from operations.exceptions import open_exceptions
from reverse_etl.ledger import Ledger
from reverse_etl.push import push
from reverse_etl.read_back import read_back
from reverse_etl.settle import Settled, settle
from tests.reverse_etl.support import START, Clock, House, Vendor, invoice, states


@pytest.fixture
def house(tmp_path: Path, ledger: Ledger) -> House:
    """An empty house."""
    return House(tmp_path, ledger)


def test_the_loop_closes(house: House, clock: Clock) -> None:
    """Plan, push, read back, ingest, settle: the next plan is empty, all is settled."""
    house.customer("a1", "Acme Inc.", "Acme")
    house.invoices = [invoice()]
    plan = house.admit()
    approve(
        house.ledger.store,
        [change.change_id for change in plan.changes if change.approval],
        "ann",
        START,
        "it is missing",
    )
    crm = Vendor({("Account", "a1"): {"Name": "Acme"}})
    erp = Vendor({}, system="erp")
    push(house.ledger, {"crm": crm, "erp": erp}, clock)
    read_back(house.ledger, {"crm": crm, "erp": erp}, clock)

    lagging = house.plan()
    unseen = settle(house.ledger, house.path, house.contract, clock())
    house.there["a1"]["legal_name"] = crm.records["Account", "a1"]["Name"]
    house.invoices[0]["erp_invoice_id"] = "77"
    house.load()
    seen = settle(house.ledger, house.path, house.contract, clock())
    after = house.plan()

    assert lagging.is_empty
    assert lagging.issues == ()
    assert unseen == Settled(0, 0, 2)
    assert seen == Settled(2, 0, 0)
    assert after.is_converged
    assert (after.governed, after.equal) == (2, 2)
    assert set(states(house.ledger).values()) == {"settled"}


def test_a_missing_record_is_to_be_created(house: House) -> None:
    """With the pushed columns that have a value, under our key, once approved."""
    house.invoices = [
        invoice(),
        invoice(invoice_id="in_2", erp_customer_id=None),
        invoice(invoice_id="in_3", erp_invoice_id="77"),
        invoice(invoice_id=None),
    ]

    plan = house.plan()

    (change,) = plan.changes
    assert plan.sizes["erp", "invoice"] == 1
    assert ("erp", "memo") not in plan.sizes
    assert (change.action, change.record_id, change.external_key) == (
        "create",
        None,
        "in_1",
    )
    assert change.values == {"currency": "USD", "entity": "e1", "total": "1200"}
    assert (change.approval, change.amount_minor, change.currency) == (
        True,
        1200,
        "USD",
    )
    assert change.reason == "erp has no invoice for invoices in_1"


def test_a_creation_may_need_no_approval_and_carry_no_amount(house: House) -> None:
    """What is created is as the contract says."""
    house.invoices = [invoice(erp_invoice_id="77", erp_memo_id=None, text="Hello")]

    (change,) = house.plan().changes

    assert change.values == {"text": "Hello"}
    assert (change.approval, change.amount_minor) == (False, None)


def made(house: House, clock: Clock) -> Vendor:
    """Create the invoice in the ERP, and read it back."""
    house.invoices = [invoice()]
    (change,) = house.admit().changes
    approve(house.ledger.store, [change.change_id], "ann", START, "it is missing")
    erp = Vendor({}, system="erp")
    push(house.ledger, {"erp": erp}, clock)
    read_back(house.ledger, {"erp": erp}, clock)
    return erp


def test_a_record_that_was_made_is_never_made_again(house: House, clock: Clock) -> None:
    """It was deleted there afterwards: a person hears of it."""
    made(house, clock)
    before = house.plan()
    house.invoices[0]["erp_invoice_id"] = "77"
    settle(house.ledger, house.load(), house.contract, clock())
    house.invoices[0]["erp_invoice_id"] = None

    after = house.admit()

    (opened,) = open_exceptions(house.ledger.store)
    assert before.is_empty
    assert before.issues == ()
    assert after.is_empty
    assert opened.broken.kind == "vanished"


def test_a_record_that_ingestion_never_sees_diverged(
    house: House, clock: Clock
) -> None:
    """After the patience it is an exception, and still not made again."""
    made(house, clock)
    clock.pause(3600)

    settled = settle(house.ledger, house.path, house.contract, clock())
    plan = house.admit()
    again = house.admit()

    assert settled == Settled(0, 1, 0)
    assert plan.is_empty
    assert again.is_empty
    assert {found.broken.kind for found in open_exceptions(house.ledger.store)} == {
        "diverged",
        "vanished",
    }


def written(house: House, clock: Clock) -> Vendor:
    """Write one name, and read it back."""
    house.customer("a1", "Acme Inc.", "Acme")
    house.admit()
    crm = Vendor({("Account", "a1"): {"Name": "Acme"}})
    push(house.ledger, {"crm": crm}, clock)
    read_back(house.ledger, {"crm": crm}, clock)
    return crm


@pytest.mark.parametrize(
    ("seen", "later", "expected"),
    [
        ("Acme Inc.", 0, Settled(1, 0, 0)),
        ("Acme", 0, Settled(0, 0, 1)),
        ("Acme", 3600, Settled(0, 1, 0)),
        ("Edited", 0, Settled(0, 1, 0)),
    ],
)
def test_ingestion_has_the_last_word(
    house: House, clock: Clock, seen: str, later: float, expected: Settled
) -> None:
    """Our value settles; the old one may only lag; another one diverged at once."""
    written(house, clock)
    house.there["a1"]["legal_name"] = seen
    clock.pause(later)

    result = settle(
        house.ledger,
        house.load(),
        house.contract,
        clock(),
        patience=timedelta(minutes=15),
    )

    assert result == expected


def test_a_record_that_ingestion_lost_diverged(house: House, clock: Clock) -> None:
    """It was deleted there after we wrote; first it may only lag."""
    written(house, clock)
    house.there["a1"]["is_deleted"] = True

    first = settle(house.ledger, house.load(), house.contract, clock())
    clock.pause(3600)
    second = settle(house.ledger, house.path, house.contract, clock())

    assert (first, second) == (Settled(0, 0, 1), Settled(0, 1, 0))


def test_a_diverged_write_is_not_repeated_but_asked_about(
    house: House, clock: Clock
) -> None:
    """A vendor's rule that changes our value back must not make us a metronome."""
    written(house, clock)
    house.there["a1"]["legal_name"] = "ACME INC."
    settle(house.ledger, house.load(), house.contract, clock())

    plan = house.admit()

    assert plan.is_empty
    assert [issue.kind for issue in plan.issues] == ["user_edit"]
    # The change gives way to the question; its own exception is closed.
    assert states(house.ledger) == {"a1": "superseded"}
    assert [found.source for found in open_exceptions(house.ledger.store)] == ["plan"]
