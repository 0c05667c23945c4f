"""Business Central is read by change; what is deleted is found once a day."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import datetime, timedelta

import pytest

from ingestion import business_central
from ingestion.errors import Refused
from ingestion.readings import Batch, Children, Gone, Known, Step
from sandbox.credentials import Credentials
from tests.ingestion.accounts import (
    ONE,
    SETS,
    START,
    TWO,
    Account,
    account,
    arrived,
    company,
    german,
    item,
    walked,
)

BY_CHANGE = [name for name in SETS if name not in {"companies", "customer_payments"}]

Opener = Callable[..., Account]


@pytest.fixture
def open_books(keys: Credentials) -> Iterator[Opener]:
    """Opens environments that hold the documents they are given."""
    with ExitStack() as opened:
        yield lambda held: opened.enter_context(account("business_central", held, keys))


@pytest.fixture
def books(open_books: Opener) -> Account:
    """The books of the German entity."""
    return open_books(german("business_central"))


def items(open_books: Opener, numbers: range, step: timedelta) -> Account:
    """Open the books of one company whose items changed one after the other."""
    held = [item(number, START + number * step) for number in numbers]
    books = open_books({"companies": [company(ONE, "One")], "items": held})
    books.store.set_conditions({"business_central": {"page_size": 100}})
    return books


def test_a_load_of_nothing_new_makes_one_call_for_each_set(books: Account) -> None:
    """What has not changed is not read again, and companies are asked for once."""
    since = START - timedelta(minutes=15)

    pages = [
        page
        for each in books.readings(books.quiet())
        for page in walked(books.rest, each, since)
    ]

    assert books.rest.requests == len(SETS)
    assert [batch.stream for batch in arrived(pages, Batch) if batch.documents] == [
        "companies"
    ]


@pytest.mark.parametrize("stream", BY_CHANGE)
def test_a_change_in_the_very_moment_of_the_position_arrives(
    books: Account, stream: str
) -> None:
    """The bound belongs to what is asked for, to the millisecond."""
    name = SETS[stream]
    changed = next(iter(books.documents(name)))
    books.clock.advance(0.0014)
    since = books.clock.now()
    books.edit(name, changed, displayName="Corrected Inc.", description="Corrected")

    walk = books.reading(stream, books.quiet())
    found = books.rows(walked(books.rest, walk, since), stream)

    assert set(found) == {changed}


def test_records_of_one_moment_all_arrive_over_the_borders_of_pages(
    open_books: Opener,
) -> None:
    """A page that ends within a moment goes on within it."""
    books = items(open_books, range(250), timedelta())

    pages = walked(books.rest, books.reading("items", books.quiet()), START)

    assert len(pages) == 3
    assert len(books.rows(pages, "items")) == 250


def test_a_record_that_moves_while_it_is_read_hides_no_other(
    open_books: Opener,
) -> None:
    """It is seen again at the end, as it is then, and its neighbours are all there."""
    books = items(open_books, range(250), timedelta(milliseconds=1))
    walk = books.reading("items", books.quiet())
    first = walk.fetch(Step(books.rest, None, START))
    books.clock.advance(60)
    for number in range(60):
        books.edit("items", item(number)["id"], displayName="Moved")

    pages = [first]
    while pages[-1].next is not None:
        pages.append(walk.fetch(Step(books.rest, pages[-1].next, START)))

    found = books.rows(pages, "items")
    assert len(found) == 250
    assert sum(row["display_name"] == "Moved" for row in found.values()) == 60


def test_a_window_is_bound_at_both_ends(open_books: Opener) -> None:
    """What changed before or after it is not read; what changed at its ends is."""
    books = items(open_books, range(6), timedelta(days=1))
    since, until = START + timedelta(days=1), START + timedelta(days=3)

    def numbers(first: datetime | None, last: datetime | None) -> list[str]:
        # As the core asks for a window: everything is known, nothing was swept.
        asked = dict.fromkeys(books.streams, first) if first else {}
        known = Known(START, {name: at for name, at in asked.items() if at})
        pages = walked(books.rest, books.reading("items", known), first, last)
        return sorted(row["number"] for row in books.rows(pages, "items").values())

    assert numbers(since, until) == ["I0001", "I0002", "I0003"]
    assert numbers(None, until) == ["I0000", "I0001", "I0002", "I0003"]


def test_a_changed_document_arrives_with_its_lines_and_others_of_it_are_gone(
    books: Account,
) -> None:
    """A line that was taken out of a document is not listed with it any more."""
    line = next(iter(books.documents("salesInvoiceLines").values()))
    books.delete("salesInvoiceLines", line["id"])
    books.edit("salesInvoices", line["documentId"], status="Open")

    walk = books.reading("sales_invoices", books.quiet())
    pages = walked(books.rest, walk, START)

    left = [
        each["id"]
        for each in books.documents("salesInvoiceLines").values()
        if each["documentId"] == line["documentId"]
    ]
    assert sorted(books.rows(pages, "sales_invoice_lines")) == sorted(left)
    assert arrived(pages, Children) == [
        Children("sales_invoice_lines", "document_id", [line["documentId"]])
    ]


@pytest.mark.parametrize("stream", BY_CHANGE)
def test_everything_is_read_when_that_is_due(books: Account, stream: str) -> None:
    """Deletions are told nowhere; of the ledger nothing is deleted from day to day."""
    name = SETS[stream]
    deleted = next(iter(books.documents(name)))
    books.delete(name, deleted)
    known = books.quiet()
    days = 7 if stream == "general_ledger_entries" else 1

    soon = books.reading(stream, Known(START, known.since, known.swept))
    almost = START + timedelta(days=days, hours=-2)
    early = books.reading(stream, Known(almost, known.since, known.swept))
    late = START + timedelta(days=days)
    due = books.reading(stream, Known(late, known.since, known.swept))

    assert soon.lists == early.lists == ()
    assert due.lists == due.fills
    found = books.rows(walked(books.rest, due, START + timedelta(hours=1)), stream)
    assert set(found) == books.documents(name).keys()


def test_payments_that_wait_are_listed_in_every_load(books: Account) -> None:
    """Posting takes them away; nothing tells of it."""
    assert books.reading("customer_payments", books.quiet()).lists == (
        "customer_payments",
    )


def test_lines_that_are_not_known_yet_make_their_documents_whole(
    books: Account,
) -> None:
    """A new table gets the rows of all documents, not only of those that change."""
    known = books.quiet()
    since = {name: at for name, at in known.since.items() if "lines" not in name}

    walk = books.reading("sales_invoices", Known(START, since, known.swept))

    assert walk.lists == ("sales_invoices", "sales_invoice_lines")


def test_named_records_come_from_any_company_and_others_are_gone(
    open_books: Opener,
) -> None:
    """The walk over some records finds them where they are, thirty in a call."""
    held = {
        "companies": [company(ONE, "One"), company(TWO, "Two")],
        "items": [item(1), item(2, owner=TWO), item(3)],
    }
    books = open_books(held)
    absent = [item(number)["id"] for number in range(100, 140)]
    strange = f"{ONE} or number ne ''"
    ids = [item(1)["id"], item(2)["id"].upper(), strange, *absent]

    pages = walked(books.rest, business_central.named("items", ids))

    found = books.rows(pages, "items")
    assert {row["number"]: row["company_id"] for row in found.values()} == {
        "I0001": ONE,
        "I0002": TWO,
    }
    gone = [each for told in arrived(pages, Gone) for each in told.ids]
    assert sorted(gone) == sorted([strange, *absent])
    assert books.rest.requests == 1 + 2 * 2


def test_a_named_document_comes_with_its_lines(books: Account) -> None:
    """And one that is gone takes its lines with it."""
    invoice = next(iter(books.documents("salesInvoices")))
    books.delete("salesInvoices", invoice)
    kept = next(iter(books.documents("salesInvoices")))

    walk = business_central.named("sales_invoices", [kept, invoice])
    pages = walked(books.rest, walk)

    lines = books.rows(pages, "sales_invoice_lines")
    assert {row["document_id"] for row in lines.values()} == {kept}
    assert arrived(pages, Gone) == [Gone("sales_invoices", [invoice])]
    parents = [each for told in arrived(pages, Children) for each in told.parents]
    assert sorted(parents) == sorted([kept, invoice])


def test_what_has_no_set_of_its_own_cannot_be_named() -> None:
    """A line is read with its document."""
    with pytest.raises(KeyError):
        business_central.named("sales_invoice_lines", [ONE])


def test_a_token_that_ends_within_a_walk_is_renewed(open_books: Opener) -> None:
    """The page that was refused is asked for again, with a new token."""
    books = items(open_books, range(250), timedelta())
    walk = books.reading("items")
    first = walk.fetch(Step(books.rest))
    books.clock.advance(2 * 3600)

    second = walk.fetch(Step(books.rest, first.next))
    third = walk.fetch(Step(books.rest, second.next))

    assert third.next is None
    assert len(books.rows([first, second, third], "items")) == 250


def test_a_time_of_change_that_is_not_known_any_more_is_named(books: Account) -> None:
    """The filter cannot be understood: the walk ends, and says by which field."""
    books.drift(object="customers", field="lastModifiedDateTime", change="removed")

    with pytest.raises(Refused) as caught:
        walked(books.rest, books.reading("customers", books.quiet()), START)

    assert caught.value.field == "lastModifiedDateTime"
