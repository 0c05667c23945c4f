"""Chargebee, tried on its customers."""

from collections.abc import Sequence
from typing import Any

import pytest

from sandbox.store import Store
from tests.conformance.source import Digits, Document, Held, Source, Sum, amounts


def _inside(name: str, part: str) -> Held:
    def held(store: Store) -> Sequence[Document]:
        records = store.collection("chargebee", name)
        return [row for record in records for row in record.get(part) or ()]

    return held


def _small(patched: pytest.MonkeyPatch, size: int) -> None:
    patched.setattr("ingestion.chargebee.reads.PAGE", size)


def _endless(answer: Any) -> None:
    answer["next_offset"] = '["1780898400000","1"]'


def _emptied(answer: Any) -> None:
    answer |= {"list": [], "next_offset": '["1780898400000","1"]'}


CHARGEBEE = Source(
    name="chargebee",
    customers=40,  # of whom the legal entity that uses Chargebee has a few
    held={
        "customers": "customer",
        "items": "item",
        "item_prices": "item_price",
        "coupons": "coupon",
        "subscriptions": "subscription",
        "subscription_items": _inside("subscription", "subscription_items"),
        "subscription_coupons": _inside("subscription", "coupons"),
        "invoices": "invoice",
        "invoice_lines": _inside("invoice", "line_items"),
        "credit_notes": "credit_note",
        "credit_note_lines": _inside("credit_note", "line_items"),
        "credit_note_allocations": _inside("credit_note", "allocations"),
        "transactions": "transaction",
        "transaction_invoices": _inside("transaction", "linked_invoices"),
        "transaction_credit_notes": _inside("transaction", "linked_credit_notes"),
        "usages": "usage",
    },
    stream="customers",
    object="customer",
    text="company",
    column="company",
    reads=r"/api/v2/customers",
    path="/customers",
    records=lambda answer: [each["customer"] for each in answer["list"]],
    number=lambda number: f"Kit{number:013}",
    lacking="auto_collection",
    sums=(Sum("invoices", "total", amounts("chargebee", "invoice", "total")),),
    digits=Digits("invoices", "invoice", "total", "total", 90_071_992_547_409_931),
    small=_small,
    page=2,
    quiet_calls=9,  # one for each list
    first_calls=9,
    deletion="told",
    deleted={"deleted": True},
    restored={"deleted": False},
    listed=("item_prices", "item_price"),
    secrets=("CHARGEBEE_API_KEY",),
    spoiled="CHARGEBEE_API_KEY",
    endless=_endless,
    emptied=_emptied,
    erroneous={"message": "Sorry", "api_error_code": "internal_error"},
    not_applicable={
        "test_a_link_to_another_host_is_not_followed": "pages are asked for by an"
        " offset; no link is followed",
        "test_an_expired_token_is_renewed": "a key does not expire",
        "test_a_wrong_total_is_noticed": "lists have no total",
    },
)
