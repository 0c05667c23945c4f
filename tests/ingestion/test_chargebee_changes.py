"""Chargebee is read by change: little is asked, and what is deleted is seen."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta

import pytest

from ingestion import chargebee
from ingestion.readings import Batch, Children, Gone, Known
from sandbox.credentials import Credentials
from tests.ingestion.accounts import (
    LISTS,
    START,
    Account,
    Documents,
    account,
    arrived,
    customer,
    german,
    walked,
)

# The lists of the vendor's client that take `include_deleted` (3.29.0, `ListParams`).
SHOW_DELETED = {
    *("customers", "subscriptions", "invoices", "credit_notes", "transactions"),
}

Opener = Callable[[Documents], Account]


@pytest.fixture
def open_site(keys: Credentials) -> Iterator[Opener]:
    """Opens sites that hold the documents they are given."""
    with ExitStack() as opened:
        yield lambda held: opened.enter_context(account("chargebee", held, keys))


@pytest.fixture
def site(open_site: Opener) -> Account:
    """The site of the German entity."""
    return open_site(german("chargebee"))


def test_a_load_of_nothing_new_makes_one_call_for_each_list(site: Account) -> None:
    """What has not changed is not read again."""
    since = START - timedelta(minutes=15)

    pages = [
        page
        for each in site.readings(site.quiet())
        for page in walked(site.rest, each, since)
    ]

    assert site.rest.requests == len(LISTS)
    assert not any(batch.documents for batch in arrived(pages, Batch))


@pytest.mark.parametrize("stream", LISTS)
def test_a_change_in_the_very_second_of_the_position_arrives(
    site: Account, stream: str
) -> None:
    """`after` leaves its own second out; we do not."""
    kind = LISTS[stream]
    changed = next(iter(site.documents(kind)))
    site.clock.advance(0.9)
    site.edit(kind, changed, note_of_ours="changed")

    found = site.rows(
        walked(site.rest, site.reading(stream, site.quiet()), START), stream
    )

    assert set(found) == {changed}


def test_a_window_is_bound_at_both_ends(open_site: Opener) -> None:
    """What changed before or after it is not read; what changed at its ends is."""
    at = int(START.timestamp())
    days = [customer(number, at + number * 86_400) for number in range(6)]
    site = open_site({"customer": days})
    since, until = START + timedelta(days=1), START + timedelta(days=3)
    walk = site.reading("customers")

    both = site.rows(walked(site.rest, walk, since, until), "customers")
    late = site.rows(walked(site.rest, walk, since), "customers")
    early = site.rows(walked(site.rest, walk, None, until), "customers")

    assert sorted(both) == ["cust_0001", "cust_0002", "cust_0003"]
    assert sorted(late) == [f"cust_{number:04}" for number in (1, 2, 3, 4, 5)]
    assert sorted(early) == [f"cust_{number:04}" for number in (0, 1, 2, 3)]


def test_a_deleted_record_arrives_marked_and_its_parts_are_gone(site: Account) -> None:
    """The list tells of the deletion; what stood in the record went with it."""
    deleted = next(iter(site.documents("subscription")))
    site.edit("subscription", deleted, deleted=True)

    pages = walked(site.rest, site.reading("subscriptions", site.quiet()), START)

    assert site.rows(pages, "subscriptions")[deleted]["is_deleted"] is True
    assert site.rows(pages, "subscription_items") == {}
    assert arrived(pages, Children) == [
        Children("subscription_items", "subscription_id", [deleted]),
        Children("subscription_coupons", "subscription_id", [deleted]),
    ]


@pytest.mark.parametrize("stream", sorted(LISTS.keys() - SHOW_DELETED))
def test_a_list_that_shows_no_deleted_records_is_read_whole_once_a_day(
    site: Account, stream: str
) -> None:
    """Before that it is asked for changes only; what is missing then is gone."""
    kind = LISTS[stream]
    deleted = next(iter(site.documents(kind)))
    site.edit(kind, deleted, deleted=True)
    known = site.quiet()
    tomorrow = Known(START + timedelta(days=1), known.since, known.swept)

    soon = site.reading(stream, known)
    due = site.reading(stream, tomorrow)

    assert soon.lists == ()
    assert due.lists == due.fills
    found = site.rows(walked(site.rest, due, START + timedelta(hours=1)), stream)
    assert set(found) == site.documents(kind).keys() - {deleted}


@pytest.mark.parametrize("stream", sorted(SHOW_DELETED))
def test_a_list_that_shows_deleted_records_is_whole_only_the_first_time(
    site: Account, stream: str
) -> None:
    """After that its deletions are told."""
    first = site.reading(stream)
    later = Known(START + timedelta(days=90), site.quiet().since, site.quiet().swept)

    assert first.lists == first.fills
    assert site.reading(stream, later).lists == ()


def test_a_stream_of_parts_that_is_not_known_yet_makes_its_list_whole(
    site: Account,
) -> None:
    """A new table gets the rows of all records, not only of those that change."""
    since = {name: START for name in site.streams if name != "invoice_lines"}

    assert site.reading("invoices", Known(START, since)).lists == (
        "invoices",
        "invoice_lines",
    )


def test_named_records_come_and_those_that_are_not_there_are_gone(
    site: Account,
) -> None:
    """The walk over some records brings them and what stands in them, fifty a call."""
    kept, marked = list(site.documents("invoice"))[:2]
    site.edit("invoice", marked, deleted=True)
    strange = 'in_"),("'
    others = [f"in_{number}" for number in range(60)]

    walk = chargebee.named("invoices", [kept, kept, strange, *others, marked])
    pages = walked(site.rest, walk)

    found = site.rows(pages, "invoices")
    assert {each: row["is_deleted"] for each, row in found.items()} == {
        kept: False,
        marked: True,
    }
    lines = site.rows(pages, "invoice_lines")
    assert {row["invoice_id"] for row in lines.values()} == {kept}
    gone = [each for told in arrived(pages, Gone) for each in told.ids]
    assert sorted(gone) == sorted([strange, *others])
    assert site.rest.requests == 2


def test_what_has_no_list_of_its_own_cannot_be_named() -> None:
    """A line is read with its invoice."""
    with pytest.raises(KeyError):
        chargebee.named("invoice_lines", ["li_1"])


def test_nothing_is_asked_for_where_nobody_is_named(site: Account) -> None:
    """An empty list of ids is not the list of all records."""
    pages = walked(site.rest, chargebee.named("customers", []))

    assert [page.arrivals for page in pages] == [[]]
    assert site.rest.requests == 0
