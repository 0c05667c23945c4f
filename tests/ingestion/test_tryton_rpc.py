"""Tryton's answers: each status asks for a reaction, each value is read exactly."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import httpx
import pytest

from ingestion import tryton
from ingestion.errors import (
    Conflict,
    Refused,
    Rejected,
    SystemFault,
    Transient,
    Unknown,
)
from ingestion.readings import Batch
from ingestion.tryton_rpc import amount, classify, day, moment
from tests.walking import rows

# The statuses of trytond.protocols.jsonrpc, .dispatcher and .rpc, for a read and a
# write: a ConcurrencyException is 423, a UserWarning 409, a UserError 400.
STATUSES = [
    (423, Conflict, Conflict),
    (409, Rejected, Rejected),
    (400, Refused, Rejected),
    (413, Rejected, Rejected),
    (422, Rejected, Rejected),
    (401, Refused, Refused),
    (403, Refused, Refused),
    (404, Refused, Refused),
    (429, Transient, Transient),
    (504, Transient, Transient),
    (500, Transient, Unknown),
]


@pytest.mark.parametrize(("status", "read", "write"), STATUSES)
def test_every_status_of_tryton_asks_for_a_reaction(
    status: int, read: type[SystemFault], write: type[SystemFault]
) -> None:
    """What a status asks for may differ between a question and a change."""
    response = httpx.Response(status, text="<h1>No</h1>\n<p>It is &#39;so&#39;. - </p>")

    assert type(classify(response, wrote=False)) is read
    assert type(classify(response, wrote=True)) is write


def test_a_refusal_of_tryton_is_told_in_its_words() -> None:
    """The sentence of its HTML page, without tags, entities and its full stop."""
    page = (
        "<!doctype html>\n<title>400</title>\n<p>The value &#34;x&#34; is wrong. - </p>"
    )

    fault = classify(httpx.Response(400, text=page), wrote=True)

    assert fault.reason == 'The value "x" is wrong'


def party(**changed: Any) -> dict[str, Any]:
    """Return a party as Tryton answers it."""
    made = moment(datetime(2026, 1, 2, 3, 4, 5, 678, UTC))
    return {
        "id": 7,
        "code": "cus_7",
        "name": "Acme",
        "contact_mechanisms.": [
            {"id": 1, "type": "phone", "value": "+1", "_timestamp": "1.0"},
            {
                "id": 2,
                "type": "email",
                "value": "first@acme.example",
                "_timestamp": "2",
            },
            {
                "id": 3,
                "type": "email",
                "value": "second@acme.example",
                "_timestamp": "3",
            },
        ],
        "tax_identifier.": None,
        "identifiers.": [{"id": 1, "code": "plain"}],
        "create_date": made,
        "write_date": None,
        "_timestamp": "9",
        **changed,
    }


def invoice(**changed: Any) -> dict[str, Any]:
    """Return an invoice as Tryton answers it."""
    return {
        "id": 1,
        "number": "N-1",
        "party": 7,
        "invoice_date": day(date(2026, 9, 30)),
        "currency.": {"id": 3, "code": "USD"},
        "total_amount": amount(Decimal("0.10")),
        "state": "posted",
        "reference": "in_1",
        "create_date": moment(datetime(2026, 1, 1, tzinfo=UTC)),
        "write_date": moment(datetime(2026, 2, 2, tzinfo=UTC)),
        **changed,
    }


def row(stream: Any, document: dict[str, Any]) -> dict[str, Any]:
    """Return a document as a typed row."""
    (found,) = rows("tryton", stream, [Batch(stream.name, [document])])
    return found


def test_the_first_address_of_a_party_is_its_address() -> None:
    """It is the one Tryton shows, and the stamp covers it and the party alone."""
    found = row(tryton.PARTIES, party())

    assert found["email"] == "first@acme.example"
    assert found["write_stamp"] == (
        '{"party.contact_mechanism,2": "2", "party.party,7": "9"}'
    )


def test_a_party_never_written_since_changed_when_it_was_made() -> None:
    """Tryton has no time of writing then; its time of making stands in."""
    found = row(tryton.PARTIES, party())

    assert found["write_date"] == datetime(2026, 1, 2, 3, 4, 5, 678, UTC)


def test_an_identifier_for_tax_reports_goes_before_a_plain_one() -> None:
    """The typed one is the tax identifier, where there is one."""
    typed = {"id": 2, "code": "DE123"}

    assert row(tryton.PARTIES, party())["tax_identifier"] == "plain"
    assert (
        row(tryton.PARTIES, party(**{"tax_identifier.": typed}))["tax_identifier"]
        == "DE123"
    )


def test_an_amount_of_tryton_keeps_every_digit() -> None:
    """A decimal comes as its digits, and no float is on the way."""
    found = row(tryton.INVOICES, invoice(total_amount=amount(Decimal("12345678.90"))))

    assert found["total_amount"] == Decimal("12345678.90")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("total_amount", 0.1),
        ("total_amount", {"__class__": "date", "year": 1, "month": 1, "day": 1}),
        ("invoice_date", "2026-09-30"),
        ("invoice_date", {"__class__": "date", "year": 2026, "month": 13, "day": 1}),
        ("write_date", "2026-09-30T00:00:00"),
    ],
)
def test_a_value_of_another_kind_names_field_and_record(field: str, value: Any) -> None:
    """A changed type is an error in one sentence, never an empty or rounded cell."""
    with pytest.raises(Rejected, match=f"tryton account.invoice 1, field {field}: "):
        row(tryton.INVOICES, invoice(**{field: value}))
