"""Business Central, tried on its items."""

from typing import Any

import pytest

from tests.conformance.source import Digits, Source, Sum, amounts, digits


def _small(patched: pytest.MonkeyPatch, size: int) -> None:
    for name in ("PAGE", "PAGE_WITH_LINES"):
        patched.setattr(f"ingestion.business_central.reads.{name}", size)


def _link(answer: Any) -> str:
    """Return the address behind the last record, as the vendor's own links have it."""
    base, _, path = str(answer["@odata.context"]).partition("$metadata#")
    return f"{base}{path}?$skiptoken='{answer['value'][-1]['id']}'"


def _endless(answer: Any) -> None:
    answer["@odata.nextLink"] = _link(answer)


def _emptied(answer: Any) -> None:
    answer |= {"@odata.nextLink": _link(answer), "value": []}


def _miscounted(answer: Any) -> None:
    answer["@odata.count"] += 5


def _foreign(answer: Any) -> None:
    answer["@odata.nextLink"] = "https://elsewhere.example/v2.0/items?$skiptoken=1"


BUSINESS_CENTRAL = Source(
    name="business_central",
    customers=40,  # of whom the legal entity that keeps its books there has a few
    held={
        "companies": "companies",
        "customers": "customers",
        "items": "items",
        "accounts": "accounts",
        "sales_invoices": "salesInvoices",
        "sales_invoice_lines": "salesInvoiceLines",
        "sales_credit_memos": "salesCreditMemos",
        "sales_credit_memo_lines": "salesCreditMemoLines",
        "general_ledger_entries": "generalLedgerEntries",
        "customer_payment_journals": "customerPaymentJournals",
        "customer_payments": "customerPayments",
    },
    stream="items",
    object="items",
    text="displayName",
    column="display_name",
    reads=r"/companies\([^)]*\)/items",
    path="/items",
    records=lambda answer: list(answer["value"]),
    number=lambda number: f"{number:08}-aaaa-4bbb-8ccc-dddddddddddd",
    unique=("number",),
    lacking="displayName",
    sums=(
        Sum(
            "general_ledger_entries",
            "debit_amount",
            amounts("business_central", "generalLedgerEntries", "debitAmount"),
        ),
        Sum(
            "sales_invoices",
            "total_amount_including_tax",
            amounts("business_central", "salesInvoices", "totalAmountIncludingTax"),
        ),
    ),
    digits=Digits("items", "items", "unitPrice", "unit_price", digits()),
    small=_small,
    quiet_calls=9,  # the companies, and each of eight sets of the one company
    first_calls=9,
    deletion="swept",
    listed=("general_ledger_entries", "generalLedgerEntries"),
    secrets=("BUSINESS_CENTRAL_CLIENT_SECRET",),
    spoiled="BUSINESS_CENTRAL_CLIENT_SECRET",
    renews=True,
    is_again=r"/companies\?$",
    endless=_endless,
    emptied=_emptied,
    miscounted=_miscounted,
    erroneous={"error": {"code": "Internal_ServerError", "message": "Later."}},
    foreign=_foreign,
)
