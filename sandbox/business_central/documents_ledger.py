"""Business Central's ledger: what invoices, payments and credit notes moved."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from sandbox.business_central.documents_records import (
    SYSTEM,
    customer_id,
    customer_number,
    invoice_id,
    memo_id,
    memo_number,
    number_of,
    record,
)
from sandbox.business_central.marks import guid
from sandbox.business_central.posting import BANK, RECEIVABLE, REVENUE
from sandbox.company.company import Company
from sandbox.company.facts import Invoice
from sandbox.shapes import Document, major


def memos(company: Company, owner_of: dict[str, str]) -> Iterator[Document]:
    """Yield the credit memos of the credit notes."""
    for note in company.credit_notes:
        invoice = company.invoice_by_key.get(note.invoice_key)
        if invoice is None or invoice.customer.entity not in owner_of:
            continue
        customer, currency = invoice.customer, invoice.customer.currency
        total = major(note.total_minor, currency)
        yield record(
            "salesCreditMemos",
            memo_id(note),
            owner_of[customer.entity],
            note.issued_on,
            number=memo_number(note),
            externalDocumentNumber=note.number,
            creditMemoDate=note.issued_on.isoformat(),
            postingDate=note.issued_on.isoformat(),
            dueDate=note.issued_on.isoformat(),
            customerId=customer_id(customer),
            customerNumber=customer_number(customer),
            customerName=company.written(customer, SYSTEM).name,
            currencyCode=currency,
            totalAmountExcludingTax=total,
            totalAmountIncludingTax=total,
            status="Paid",
            invoiceId=invoice_id(invoice),
            invoiceNumber=number_of(invoice.number),
        )


def postings(kind: str) -> tuple[str, str]:
    """Return the accounts that a posting of this kind debits and credits."""
    return {
        "Payment": (BANK, RECEIVABLE),
        "Credit Memo": (REVENUE, RECEIVABLE),
    }.get(kind, (RECEIVABLE, REVENUE))


def entries(
    company: Company, invoices: list[Invoice], owner_of: dict[str, str]
) -> Iterator[Document]:
    """Yield both sides of every posting: invoices, voids, payments, credit notes."""
    number = 0
    for on, document_number, kind, invoice, amount in _movements(company, invoices):
        owner = owner_of[invoice.customer.entity]
        debited, credited = postings(kind)
        if (amount < 0) != (kind == "Credit Memo"):
            debited, credited = credited, debited
        for account, debit, credit in (
            (debited, abs(amount), Decimal(0)),
            (credited, Decimal(0), abs(amount)),
        ):
            number += 1
            yield record(
                "generalLedgerEntries",
                guid("entry", document_number, kind, account),
                owner,
                on,
                entryNumber=number,
                postingDate=on.isoformat(),
                documentNumber=document_number,
                documentType=kind,
                accountId=guid("account", owner, account),
                accountNumber=account,
                description=f"{kind} {document_number}",
                debitAmount=debit,
                creditAmount=credit,
            )


def _movements(
    company: Company, invoices: list[Invoice]
) -> Iterator[tuple[date, str, str, Invoice, Decimal]]:
    for invoice in invoices:
        amount = major(invoice.total_minor, invoice.customer.currency)
        number = number_of(invoice.number)
        yield invoice.issued_on, number, "Invoice", invoice, amount
        if invoice.voided_on is not None:
            yield invoice.voided_on, number, "Credit Memo", invoice, -amount
        if invoice.paid_on is not None:
            yield invoice.paid_on, number, "Payment", invoice, amount
        note = company.credit_note_by_invoice.get(invoice.key)
        if note is not None:
            credit = major(note.total_minor, invoice.customer.currency)
            yield note.issued_on, memo_number(note), "Credit Memo", invoice, -credit
