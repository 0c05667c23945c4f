"""Chargebee is read whole: nothing lost, nothing altered, a call for each page."""

import json
import math
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import datetime

import pytest

from ingestion.errors import Refused
from ingestion.raw.typed import typed
from ingestion.readings import Batch, Step
from sandbox.credentials import Credentials
from tests.ingestion.accounts import (
    LISTS,
    START,
    Account,
    Documents,
    account,
    customer,
    german,
    walked,
)

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


@pytest.mark.parametrize(("stream", "kind"), LISTS.items())
def test_a_first_load_brings_every_record_as_it_is(
    site: Account, stream: str, kind: str
) -> None:
    """Each record arrives once, digit by digit, and its page holds nothing else."""
    found = site.rows(walked(site.rest, site.reading(stream)), stream)

    held = site.documents(kind)
    assert found
    assert {each: json.loads(row["record"]) for each, row in found.items()} == held
    for record_id, row in found.items():
        document = held[record_id]
        for name, value in row.items():
            if isinstance(document.get(name), int | str) and name != "id":
                seen = int(value.timestamp()) if isinstance(value, datetime) else value
                assert (name, seen) == (name, document[name])


def test_all_streams_are_filled_and_their_amounts_are_the_documents(
    site: Account,
) -> None:
    """What stands in a record arrives under its id, in whole minor units."""
    lines = site.rows(walked(site.rest, site.reading("invoices")), "invoice_lines")
    items = site.rows(
        walked(site.rest, site.reading("subscriptions")), "subscription_items"
    )
    taken = walked(site.rest, site.reading("credit_notes"))
    paid = walked(site.rest, site.reading("transactions"))

    invoices = site.documents("invoice")
    assert {
        (row["invoice_id"], row["id"], row["amount"], row["discount_amount"])
        for row in lines.values()
    } == {
        (key, line["id"], line["amount"], line["discount_amount"])
        for key, invoice in invoices.items()
        for line in invoice["line_items"]
    }
    assert {
        (row["subscription_id"], row["item_price_id"], row["quantity"])
        for row in items.values()
    } == {
        (key, item["item_price_id"], item.get("quantity"))
        for key, subscription in site.documents("subscription").items()
        for item in subscription["subscription_items"]
    }
    notes = site.documents("credit_note")
    assert {
        row["credit_note_id"] for row in site.rows(taken, "credit_note_lines").values()
    }
    assert sum(
        row["amount"] for row in site.rows(taken, "credit_note_lines").values()
    ) == sum(line["amount"] for note in notes.values() for line in note["line_items"])
    assert sum(
        row["applied_amount"]
        for row in site.rows(paid, "transaction_invoices").values()
    ) == sum(
        link["applied_amount"]
        for each in site.documents("transaction").values()
        for link in each.get("linked_invoices", ())
    )


def test_every_stream_is_filled_by_a_walk_and_no_walk_fills_another(
    site: Account,
) -> None:
    """The walks fill the streams, each once, and only those."""
    filled = [name for each in site.readings() for name in each.fills]
    arrived = {
        arrival.stream
        for each in site.readings()
        for page in walked(site.rest, each)
        for arrival in page.arrivals
    }

    assert sorted(filled) == sorted(site.streams)
    assert arrived == set(site.streams)


def test_a_first_load_makes_a_call_for_each_hundred_records(site: Account) -> None:
    """No page is smaller than it may be, and none is asked for twice."""
    for each in site.readings():
        walked(site.rest, each)

    numbers = [len(site.documents(kind)) for kind in LISTS.values()]
    assert site.rest.requests == sum(max(1, math.ceil(each / 100)) for each in numbers)


def test_records_of_one_second_all_arrive_over_the_borders_of_pages(
    open_site: Opener,
) -> None:
    """A page that ends within a second goes on within it."""
    at = int(START.timestamp())
    site = open_site({"customer": [customer(number, at) for number in range(250)]})

    pages = walked(site.rest, site.reading("customers"))

    assert len(pages) == 3
    assert len(site.rows(pages, "customers")) == 250


def test_a_record_that_moves_while_it_is_read_hides_no_other(
    open_site: Opener,
) -> None:
    """It is seen again at the end, as it is then, and its neighbours are all there."""
    at = int(START.timestamp()) - 1000
    site = open_site({"customer": [customer(each, at + each) for each in range(250)]})
    walk = site.reading("customers")
    first = walk.fetch(Step(site.rest))
    for number in range(60):
        site.edit("customer", f"cust_{number:04}", company="Moved Inc.")

    pages = [first]
    while pages[-1].next is not None:
        pages.append(walk.fetch(Step(site.rest, pages[-1].next)))

    found = site.rows(pages, "customers")
    assert len(found) == 250
    moved = {each for each, row in found.items() if row["company"] == "Moved Inc."}
    assert moved == {f"cust_{number:04}" for number in range(60)}


def test_a_walk_goes_on_where_another_process_stopped(open_site: Opener) -> None:
    """A place is all that the next process needs to know."""
    at = int(START.timestamp()) - 1000
    site = open_site({"customer": [customer(each, at + each) for each in range(250)]})
    walk = site.reading("customers")
    first = walk.fetch(Step(site.rest))

    with site.another() as other:
        second = walk.fetch(Step(other, first.next))
        third = walk.fetch(Step(other, second.next))

    assert third.next is None
    assert len(site.rows([first, second, third], "customers")) == 250


def test_a_field_that_is_new_is_kept_and_disturbs_nothing(site: Account) -> None:
    """The whole record is kept as it came."""
    site.drift(object="invoice", field="brand_id", change="added")

    found = site.rows(walked(site.rest, site.reading("invoices")), "invoices")

    assert all("brand_id" in json.loads(row["record"]) for row in found.values())


def test_a_field_that_the_vendor_takes_away_is_named(site: Account) -> None:
    """A record without it does not fit, so that no column empties unseen."""
    site.drift(object="invoice", field="sub_total", change="removed")
    [page] = walked(site.rest, site.reading("invoices"))
    batch = page.arrivals[0]
    assert isinstance(batch, Batch)

    table, unfit = typed("chargebee", site.streams["invoices"], batch)

    assert table.num_rows == 0
    assert {each.fault.field for each in unfit} == {"sub_total"}


def test_lines_that_are_no_list_any_more_end_the_walk(site: Account) -> None:
    """Without that, all lines of all invoices would be gone."""
    site.drift(object="invoice", field="line_items", change="retyped", type="string")

    with pytest.raises(Refused) as caught:
        walked(site.rest, site.reading("invoices"))

    assert caught.value.field == "line_items"
