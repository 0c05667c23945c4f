"""Stripe's raw tables after a day of loads are those of a warehouse built anew."""

from dataclasses import replace
from typing import Any

from ingestion import stripe


def alive(place: Any) -> dict[str, list[tuple[Any, ...]]]:
    """Return the rows of all tables that are not deleted, as Stripe tells them."""
    return {
        stream.name: place.rows(
            f"select {', '.join(stream.schema.names)} from raw_stripe.{stream.name}"
            " where not is_deleted order by id"
        )
        for stream in stripe.STREAMS
    }


def edited(place: Any, kind: str, record_id: str, /, **fields: Any) -> None:
    """Change a record as a person would."""
    place.store.update("stripe", kind, record_id, fields, actor="human", request_id="1")


def test_loads_that_follow_the_events_end_where_a_first_load_does(place: Any) -> None:
    """Edits, deletions and items that left: none is lost, and none of it lingers."""
    place.load("stripe")
    subscription = next(
        each
        for each in place.store.collection("stripe", "subscription")
        if len(each["items"]["data"]) > 1
    )
    items = {**subscription["items"], "data": subscription["items"]["data"][1:]}
    edited(place, "subscription", subscription["id"], items=items)
    edited(place, "customer", place.any_id("stripe", "customer"), name="New Inc.")
    for name in ("coupon", "invoiceitem", "invoice"):
        record_id = place.any_id("stripe", name)
        place.store.delete("stripe", name, record_id, actor="human", request_id="1")

    second = place.load("stripe")
    third = place.load("stripe")

    assert second["stripe", "subscription_items"].deleted == 1
    assert second["stripe", "invoices"].deleted == 1
    assert second["stripe", "invoice_lines"].deleted > 0
    assert {(one.changed, one.deleted) for one in third.values()} == {(0, 0)}
    anew = replace(
        place, warehouse=place.home / "anew.duckdb", home=place.home / "anew"
    )
    anew.load("stripe")
    assert alive(place) == alive(anew)


def test_a_second_load_of_stripe_reads_a_hundredth_of_the_first(place: Any) -> None:
    """What nobody changed is not read again, let alone written."""
    first = place.load("stripe")

    again = place.load("stripe")

    assert {one.load_id for one in again.values()} == {None}
    apart = {"meter_summaries"}
    read = [
        sum(one.read for (_, name), one in loaded.items() if name not in apart)
        for loaded in (first, again)
    ]
    assert read[1] * 100 < read[0]
