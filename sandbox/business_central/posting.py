"""Business Central's posting: from a draft to the ledger, within the open period."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from sandbox.business_central.books import ETAG, OWNER, Books, is_nobody
from sandbox.business_central.entities import (
    ENTITIES,
    LINES,
    PARENT_KEY,
    PARENTS,
    EntitySet,
)
from sandbox.business_central.marks import NOBODY, guid
from sandbox.business_central.reads import missing
from sandbox.business_central.shapes import Answer, dialog, refused
from sandbox.store import Document, column

INVOICES = ENTITIES["salesInvoices"]
MEMOS = ENTITIES["salesCreditMemos"]
ENTRIES = ENTITIES["generalLedgerEntries"]
PAYMENTS = ENTITIES["customerPayments"]
# The accounts that postings go to; the numbers are those of the documents.
RECEIVABLE, REVENUE, BANK = "1200", "4000", "1000"
_CENT = Decimal("0.01")
_DOCUMENTS = ("salesInvoices", "salesCreditMemos")


@dataclass(frozen=True, slots=True)
class Movement:
    """What a posting moves: from revenue to receivables, or back if negative."""

    on: str
    number: str
    kind: str
    amount: Decimal


class Posting:
    """What becomes of documents."""

    def __init__(self, books: Books) -> None:
        """Post into these books."""
        self.books = books

    def act(self, entity: EntitySet, company: str, key: str, action: str) -> Answer:
        """Carry out a bound action.

        Raises:
            Refusal: there is no such action, or the books do not allow it.
        """
        name = action.removeprefix("Microsoft.NAV.")
        actions = {
            ("salesInvoices", "post"): self._post,
            ("salesInvoices", "cancel"): self._cancel,
            ("salesCreditMemos", "post"): self._post,
            ("customerPaymentJournals", "post"): self._post_payments,
        }
        act = actions.get((entity.name, name))
        if act is None or not action.startswith("Microsoft.NAV."):
            sentence = f"Resource not found for the segment '{action}'."
            raise refused(404, "BadRequest_ResourceNotFound", sentence)
        record = self.books.one(entity, company, key)
        if record is None:
            raise missing(entity, key)
        with self.books.store.transaction():
            act(entity, record, company, self.books.request_id())
        return Answer(204)

    def total(
        self, entity: EntitySet, record: Document, company: str, request_id: str
    ) -> None:
        """Sum a document up again after a line of it was written."""
        if entity.name in _DOCUMENTS:
            parent, key = entity, record["id"]
        elif PARENTS.get(entity.name) in _DOCUMENTS:
            parent, key = ENTITIES[PARENTS[entity.name]], record["documentId"]
        else:
            return
        head = self.books.one(parent, company, key)
        if head is None or head["status"] != "Draft":
            return
        lines = ENTITIES[LINES[parent.name]]
        net, tax = Decimal(0), Decimal(0)
        for line in self.books.find(
            lines, company, f"{column('documentId')} = ?", (key,)
        ):
            amounts = _amounts(line)
            net += amounts["amountExcludingTax"]
            tax += amounts["totalTaxAmount"]
            if any(line[name] != value for name, value in amounts.items()):
                self.books.update(lines, line["id"], amounts, request_id)
        net -= Decimal(head["discountAmount"])
        sums = {
            "totalAmountExcludingTax": net,
            "totalTaxAmount": tax,
            "totalAmountIncludingTax": net + tax,
        }
        if any(head[name] != value for name, value in sums.items()):
            self.books.update(parent, key, sums, request_id)

    def insist_on_draft(
        self, entity: EntitySet, record: Document, company: str
    ) -> None:
        """Refuse a change of what is posted."""
        if entity.name in _DOCUMENTS and record["status"] != "Draft":
            raise dialog(f"The {entity.type} {record['number']} is posted already.")
        if PARENTS.get(entity.name) in _DOCUMENTS:
            parent = ENTITIES[PARENTS[entity.name]]
            head = self.books.one(parent, company, record[PARENT_KEY[entity.name]])
            if head is not None:
                self.insist_on_draft(parent, head, company)

    def _insist_on_open_period(self, posting_date: str) -> None:
        first = self.books.condition("closed_before", None)
        if first and posting_date < str(first):
            sentence = "Posting Date is not within your range of allowed posting dates."
            raise dialog(sentence)

    def _post(
        self, entity: EntitySet, record: Document, company: str, request_id: str
    ) -> None:
        self.insist_on_draft(entity, record, company)
        self._insist_on_open_period(record["postingDate"])
        of_it = f"{column('documentId')} = ?"
        lines = ENTITIES[LINES[entity.name]]
        if not self.books.find(lines, company, of_it, (record["id"],)):
            raise dialog("There is nothing to post.")
        total = Decimal(record["totalAmountIncludingTax"])
        is_invoice = entity is INVOICES
        number = f"P{record['number']}"
        kind = "Invoice" if is_invoice else "Credit Memo"
        signed = total if is_invoice else -total
        moved = Movement(record["postingDate"], number, kind, signed)
        self._entries(company, moved, request_id)
        fields = {
            "number": number,
            "status": "Open" if is_invoice else "Paid",
            "remainingAmount": total if is_invoice else 0,
        }
        self.books.update(entity, record["id"], fields, request_id)
        self._balance(record, signed, company, request_id)

    def _cancel(
        self, entity: EntitySet, record: Document, company: str, request_id: str
    ) -> None:
        """Cancel a posted invoice by a credit memo of all of it."""
        if record["status"] != "Open":
            sentence = f"The {entity.type} {record['number']} cannot be canceled:"
            raise dialog(f"{sentence} its status is {record['status']}.")
        today = self.books.clock.now().date().isoformat()
        self._insist_on_open_period(today)
        total = Decimal(record["totalAmountIncludingTax"])
        memo = {name: record.get(name, "") for name in MEMOS.properties} | {
            ETAG: "",
            OWNER: company,
            "id": guid(MEMOS.name, self.books.store.number()),
            "number": f"PS-CR{self.books.store.number():06d}",
            "creditMemoDate": today,
            "postingDate": today,
            "dueDate": today,
            "invoiceId": record["id"],
            "invoiceNumber": record["number"],
            "remainingAmount": 0,
            "status": "Paid",
        }
        self.books.create(MEMOS, memo, request_id)
        moved = Movement(today, memo["number"], "Credit Memo", -total)
        self._entries(company, moved, request_id)
        fields = {"status": "Canceled", "remainingAmount": 0}
        self.books.update(entity, record["id"], fields, request_id)
        self._balance(record, -total, company, request_id)

    def _post_payments(
        self, _entity: EntitySet, record: Document, company: str, request_id: str
    ) -> None:
        """Post the payments of a journal, each to the invoice that it applies to."""
        payments = self.books.find(
            PAYMENTS, company, f"{column('journalId')} = ?", (record["id"],)
        )
        if not payments:
            raise dialog("There is nothing to post.")
        for payment in payments:
            self._insist_on_open_period(payment["postingDate"])
            # A payment that was received is negative: it credits the customer.
            received = -Decimal(payment["amount"])
            if not is_nobody(payment["appliesToInvoiceId"]):
                self._settle(payment, received, company, request_id)
            moved = Movement(
                payment["postingDate"], payment["documentNumber"], "Payment", received
            )
            self._entries(company, moved, request_id)
            self._balance(payment, -received, company, request_id)
            self.books.delete(PAYMENTS, payment["id"], request_id)

    def _settle(
        self, payment: Document, received: Decimal, company: str, request_id: str
    ) -> None:
        invoice = self.books.one(INVOICES, company, payment["appliesToInvoiceId"])
        if invoice is None or invoice["status"] != "Open":
            number = payment["appliesToInvoiceNumber"]
            raise dialog(f"The sales invoice {number} is not open.")
        left = Decimal(invoice["remainingAmount"]) - received
        if left < 0:
            raise dialog("The payment is larger than what remains of the invoice.")
        fields = {"remainingAmount": left, "status": "Open" if left else "Paid"}
        self.books.update(INVOICES, invoice["id"], fields, request_id)

    def _balance(
        self, record: Document, amount: Decimal, company: str, request_id: str
    ) -> None:
        customers = ENTITIES["customers"]
        customer = self.books.one(customers, company, record["customerId"])
        if customer is not None:
            balance = Decimal(customer["balance"]) + amount
            fields = {"balance": balance}
            self.books.update(customers, customer["id"], fields, request_id)

    def _entries(self, company: str, moved: Movement, request_id: str) -> None:
        """Write both sides of a posting; they sum to nothing."""
        amount = moved.amount
        debited, credited = {
            "Payment": (BANK, RECEIVABLE),
        }.get(moved.kind, (RECEIVABLE, REVENUE))
        if amount < 0:
            debited, credited, amount = credited, debited, -amount
        accounts = ENTITIES["accounts"]
        for account, debit, credit in ((debited, amount, 0), (credited, 0, amount)):
            found = self.books.find(
                accounts, company, f"{column('number')} = ?", (account,)
            )
            entry = self._last_entry(company) + 1
            self.books.create(
                ENTRIES,
                {
                    ETAG: "",
                    OWNER: company,
                    "id": guid(ENTRIES.name, company, entry),
                    "entryNumber": entry,
                    "postingDate": moved.on,
                    "documentNumber": moved.number,
                    "documentType": moved.kind,
                    "accountId": found[0]["id"] if found else NOBODY,
                    "accountNumber": account,
                    "description": f"{moved.kind} {moved.number}",
                    "debitAmount": debit,
                    "creditAmount": credit,
                },
                request_id,
            )

    def _last_entry(self, company: str) -> int:
        """Return the number of the ledger's last entry: they have no gaps."""
        ((last,),) = self.books.held(ENTRIES).select(
            f"max({column('entryNumber')})", f"{column(OWNER)} = ?", (company,)
        )
        return int(last or 0)


def _amounts(line: Document) -> dict[str, Any]:
    """Return the sums of a line."""
    gross = Decimal(line["quantity"]) * Decimal(line["unitPrice"])
    discount = Decimal(line["discountAmount"])
    if line["discountPercent"]:
        discount = (gross * Decimal(line["discountPercent"]) / 100).quantize(
            _CENT, ROUND_HALF_UP
        )
    net = (gross - discount).quantize(_CENT, ROUND_HALF_UP)
    tax = (net * Decimal(line["taxPercent"]) / 100).quantize(_CENT, ROUND_HALF_UP)
    return {
        "discountAmount": discount,
        "amountExcludingTax": net,
        "totalTaxAmount": tax,
        "amountIncludingTax": net + tax,
    }
