"""A record that is gone becomes a tombstone, and comes back when it is there again."""

from typing import Any

import pytest

from ingestion.errors import Rejected


def test_what_salesforce_marks_as_deleted_becomes_a_tombstone(place: Any) -> None:
    """The record comes marked; its last values stay."""
    place.load("salesforce")
    record_id = place.any_id("salesforce", "contact")
    place.store.update(
        "salesforce",
        "contact",
        record_id,
        {"IsDeleted": True},
        actor="human",
        request_id="1",
    )

    place.load("salesforce")

    assert place.rows(
        "select is_deleted, email is not null from raw_salesforce.contacts"
        f" where id = '{record_id}'"
    ) == [(True, True)]


@pytest.mark.parametrize(
    ("system", "name", "table"),
    [
        ("stripe", "invoiceitem", "invoice_items"),
        ("netsuite", "invoice", "invoices"),
        ("netsuite", "payment_application", "payment_applications"),
    ],
)
def test_what_is_not_listed_any_more_becomes_a_tombstone(
    place: Any, system: str, name: str, table: str
) -> None:
    """Where nobody tells of a deletion, the sweep finds it; the last values stay."""
    first = place.load(system)
    record_id = place.any_id(system, name)
    place.store.delete(system, name, record_id, actor="human", request_id="1")

    place.age(system)

    second = place.load(system)
    place.age(system)
    third = place.load(system)

    assert second[system, table].deleted == 1
    assert second[system, table].rows == first[system, table].rows - 1
    assert third[system, table].deleted == 0
    [(found, record)] = place.rows(
        f"select id, record from raw_{system}.{table} where is_deleted"
    )
    assert record
    assert name == "payment_application" or found == record_id


def test_a_record_that_comes_back_is_alive_again(place: Any) -> None:
    """A tombstone is lifted when the record is listed once more."""
    place.load("stripe")
    coupons = place.store.collection("stripe", "coupon")
    record_id = place.any_id("stripe", "coupon")
    document = coupons.get(record_id)
    place.store.drop("stripe", "coupon", record_id)
    place.age("stripe")
    place.load("stripe")
    place.store.keep("stripe", "coupon", document)
    place.age("stripe")

    place.load("stripe")

    assert place.rows("select count(*) from raw_stripe.coupons where is_deleted") == [
        (0,)
    ]


def test_a_listing_that_lost_a_fifth_is_not_believed(place: Any) -> None:
    """A broken listing does not bury the customers: a person looks first."""
    place.load("netsuite")
    place.age("netsuite")
    before = place.contents("netsuite")["invoices"]
    invoices = place.store.collection("netsuite", "invoice")
    for record_id in invoices.ids()[:40]:
        place.store.drop("netsuite", "invoice", record_id)

    with pytest.raises(Rejected, match=r"netsuite transaction: 40 of \d+ records"):
        place.load("netsuite")

    assert place.contents("netsuite")["invoices"] == before
