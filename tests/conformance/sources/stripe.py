"""Stripe, tried on its customers."""

from collections.abc import Sequence
from typing import Any

import pytest

from sandbox.store import Store
from tests.conformance.source import Digits, Document, Held, Source, Sum, amounts


def _inside(name: str, part: str) -> Held:
    def held(store: Store) -> Sequence[Document]:
        records = store.collection("stripe", name)
        return [row for record in records for row in record[part]["data"]]

    return held


def _payout_transactions(store: Store) -> Sequence[Document]:
    told = {
        each["id"]
        for each in store.collection("stripe", "payout")
        if each["reconciliation_status"] == "completed"
    }
    moved = store.collection("stripe", "balance_transaction")
    return [each for each in moved if each.get("_payout") in told]


def _small(patched: pytest.MonkeyPatch, size: int) -> None:
    patched.setattr("ingestion.stripe.lists.PAGE", size)


def _endless(answer: Any) -> None:
    answer["has_more"] = True


def _emptied(answer: Any) -> None:
    answer |= {"data": [], "has_more": True}


def _shown(answer: Any) -> list[Document]:
    return list(answer["data"]) if "data" in answer else [answer]


STRIPE = Source(
    name="stripe",
    held={
        "customers": "customer",
        "products": "product",
        "prices": "price",
        "coupons": "coupon",
        "subscriptions": "subscription",
        "subscription_items": _inside("subscription", "items"),
        "subscription_schedules": "subscription_schedule",
        "invoices": "invoice",
        "invoice_lines": _inside("invoice", "lines"),
        "invoice_items": "invoiceitem",
        "credit_notes": "credit_note",
        "credit_note_lines": _inside("credit_note", "lines"),
        "meters": "billing.meter",
        "meter_summaries": "billing.meter_event_summary",
        "payments": "payment_intent",
        "invoice_payments": "invoice_payment",
        "charges": "charge",
        "refunds": "refund",
        "disputes": "dispute",
        "payouts": "payout",
        "payout_transactions": _payout_transactions,
        "balance_transactions": "balance_transaction",
    },
    stream="customers",
    object="customer",
    text="name",
    column="name",
    reads=r"/v1/customers",
    path="/v1/customers",
    records=_shown,
    number=lambda number: f"cus_Kit{number:011}",
    lacking="name",
    sums=(
        Sum("invoices", "total", amounts("stripe", "invoice", "total")),
        Sum(
            "meter_summaries",
            "aggregated_value",
            amounts("stripe", "billing.meter_event_summary", "aggregated_value"),
        ),
    ),
    digits=Digits("invoices", "invoice", "total", "total", 90_071_992_547_409_931),
    small=_small,
    # The log of events, the invoice items that wait, and new movements of the balance.
    quiet_calls=3,
    # Sixteen lists; the movements of 27 payouts, the rest of 11 long invoices, the
    # usage of six customers and meters, and the subscriptions that have some.
    first_calls=91,
    deletion="told",
    listed=("prices", "price"),
    # Whether a movement is available follows from its day.
    displayed=frozenset({"balance_transactions.status"}),
    born="created",
    secrets=("STRIPE_API_KEY",),
    spoiled="STRIPE_API_KEY",
    endless=_endless,
    emptied=_emptied,
    erroneous={"error": {"type": "api_error", "message": "Something went wrong."}},
    stays={
        "meter_summaries": "nobody tells any more what a deleted customer used; what is"
        " known of it stays"
    },
    not_applicable={
        "test_a_link_to_another_host_is_not_followed": "pages are asked for by an id;"
        " no link is followed",
        "test_an_expired_token_is_renewed": "a key does not expire",
        "test_a_wrong_total_is_noticed": "lists have no total (docs.stripe.com,"
        " pagination)",
        "test_a_stamp_in_the_future_hides_no_change": "objects carry no time of change",
        "test_a_record_that_comes_back_is_alive": "a deleted customer never comes"
        " back (docs.stripe.com/api/customers/delete)",
        "test_only_what_is_wanted_is_read": "one log of events tells of the changes of"
        " all objects",
        "test_a_late_commit_arrives": "objects carry no time of change; of each change"
        " an event tells",
    },
)
