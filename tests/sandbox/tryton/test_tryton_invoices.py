"""Invoicing in Tryton: an invoice that is missing is entered and posted once."""

from decimal import Decimal
from typing import Any

import pytest

from ingestion.errors import Conflict, Rejected, Unknown
from reverse_etl.destinations import Answer
from tests.sandbox.tryton.support import Real, Wire, destination, missing, send

pytestmark = pytest.mark.slow


def invoices(real: Real, reference: str) -> list[dict[str, Any]]:
    """Return the invoices with a reference, as a colleague sees them."""
    return real.colleague.search_read(
        "account.invoice",
        [["reference", "=", reference]],
        ["state", "number", "total_amount", "currency.code", "party", "invoice_date"],
    )


@pytest.mark.parametrize(
    ("currency", "minor", "shown"),
    [("USD", "120010", "1200.10"), ("JPY", "98000", "98000"), ("EUR", "1", "0.01")],
)
def test_a_missing_invoice_is_entered_and_posted(
    real: Real, currency: str, minor: str, shown: str
) -> None:
    """It bears billing's number and our reference, and its total to the last digit."""
    party = real.add_party(f"buyer-{currency}")
    change = missing(f"in_{currency}", party, currency=currency, total_amount=minor)

    with destination(real) as there:
        before = there.read([change])
        (answer,) = send(there, change)
        held = there.read([change])[change.change_id]

    assert before == {}
    assert answer == Answer(record_id=held.record_id)
    assert held.fields == change.values
    (invoice,) = invoices(real, f"in_{currency}")
    assert invoice["state"] == "posted"
    assert invoice["number"] == f"N-in_{currency}"
    assert invoice["total_amount"] == Decimal(shown)
    assert invoice["currency."]["code"] == currency


def test_an_invoice_of_a_day_to_come_is_posted_too(real: Real) -> None:
    """Tryton's question about the future is answered as the approval was given."""
    change = missing(
        "in_future",
        real.add_party("future"),
        invoice_date="2031-06-01",
        payment_term_date="2031-07-01",
    )

    with destination(real) as there:
        (answer,) = send(there, change)

    assert answer.fault is None
    assert [each["state"] for each in invoices(real, "in_future")] == ["posted"]


def test_an_invoice_is_entered_once_however_often_it_is_sent(real: Real) -> None:
    """Its reference is looked for before anything is created."""
    change = missing("in_twice", real.add_party("twice"))

    with destination(real) as there:
        (first,) = send(there, change)
        (second,) = send(there, change)

    assert first == second
    assert len(invoices(real, "in_twice")) == 1


@pytest.mark.parametrize("step", ["create", "post"])
def test_a_lost_answer_leaves_one_posted_invoice(real: Real, step: str) -> None:
    """Whichever of the two calls went unheard: read, send if need be, one invoice."""
    reference = f"in_lost_{step}"
    change = missing(reference, real.add_party(f"lost-{step}"))
    wire = Wire(f"model.account.invoice.{step}", lose_answer=True)

    with destination(real, wire) as there:
        (answer,) = send(there, change)
        held = there.read([change])
        if change.change_id not in held:
            send(there, change)
        held = there.read([change])

    assert isinstance(answer.fault, Unknown)
    assert held[change.change_id].fields == change.values
    assert [each["state"] for each in invoices(real, reference)] == ["posted"]


def test_a_draft_that_a_colleague_made_is_not_posted_for_them(real: Real) -> None:
    """A draft with our reference and another total is a conflict, and stays a draft."""
    party = real.add_party("drafted")
    unheard = Wire("model.account.invoice.create", lose_answer=True)
    with destination(real, unheard) as there:
        send(there, missing("in_drafted", party, total_amount="500"))

    with destination(real) as there:
        (answer,) = send(there, missing("in_drafted", party, total_amount="700"))

    assert isinstance(answer.fault, Conflict)
    assert [each["state"] for each in invoices(real, "in_drafted")] == ["draft"]


def test_two_invoices_with_one_reference_are_for_a_person(real: Real) -> None:
    """Which of them is the one, no machine can tell."""
    change = missing("in_double", real.add_party("double"))
    with destination(real) as there:
        send(there, change)
        (first,) = invoices(real, "in_double")
        real.colleague.model("account.invoice", "copy", [first["id"]])
        copies = real.colleague.model(
            "account.invoice", "search", [["reference", "=", None]]
        )
        real.colleague.model(
            "account.invoice", "write", copies[:1], {"reference": "in_double"}
        )

        (answer,) = send(there, change)
        with pytest.raises(Rejected, match="same reference"):
            there.read([change])

    assert isinstance(answer.fault, Rejected)


def test_what_tryton_does_not_accept_is_rejected_in_its_own_words(real: Real) -> None:
    """An invoice in no open period is for a person, with the reason."""
    change = missing("in_ancient", real.add_party("ancient"), invoice_date="1999-01-01")

    with destination(real) as there:
        (answer,) = send(there, change)
        held = there.read([change])

    assert isinstance(answer.fault, Rejected)
    assert "you must create a period" in answer.fault.reason
    assert held == {}
