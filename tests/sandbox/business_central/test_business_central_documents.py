"""What the company's facts become in Business Central."""

from collections import defaultdict
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from sandbox.business_central.documents import business_central_documents
from sandbox.business_central.entities import ENTITIES
from sandbox.company.company import build
from sandbox.company.features import ALL_FEATURES

Records = dict[str, list[dict[str, Any]]]


@pytest.fixture(scope="module")
def records() -> Records:
    """The books of a group that keeps some of them in Business Central."""
    features = frozenset(ALL_FEATURES)
    return business_central_documents(build(7, 60, 8, date(2026, 10, 31), features))


def test_records_have_the_properties_of_their_sets(records: Records) -> None:
    """Each of them and no other, besides the two that do not go out."""
    for name, documents in records.items():
        for document in documents:
            known = {*ENTITIES[name].properties, "_etag", "_company"}
            assert set(document) == known, name


def test_ids_are_unique(records: Records) -> None:
    """Within a set, as are numbers."""
    for documents in records.values():
        ids = [each["id"] for each in documents]
        numbers = [each["number"] for each in documents if each.get("number")]

        assert len(set(ids)) == len(ids)
        assert len(set(numbers)) == len(numbers)


def test_the_ledger_balances(records: Records) -> None:
    """Document by document, and what is receivable is what invoices leave open."""
    sums: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    receivable = Decimal(0)
    for entry in records["generalLedgerEntries"]:
        amount = entry["debitAmount"] - entry["creditAmount"]
        sums[entry["documentNumber"], entry["documentType"]] += amount
        if entry["accountNumber"] == "1200":
            receivable += amount

    credited = sum(
        each["totalAmountIncludingTax"] for each in records["salesCreditMemos"]
    )
    remaining = sum(each["remainingAmount"] for each in records["salesInvoices"])
    assert set(sums.values()) == {Decimal(0)}
    assert receivable == remaining - credited


def test_lines_sum_to_their_invoice(records: Records) -> None:
    """After discounts, to the cent."""
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for line in records["salesInvoiceLines"]:
        sums[line["documentId"]] += line["amountIncludingTax"]

    totals = {
        each["id"]: each["totalAmountIncludingTax"] for each in records["salesInvoices"]
    }
    assert dict(sums) == totals


def test_who_uses_another_erp_is_not_here() -> None:
    """A group of one entity on NetSuite has no books here."""
    records = business_central_documents(build(7, 30, 6, date(2026, 10, 31)))

    assert all(documents == [] for documents in records.values())
