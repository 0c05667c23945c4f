"""The client chargebee 3.29.0, unmodified, at concord.chargebee.com over TLS."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from chargebee import (
    APIError,
    Chargebee,
    InvalidRequestError,
    OperationFailedError,
    PaymentError,
    UbbBatchIngestionInvalidRequestError,
)
from chargebee.retry_config import RetryConfig

pytestmark = pytest.mark.judge("chargebee 3.29.0")

CARD = {"number": "4111111111111111", "expiry_month": 12, "expiry_year": 2030}
BAD_CARD = {**CARD, "number": "4119862760338320"}
DAY = 86_400
EVERYTHING = (
    *("Customer", "ItemFamily", "Item", "ItemPrice", "Coupon", "Subscription"),
    *("Invoice", "CreditNote", "Transaction", "PaymentSource", "UnbilledCharge"),
    *("Usage", "Comment", "Event", "WebhookEndpoint"),
)


def paged(resource: Any, **params: Any) -> list[Any]:
    """Return all entries of a list, page by page."""
    entries: list[Any] = []
    offset: dict[str, str] = {}
    while True:
        told = resource.list({"limit": 7, **params, **offset})
        entries += told.list
        if not told.next_offset:
            return entries
        offset = {"offset": told.next_offset}


def subscribed(client: Chargebee, customer: str = "cust_00", **fields: Any) -> Any:
    """Subscribe a customer to the basic plan."""
    rows = [{"item_price_id": "basic-month"}, {"item_price_id": "calls-month"}]
    return client.Subscription.create_with_items(
        customer, {"subscription_items": rows, **fields}
    )


def test_it_signs_in(client: Chargebee) -> None:
    """Signs in with the site's key and reads one customer."""
    told = client.Customer.retrieve("cust_03")

    assert told.http_status_code == 200
    assert told.customer.company == "Customer 3"
    assert told.customer.meta_data == {"number": 3}


def test_a_foreign_key_is_an_api_error(judge: Callable[..., Chargebee]) -> None:
    """Signs in with a foreign key: the plainest APIError, 401."""
    with pytest.raises(APIError) as caught:
        judge("test_foreign").Customer.list()

    assert type(caught.value) is APIError
    assert caught.value.http_code == 401
    assert caught.value.api_error_code == "api_authentication_failed"


def test_it_pages_through_everything(client: Chargebee, served: Any) -> None:
    """Pages through every kind of record, seven at a time, and misses none."""
    customer = served.with_card()
    made = subscribed(client, customer)
    client.Comment.create(
        {"entity_type": "customer", "entity_id": customer, "notes": "Hello"}
    )
    client.UnbilledCharge.create(
        {
            "subscription_id": made.subscription.id,
            "charges": [{"amount": 100, "description": "Later"}],
        }
    )

    counted = {name: len(paged(getattr(client, name))) for name in EVERYTHING}

    assert counted == {
        "Customer": 26,
        "ItemFamily": 1,
        "Item": 4,
        "ItemPrice": 5,
        "Coupon": 0,
        "Subscription": 1,
        "Invoice": 1,
        "CreditNote": 0,
        "Transaction": 1,
        "PaymentSource": 1,
        "UnbilledCharge": 1,
        "Usage": 0,
        "Comment": 1,
        "Event": len(served.records("event")),
        "WebhookEndpoint": 0,
    }


def test_it_filters_by_the_time_of_change(client: Chargebee, served: Any) -> None:
    """Filters by updated_at and sorts by it: only what changed since comes back."""
    since = served.clock.seconds() - 1
    client.Customer.update("cust_05", {"company": "Changed"})

    told = client.Customer.list(
        {"updated_at": {"after": since}, "sort_by": {"asc": "updated_at"}}
    )
    between = client.Customer.list(
        {"updated_at": {"between": [since, since + 1]}, "id": {"in": ["cust_05", "x"]}}
    )

    assert [each.customer.id for each in told.list] == ["cust_05"]
    assert [each.customer.company for each in between.list] == ["Changed"]


def test_it_creates_updates_and_deletes(client: Chargebee) -> None:
    """Creates a customer, changes it and its address, deletes it, sees it deleted."""
    made = client.Customer.create(
        {
            "id": "new",
            "company": "Müller & Söhne",
            "billing_address": {"city": "Köln", "country": "DE"},
            "meta_data": json.dumps({"crm": "001"}),
        }
    )
    client.Customer.update("new", {"vat_number": "DE123456789"})
    client.Customer.update_billing_info("new", {"billing_address": {"city": "Bonn"}})
    read = client.Customer.retrieve("new").customer
    deleted = client.Customer.delete("new")
    shown = client.Customer.list({"id": {"is": "new"}, "include_deleted": True})

    assert made.customer.billing_address.city == "Köln"
    assert (read.vat_number, read.billing_address.city) == ("DE123456789", "Bonn")
    assert read.resource_version > made.customer.resource_version
    assert deleted.customer.deleted is True
    assert [each.customer.deleted for each in shown.list] == [True]


def test_an_upsert_is_a_create_and_then_an_update(client: Chargebee) -> None:
    """Upserts by a chosen id: duplicate_entry tells that it is there already."""
    client.Customer.create({"id": "crm_1", "company": "One"})
    with pytest.raises(InvalidRequestError) as caught:
        client.Customer.create({"id": "crm_1", "company": "Two"})

    client.Customer.update("crm_1", {"company": "Two"})

    assert (caught.value.api_error_code, caught.value.param) == (
        "duplicate_entry",
        "id",
    )
    assert client.Customer.retrieve("crm_1").customer.company == "Two"


def test_it_builds_a_catalogue(client: Chargebee) -> None:
    """Creates a family, an item, tiered prices and a coupon, and deletes them."""
    client.ItemFamily.create({"id": "f", "name": "Family"})
    client.Item.create(
        {"id": "i", "name": "Item", "type": "plan", "item_family_id": "f"}
    )
    tiers = [
        {"starting_unit": 1, "ending_unit": 10, "price": 100},
        {"starting_unit": 11, "price": 50},
    ]
    made = client.ItemPrice.create(
        {
            "id": "p",
            "name": "Price",
            "item_id": "i",
            "pricing_model": "tiered",
            "period": 1,
            "period_unit": "month",
            "currency_code": "USD",
            "tiers": tiers,
        }
    )
    coupon = client.Coupon.create_for_items(
        {
            "id": "half",
            "name": "Half",
            "discount_percentage": 50.0,
            "apply_on": "invoice_amount",
        }
    )
    rows = [{"item_price_id": "p", "quantity": 12}]
    sold = client.Subscription.create_with_items(
        "cust_00", {"subscription_items": rows, "coupon_ids": ["half"]}
    )
    archived = client.ItemPrice.delete("p").item_price

    assert [each.price for each in made.item_price.tiers] == [100, 50]
    assert coupon.coupon.discount_percentage == 50.0
    assert (sold.invoice.sub_total, sold.invoice.total) == (1100, 550)
    assert archived.status == "archived"


def test_a_replay_is_told_as_one(client: Chargebee, served: Any) -> None:
    """Sends a POST twice under one idempotency key: one effect, told as a replay."""
    headers = {"chargebee-idempotency-key": "k1"}
    first = client.Customer.create({"company": "Once"}, headers=dict(headers))
    again = client.Customer.create({"company": "Once"}, headers=dict(headers))
    with pytest.raises(InvalidRequestError):
        client.Customer.create({"company": "Other"}, headers=dict(headers))

    assert first.customer.id == again.customer.id
    assert (first.is_idempotency_replayed, again.is_idempotency_replayed) == (
        False,
        True,
    )
    assert len(served.records("customer")) == 26


def test_its_own_retries_have_one_effect(client: Chargebee, served: Any) -> None:
    """Retries by itself after a 503, under a key of its own: one effect."""
    client.update_retry_config(RetryConfig(enabled=True, max_retries=2, delay_ms=1))
    fault = {"system": "chargebee", "kind": "status", "status": 503, "method": "POST"}
    served.doors.control("faults", [fault])

    made = client.Customer.create({"company": "Once"})

    assert made.is_idempotency_replayed is False
    assert len(served.records("customer")) == 26
    assert len(served.records("_idempotency")) == 1


def test_the_rate_limit_is_an_operation_failed_error(
    client: Chargebee, served: Any
) -> None:
    """Hits the limit of a minute: OperationFailedError, 429, with Retry-After."""
    served.conditions(requests_per_minute=2)
    client.Customer.list()
    client.Customer.list()

    with pytest.raises(OperationFailedError) as caught:
        client.Customer.list()

    assert caught.value.http_code == 429
    assert caught.value.api_error_code == "api_request_limit_exceeded"
    assert caught.value.http_headers["retry-after"] == "60"


def test_every_error_class_is_its_own_exception(client: Chargebee, served: Any) -> None:
    """Each class of error arrives as the client's own exception type."""
    carded = served.with_card(BAD_CARD)
    with pytest.raises(PaymentError) as payment:
        subscribed(client, carded)
    with pytest.raises(InvalidRequestError) as unknown:
        client.Customer.retrieve("nobody")
    with pytest.raises(InvalidRequestError) as wrong:
        client.Customer.create({"email": "no address"})
    with pytest.raises(InvalidRequestError) as state:
        client.TimeMachine.start_afresh("delorean", {"genesis_time": 1})
    served.store.lock("chargebee", "customer", "cust_01", 30)
    with pytest.raises(OperationFailedError) as locked:
        client.Customer.update("cust_01", {"company": "X"})
    fault = {"system": "chargebee", "kind": "status", "status": 500}
    served.doors.control("faults", [fault])
    with pytest.raises(OperationFailedError) as broken:
        client.Customer.list()
    served.doors.control("faults", [{**fault, "status": 403}])
    with pytest.raises(APIError) as forbidden:
        client.Customer.list()

    told = [
        (each.value.http_code, each.value.api_error_code)
        for each in (payment, unknown, wrong, state, locked, broken, forbidden)
    ]
    assert told == [
        (402, "payment_processing_failed"),
        (404, "resource_not_found"),
        (400, "param_wrong_value"),
        (400, "invalid_state_for_request"),
        (409, "lock_timeout"),
        (500, "internal_error"),
        (403, "api_authorization_failed"),
    ]
    assert wrong.value.param == "email"


def test_ingestion_of_usage_events(client: Chargebee, served: Any) -> None:
    """Ingests usage events at the ingest host; a batch that fails has its own error."""
    subscription = subscribed(client).subscription.id
    event = {
        "deduplication_id": "d1",
        "subscription_id": subscription,
        "usage_timestamp": served.clock.seconds() * 1000,
        "properties": {"calls": 3},
    }
    taken = client.UsageEvent.create(event)
    batch = client.UsageEvent.batch_ingest(
        {"events": [event, {**event, "subscription_id": "x"}]}
    )
    with pytest.raises(UbbBatchIngestionInvalidRequestError) as caught:
        client.UsageEvent.batch_ingest({"events": [{**event, "usage_timestamp": 1}]})

    assert taken.usage_event.properties == {"calls": 3}
    assert [each["subscription_id"] for each in batch.failed_events] == ["x"]
    assert caught.value.batch_id.startswith("batch_")
    assert len(caught.value.failed_events) == 1
    assert len(served.records("_usage_event")) == 1
