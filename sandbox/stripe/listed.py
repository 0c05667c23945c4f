"""Listed: which objects Stripe lists, by what they are narrowed, and their indexes."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from sandbox.store import Store
from sandbox.stripe.parameters import (
    PAGING,
    Fields,
    Read,
    choice,
    currency,
    flag,
    group,
    lowered,
    several,
    span,
    text,
)


@dataclass(frozen=True, slots=True)
class Listed:
    """How one object is listed.

    Attributes:
        path: its path below /v1.
        filters: {parameter: where its value stands in the document, with dots}.
        ranged: the parameters that compare instants, such as `created`.
        read: readers of filters that aren't texts, and of parameters with a meaning
            of their own.
        stamp: the field by which the list is ordered.
    """

    path: str
    filters: Mapping[str, str] = field(default_factory=dict)
    ranged: tuple[str, ...] = ("created",)
    read: Mapping[str, Read] = field(default_factory=dict)
    stamp: str = "created"

    @property
    def fields(self) -> Fields:
        """The parameters that the list takes."""
        return {
            **PAGING,
            **dict.fromkeys(self.filters, text()),
            **dict.fromkeys(self.ranged, span),
            **self.read,
        }


_CUSTOMER = {"customer": "customer"}
_CHARGED = {"charge": "charge", "payment_intent": "payment_intent"}
_STATUSES = (
    *("active", "all", "canceled", "ended", "incomplete", "incomplete_expired"),
    *("past_due", "paused", "trialing", "unpaid"),
)
LISTS: Mapping[str, Listed] = {
    "customer": Listed("customers", {"email": "email", "test_clock": "test_clock"}),
    "product": Listed(
        "products",
        {"url": "url", "active": "active"},
        read={"active": flag, "ids": several(text())},
    ),
    "price": Listed(
        "prices",
        {
            "product": "product",
            "currency": "currency",
            "active": "active",
            "type": "type",
        },
        read={
            "active": flag,
            "currency": currency,
            "type": choice("one_time", "recurring"),
            "lookup_keys": several(text()),
            "recurring": group(
                {
                    "interval": choice("day", "month", "week", "year"),
                    "meter": text(),
                    "usage_type": choice("licensed", "metered"),
                }
            ),
        },
    ),
    "coupon": Listed("coupons"),
    "promotion_code": Listed(
        "promotion_codes",
        {
            "code": "_code",
            **_CUSTOMER,
            "coupon": "promotion.coupon",
            "active": "active",
        },
        read={"active": flag, "code": lowered},
    ),
    "tax_rate": Listed(
        "tax_rates",
        {"active": "active", "inclusive": "inclusive"},
        read={"active": flag, "inclusive": flag},
    ),
    "subscription": Listed(
        "subscriptions",
        {
            **_CUSTOMER,
            "test_clock": "test_clock",
            "collection_method": "collection_method",
        },
        read={
            "status": choice(*_STATUSES),
            "price": text(),
            "collection_method": choice("charge_automatically", "send_invoice"),
        },
    ),
    "subscription_schedule": Listed(
        "subscription_schedules",
        _CUSTOMER,
        ("created", "canceled_at", "completed_at", "released_at"),
        read={"scheduled": flag},
    ),
    "invoice": Listed(
        "invoices",
        {
            "subscription": "parent.subscription_details.subscription",
            **_CUSTOMER,
            "status": "status",
            "collection_method": "collection_method",
        },
        ("created", "due_date"),
        read={
            "status": choice("draft", "open", "paid", "uncollectible", "void"),
            "collection_method": choice("charge_automatically", "send_invoice"),
        },
    ),
    "invoiceitem": Listed(
        "invoiceitems",
        {**_CUSTOMER, "invoice": "invoice"},
        read={"pending": flag},
        stamp="date",
    ),
    "invoice_payment": Listed(
        "invoice_payments",
        {"invoice": "invoice", "status": "status"},
        read={
            "status": choice("canceled", "open", "paid"),
            "payment": group({"type!": text(), "payment_intent": text()}),
        },
    ),
    "credit_note": Listed("credit_notes", {**_CUSTOMER, "invoice": "invoice"}),
    "payment_method": Listed(
        "payment_methods", {**_CUSTOMER, "type": "type"}, ranged=()
    ),
    "payment_intent": Listed("payment_intents", _CUSTOMER),
    "charge": Listed("charges", {**_CUSTOMER, "payment_intent": "payment_intent"}),
    "refund": Listed("refunds", _CHARGED),
    "dispute": Listed("disputes", _CHARGED),
    "payout": Listed(
        "payouts",
        {"status": "status", "destination": "destination"},
        ("created", "arrival_date"),
    ),
    "balance_transaction": Listed(
        "balance_transactions",
        {
            "source": "source",
            "payout": "_payout",
            "type": "type",
            "currency": "currency",
        },
        read={"currency": currency},
    ),
    "billing.meter": Listed(
        "billing/meters",
        {"status": "status"},
        (),
        read={"status": choice("active", "inactive")},
    ),
    "test_helpers.test_clock": Listed("test_helpers/test_clocks", ranged=()),
    "webhook_endpoint": Listed("webhook_endpoints", ranged=()),
    "event": Listed(
        "events",
        {"type": "type"},
        read={"types": several(text()), "delivery_success": flag},
    ),
}


# Stripe's own papers, and objects that have no list of their own.
PAPERS = (
    *("_coupon", "_deleted", "_discount", "_idempotency", "_item", "_meter_event"),
    *("_webhook_secret", "billing.meter_event_summary"),
    *("customer_balance_transaction", "v2.core.event_destination"),
)


def index(store: Store) -> None:
    """Make every list, and every filter of one, fast.

    Tables are made here, outside of any request: one that was first needed within a
    request that fails would be taken back with it.
    """
    for name in PAPERS:
        store.collection("stripe", name)
    for name, listed in LISTS.items():
        held = store.collection("stripe", name)
        held.index(listed.stamp)
        for path in listed.filters.values():
            held.index(path, listed.stamp)
    for name, path in (
        ("subscription", "status"),
        ("subscription", "latest_invoice"),
        ("invoice_payment", "payment.payment_intent"),
        ("price", "lookup_key"),
        ("invoice", "test_clock"),
        ("balance_transaction", "status"),
        ("customer_balance_transaction", "customer"),
        ("event", "data.object.id"),
        ("_meter_event", "identifier"),
    ):
        store.collection("stripe", name).index(path, "created")
    usage = store.collection("stripe", "billing.meter_event_summary")
    usage.index("_customer", "meter", "start_time")
    store.collection("stripe", "_meter_event").index("customer", "meter", "timestamp")
