"""Business Central is read whole: nothing lost, nothing altered, few calls."""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from dlt.common.normalizers.naming.snake_case import NamingConvention

from ingestion.errors import Refused
from ingestion.raw.typed import typed
from ingestion.readings import Batch, Step
from sandbox.credentials import Credentials
from tests.ingestion.accounts import (
    ONE,
    SETS,
    TWO,
    Account,
    Documents,
    account,
    arrived,
    company,
    german,
    item,
    walked,
)

LINES = {
    "sales_invoice_lines": ("sales_invoices", "salesInvoiceLines"),
    "sales_credit_memo_lines": ("sales_credit_memos", "salesCreditMemoLines"),
}
Opener = Callable[..., Account]


@pytest.fixture
def open_books(keys: Credentials) -> Iterator[Opener]:
    """Opens environments that hold the documents they are given."""
    with ExitStack() as opened:

        def open_them(held: Documents, **settings: str) -> Account:
            return opened.enter_context(
                account("business_central", held, keys, **settings)
            )

        yield open_them


@pytest.fixture
def books(open_books: Opener) -> Account:
    """The books of the German entity, with a payment that waits to be posted."""
    held = dict(german("business_central"))
    [journal] = held["customerPaymentJournals"]
    waiting = {
        "_etag": 'W/"1"',
        "_company": journal["_company"],
        "id": f"{9:08}-0000-0000-0000-000000000000",
        "journalId": journal["id"],
        "journalDisplayName": journal["displayName"],
        "lineNumber": 10_000,
        "customerId": held["customers"][0]["id"],
        "customerNumber": held["customers"][0]["number"],
        "postingDate": "2026-10-30",
        "documentNumber": "P-1",
        "externalDocumentNumber": "",
        "amount": Decimal("-100.10"),
        "appliesToInvoiceId": held["salesInvoices"][0]["id"],
        "appliesToInvoiceNumber": held["salesInvoices"][0]["number"],
        "description": "Paid",
        "comment": "",
        "lastModifiedDateTime": "2026-10-30T20:00:00.000Z",
    }
    return open_books({**held, "customerPayments": [waiting]})


def typed_as(value: Any, told: Any) -> Any:
    """Return what the vendor's JSON tells in the type of a raw column's value."""
    if isinstance(value, Decimal):
        return Decimal(str(told))
    if isinstance(value, datetime):
        return datetime.fromisoformat(told)
    return date.fromisoformat(told) if isinstance(value, date) else told


@pytest.mark.parametrize("stream", SETS)
def test_a_first_load_brings_every_record_as_it_is(books: Account, stream: str) -> None:
    """Each record arrives once, and each column holds what the record says."""
    found = books.rows(walked(books.rest, books.reading(stream)), stream)

    held = books.documents(SETS[stream])
    assert found
    assert found.keys() == held.keys()
    for record_id, row in found.items():
        document = held[record_id]
        assert row.get("company_id", row["id"]) == document["_company"]
        for column in books.streams[stream].columns:
            if column.path in document:
                value, told = row[column.name], document[str(column.path)]
                assert (column.path, value) == (column.path, typed_as(value, told))
        record = json.loads(row["record"])
        assert record.keys() == {"@odata.etag", *document} - {"_etag", "_company"}


@pytest.mark.parametrize("stream", LINES)
def test_lines_arrive_with_their_documents(books: Account, stream: str) -> None:
    """Every line of every document is there, and the document says nothing twice."""
    parent, name = LINES[stream]
    pages = walked(books.rest, books.reading(parent))

    held = books.documents(name)
    found = books.rows(pages, stream)
    assert {(key, row["document_id"]) for key, row in found.items()} == {
        (key, line["documentId"]) for key, line in held.items()
    }
    assert sum(row["amount_including_tax"] for row in found.values()) == sum(
        Decimal(str(line["amountIncludingTax"])) for line in held.values()
    )
    for row in books.rows(pages, parent).values():
        assert name not in json.loads(row["record"])


def test_every_stream_is_filled_by_a_walk_and_no_walk_fills_another(
    books: Account,
) -> None:
    """The walks fill the streams, each once, and only those."""
    walks = books.readings()
    filled = [name for each in walks for name in each.fills]

    came = {
        batch.stream
        for each in walks
        for batch in arrived(walked(books.rest, each), Batch)
    }

    assert sorted(filled) == sorted(books.streams)
    assert came == set(books.streams)


def test_a_first_load_makes_one_call_for_each_set(books: Account) -> None:
    """A page holds 20,000 records: here all of a set, lines included."""
    for each in books.readings():
        walked(books.rest, each)

    assert books.rest.requests == len(SETS)


def test_decimals_and_their_digits_are_kept(open_books: Opener) -> None:
    """Nine decimals are nine decimals, and 0.10 is not 0.1 in the record."""
    fine = {**item(1), "unitCost": Decimal("0.10")}
    books = open_books({"companies": [company(ONE, "One")], "items": [fine]})

    [row] = books.rows(walked(books.rest, books.reading("items")), "items").values()

    assert row["unit_price"] == Decimal("0.123456789")
    assert '"unitCost":0.10,' in row["record"]


def test_every_company_is_read_page_by_page(open_books: Opener) -> None:
    """A walk goes through the pages of one company and then of the next."""
    held = {
        "companies": [company(TWO, "Two"), company(ONE, "One")],
        "items": [
            *(item(number) for number in range(250)),
            *(item(number, owner=TWO) for number in range(300, 350)),
        ],
    }
    books = open_books(held)
    books.store.set_conditions({"business_central": {"page_size": 100}})

    pages = walked(books.rest, books.reading("items"))

    found = books.rows(pages, "items")
    assert len(pages) == 4
    assert sum(row["company_id"] == ONE for row in found.values()) == 250
    assert sum(row["company_id"] == TWO for row in found.values()) == 50


def test_a_walk_goes_on_where_another_process_stopped(open_books: Opener) -> None:
    """A place is all that the next process needs to know."""
    held = {
        "companies": [company(ONE, "One"), company(TWO, "Two")],
        "items": [
            *(item(number) for number in range(15)),
            item(30, owner=TWO),
        ],
    }
    books = open_books(held)
    books.store.set_conditions({"business_central": {"page_size": 10}})
    walk = books.reading("items")
    first = walk.fetch(Step(books.rest))

    with books.another() as other:
        second = walk.fetch(Step(other, first.next))
    with books.another() as other:
        third = walk.fetch(Step(other, second.next))

    assert third.next is None
    assert len(books.rows([first, second, third], "items")) == 16


def test_only_the_companies_that_are_named_are_read(open_books: Opener) -> None:
    """A company is named by its name or its id; demonstration companies stay out."""
    held = {
        "companies": [company(ONE, "One"), company(TWO, "CRONUS DE")],
        "items": [item(1), item(2, owner=TWO)],
    }

    for named in ("One", f" {ONE.upper()} ,"):
        books = open_books(held, BUSINESS_CENTRAL_COMPANIES=named)
        pages = walked(books.rest, books.reading("items"))
        listed = walked(books.rest, books.reading("companies"))

        assert list(books.rows(pages, "items")) == [item(1)["id"]]
        assert list(books.rows(listed, "companies")) == [ONE]


def test_a_company_that_is_not_there_is_named(open_books: Opener) -> None:
    """Its books would otherwise be missing without a word."""
    held = {"companies": [company(ONE, "One")]}
    books = open_books(held, BUSINESS_CENTRAL_COMPANIES="One,Three")

    with pytest.raises(Refused, match=r"Three.*BUSINESS_CENTRAL_COMPANIES"):
        walked(books.rest, books.reading("items"))


def test_an_environment_without_companies_has_no_records(open_books: Opener) -> None:
    """There is nothing to ask for."""
    books = open_books({})

    assert [page.arrivals for page in walked(books.rest, books.reading("items"))] == [
        []
    ]


def test_a_field_that_is_new_is_kept_and_disturbs_nothing(books: Account) -> None:
    """The whole record is kept as it came."""
    books.drift(object="salesInvoices", field="brand", change="added")

    pages = walked(books.rest, books.reading("sales_invoices"))

    found = books.rows(pages, "sales_invoices")
    assert found
    assert all("brand" in json.loads(row["record"]) for row in found.values())


def test_a_field_that_the_vendor_takes_away_is_named(books: Account) -> None:
    """A record without it does not fit, so that no column empties unseen."""
    books.drift(object="customers", field="taxRegistrationNumber", change="removed")
    [page] = walked(books.rest, books.reading("customers"))
    [batch] = arrived([page], Batch)

    table, unfit = typed("business_central", books.streams["customers"], batch)

    assert table.num_rows == 0
    assert {each.fault.field for each in unfit} == {"taxRegistrationNumber"}


def test_columns_are_named_as_the_warehouse_writes_them(books: Account) -> None:
    """Under another name a column would stay empty, and every record look changed."""
    naming = NamingConvention()

    names = [name for stream in books.streams.values() for name in stream.kinds]

    assert names == [naming.normalize_identifier(name) for name in names]
