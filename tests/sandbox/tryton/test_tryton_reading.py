"""Reading Tryton: what was entered through its API arrives as typed rows."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import httpx
import pytest

from ingestion import tryton
from ingestion.errors import Refused, Transient
from ingestion.readings import Batch, Gone
from ingestion.streams import Stream
from ingestion.tryton_rpc import RPC, call
from tests.sandbox.tryton.support import ERP, Real
from tests.walking import followed, rows, walked

pytestmark = pytest.mark.slow


def loaded(real: Real, stream: Stream) -> list[dict[str, Any]]:
    """Return the rows of one stream."""
    with tryton.client(real.environ) as rest:
        return rows("tryton", stream, walked(tryton, rest))


def test_tryton_parties_arrive_as_they_were_entered(real: Real) -> None:
    """A row holds what Tryton's own API says about the customer."""
    codes = ["cus_1", "cus_2", "cus_3", "CUST4", "cus_5"]
    shown = real.colleague.search_read(
        "party.party", [["code", "in", codes]], ["code", "name", "email"]
    )

    found = {row["code"]: row for row in loaded(real, tryton.PARTIES)}

    assert {
        party["code"]: (party["name"], party["email"] or None) for party in shown
    } == {code: (found[code]["name"], found[code]["email"]) for code in codes}
    assert [party["name"] for party in shown] == [
        customer["companyname"] for customer in ERP.customers
    ]
    assert found["cus_3"]["email"] is None


def test_tryton_tax_identifiers_arrive_with_and_without_a_type(real: Real) -> None:
    """A number that Tryton checked and one that it took as plain code are both read."""
    found = {row["code"]: row["tax_identifier"] for row in loaded(real, tryton.PARTIES)}

    assert found["cus_1"] == "12-3456789"
    assert found["cus_2"] == "DE123456789"
    assert found["cus_3"] is None
    assert found["cus_5"] == "00-0000000"


def test_the_company_is_no_customer_of_itself(real: Real) -> None:
    """Tryton keeps the company as a party too; it is left out."""
    names = {row["name"] for row in loaded(real, tryton.PARTIES)}
    (company,) = real.colleague.search_read("company.company", [], ["rec_name"])

    assert company["rec_name"] not in names


def test_tryton_invoices_arrive_exactly(real: Real) -> None:
    """Amounts keep every digit, in currencies with and without minor units."""
    found = {
        row["reference"]: (
            row["number"],
            row["invoice_date"],
            row["currency"],
            row["total_amount"],
            row["state"],
        )
        for row in loaded(real, tryton.INVOICES)
        if row["number"] and row["number"].startswith("INV-")
    }

    assert found == {
        "in_10": ("INV-10", date(2026, 9, 15), "USD", Decimal("99.99"), "paid"),
        "in_11": ("INV-11", date(2026, 9, 15), "EUR", Decimal("0.01"), "cancelled"),
        "in_12": ("INV-12", date(2026, 10, 1), "USD", Decimal("1200.10"), "posted"),
        "in_13": ("INV-13", date(2026, 2, 28), "JPY", Decimal(123456), "posted"),
        "in_14": (
            "INV-14",
            date(2025, 12, 31),
            "GBP",
            Decimal("8765432.10"),
            "posted",
        ),
        "in_15": ("INV-15", date(2031, 1, 15), "USD", Decimal(7), "posted"),
    }


def test_an_invoice_names_its_party(real: Real) -> None:
    """The party of an invoice is the id of a party's row."""
    party = {row["id"]: row["code"] for row in loaded(real, tryton.PARTIES)}

    owed_by = {
        row["reference"]: party[row["party"]] for row in loaded(real, tryton.INVOICES)
    }

    assert owed_by["in_12"] == "cus_1"
    assert owed_by["in_14"] == "CUST4"


def test_only_changed_tryton_invoices_are_read_again(real: Real) -> None:
    """After the first load only what changed is read, until the next sweep."""
    begin = datetime.now(UTC)
    (changed,) = real.colleague.model(
        "account.invoice", "search", [["reference", "=", "in_13"]]
    )
    real.colleague.model("account.invoice", "write", [changed], {"comment": "Called."})

    with tryton.client(real.environ) as rest:
        arrived = walked(tryton, rest, {"invoices": begin})

    read = [
        document["id"]
        for each in arrived
        if isinstance(each, Batch) and each.stream == "invoices"
        for document in each.documents
    ]
    assert read == [changed]


def test_tryton_records_are_read_by_identifier(real: Real) -> None:
    """Those that exist arrive, and the others are told as gone."""
    known = {row["reference"]: row["id"] for row in loaded(real, tryton.INVOICES)}

    with tryton.client(real.environ) as rest:
        batch, gone = followed(
            tryton.named("invoices", [known["in_10"], "999999"]), rest
        )

    assert isinstance(batch, Batch)
    assert [str(each["id"]) for each in batch.documents] == [known["in_10"]]
    assert gone == Gone("invoices", ["999999"])


def test_an_edited_address_moves_the_stamp_of_its_party(real: Real) -> None:
    """The write stamp covers the e-mail address, a record beside the party."""
    real.add_party("stamped", "old@stamped.example")
    before = _row(real, "stamped")

    real.edit_email("stamped", "new@stamped.example")

    after = _row(real, "stamped")
    assert after["email"] == "new@stamped.example"
    assert after["write_date"] == before["write_date"]
    assert after["write_stamp"] != before["write_stamp"]


def test_a_tryton_record_reads_the_same_twice(real: Real) -> None:
    """Two loads of an unchanged party give the same text, byte for byte."""
    assert _row(real, "cus_1") == _row(real, "cus_1")


def test_an_ended_session_is_begun_again(real: Real) -> None:
    """Tryton ends sessions that rest for minutes; reading goes on with another."""
    with tryton.client(real.environ) as rest:
        walked(tryton, rest)
        session = rest._auth.headers(rest._client)
        end = call("common.db.logout")
        httpx.post(rest.base_url + RPC, json=end, headers=session).raise_for_status()

        again = walked(tryton, rest)

    assert again


def test_a_wrong_tryton_password_is_refused_in_one_sentence(real: Real) -> None:
    """The sentence names the settings to look at."""
    environ = real.environ | {"TRYTON_PASSWORD": "wrong"}

    with tryton.client(environ) as rest, pytest.raises(Refused) as refused:
        walked(tryton, rest)

    assert str(refused.value) == (
        "tryton company.company: user and password were not accepted;"
        " check TRYTON_USER and TRYTON_PASSWORD, then run again."
    )


def test_an_unknown_tryton_database_is_refused(real: Real) -> None:
    """A typing error in the database's name is told as one."""
    environ = real.environ | {"TRYTON_DATABASE": "nobodys"}

    with tryton.client(environ) as rest, pytest.raises(Refused, match="no such data"):
        walked(tryton, rest)


def test_an_absent_tryton_server_is_transient(real: Real) -> None:
    """A server that cannot be reached is asked again by the next run."""
    environ = real.environ | {"TRYTON_URL": "http://127.0.0.1:9"}
    rest = tryton.client(environ)
    rest._pause = lambda _seconds: None

    with rest, pytest.raises(Transient, match="TRYTON_URL"):
        walked(tryton, rest)


def test_what_a_role_may_not_read_is_refused(real: Real) -> None:
    """A user without rights is told so, not shown an empty company."""
    real.colleague.create(
        "res.user", {"name": "Guest", "login": "guest", "password": "guest-room-7"}
    )
    environ = real.environ | {"TRYTON_USER": "guest", "TRYTON_PASSWORD": "guest-room-7"}

    with tryton.client(environ) as rest, pytest.raises(Refused, match="not allowed"):
        walked(tryton, rest)


def _row(real: Real, code: str) -> dict[str, Any]:
    (found,) = [row for row in loaded(real, tryton.PARTIES) if row["code"] == code]
    return found
