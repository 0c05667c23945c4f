"""NetSuite, tried on its customers."""

from typing import Any

import pytest

from sandbox.store import Store
from tests.conformance.source import (
    Digits,
    Document,
    Held,
    Source,
    Sum,
    amounts,
    digits,
)


def _small(patched: pytest.MonkeyPatch, size: int) -> None:
    patched.setattr("ingestion.netsuite.reading.PAGE", size)


def _endless(answer: Any) -> None:
    answer["hasMore"] = True


def _emptied(answer: Any) -> None:
    answer |= {"items": [], "count": 0, "hasMore": True}


def _miscounted(answer: Any) -> None:
    answer["count"] += 5


def _lines_of(name: str) -> Held:
    """Return a function that finds the lines of one kind of transaction."""

    def held(store: Store) -> list[Document]:
        transactions = {each["id"] for each in store.collection("netsuite", name)}
        lines = store.collection("netsuite", "transactionline")
        return [each for each in lines if each["transaction"] in transactions]

    return held


def _links_to(name: str) -> Held:
    """Return a function that finds what one kind of transaction used up."""

    def held(store: Store) -> list[Document]:
        transactions = {each["id"] for each in store.collection("netsuite", name)}
        links = store.collection("netsuite", "credit_application")
        return [each for each in links if each["nextdoc"] in transactions]

    return held


NETSUITE = Source(
    name="netsuite",
    held={
        "customers": "customer",
        "items": "item",
        "invoices": "invoice",
        "payments": "payment",
        "payment_applications": "payment_application",
        "credit_memos": "creditmemo",
        "credit_applications": _links_to("creditmemo"),
        "customer_refunds": "customerrefund",
        "refund_applications": _links_to("customerrefund"),
        "deposits": "deposit",
        "subsidiaries": "subsidiary",
        "accounts": "account",
        "accounting_periods": "accountingperiod",
        "exchange_rates": "currencyrate",
        "journal_entries": "journalentry",
        "invoice_lines": _lines_of("invoice"),
        "journal_lines": _lines_of("journalentry"),
    },
    stream="customers",
    object="customer",
    text="companyname",
    column="companyname",
    reads=r"/suiteql.* FROM customer\b",
    path="/suiteql",
    records=lambda answer: list(answer["items"]),
    number=lambda number: str(880_000 + number),
    lacking="isinactive",
    sums=(
        Sum("invoices", "foreigntotal", amounts("netsuite", "invoice", "foreigntotal")),
        Sum(
            "exchange_rates",
            "exchangerate",
            amounts("netsuite", "currencyrate", "exchangerate"),
        ),
        Sum(
            "payment_applications",
            "foreignamount",
            amounts("netsuite", "payment_application", "foreignamount"),
        ),
    ),
    digits=Digits("invoices", "invoice", "foreigntotal", "foreigntotal", str(digits())),
    small=_small,
    # Each of twelve tables, what was deleted, and what stands in payments, invoices
    # and journals that the overlap shows again.
    quiet_calls=16,
    first_calls=15,
    deletion="told",
    listed=("invoices", "invoice"),
    displayed=frozenset(
        {"invoices.status", "credit_memos.status", "journal_entries.status"}
    ),
    secrets=(),  # a key that stays in its file; the tokens it obtains are tried
    spoiled="NETSUITE_CLIENT_ID",
    renews=True,
    endless=_endless,
    emptied=_emptied,
    miscounted=_miscounted,
    erroneous={
        "type": "https://www.rfc-editor.org/rfc/rfc9110.html#section-15.6.1",
        "title": "Internal Server Error",
        "status": 500,
        "o:errorDetails": [{"detail": "Later.", "o:errorCode": "UNEXPECTED_ERROR"}],
    },
    not_applicable={
        "test_a_link_to_another_host_is_not_followed": "each page is a query of its"
        " own; no link is followed",
        "test_a_record_that_comes_back_is_alive": "a deleted record's internal id is"
        " never given again, so that nothing can come back under it [M]",
    },
)
