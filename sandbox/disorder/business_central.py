"""Disorder in Business Central: the books of the entity that was bought with its ERP.

A wrong posting is wrong in all that follows from it: the document, its lines, both
sides in the ledger, and what the customer's card says that it owes.
"""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from random import Random

from sandbox.business_central.documents_ledger import postings
from sandbox.business_central.documents_records import (
    SYSTEM,
    customer_id,
    customer_number,
    invoice_id,
    memo_id,
    memo_number,
    number_of,
)
from sandbox.business_central.marks import guid
from sandbox.company.days import plus
from sandbox.company.facts import CreditNote, Customer, Invoice
from sandbox.disorder.billing import ERP_OVERDUE_DAYS
from sandbox.disorder.cash import UNAPPLIED_DAYS
from sandbox.disorder.catalogue import (
    COMMON,
    Owned,
    customers,
    disorder,
    invoices,
    is_paid,
    is_plain,
)
from sandbox.disorder.scene import Planted, Scene
from sandbox.shapes import Document, major

Place = tuple[str, str, str]
# Germany's rates; the company's invoices have no tax.
TAX_PERCENTS = (7, 19)
# Numbers of cards that were entered by hand: behind every other one.
FIRST_CARD_AGAIN = 900_000


def _posted(invoice: Invoice) -> Place:
    return SYSTEM, "salesInvoices", invoice_id(invoice)


def _card(customer: Customer) -> Place:
    return SYSTEM, "customers", customer_id(customer)


def _lines(invoice: Invoice) -> list[Place]:
    return [
        (SYSTEM, "salesInvoiceLines", guid("line", line.key)) for line in invoice.lines
    ]


def _sides(number: str, kind: str) -> list[Place]:
    """Return the two entries of a posting: what is debited, then what is credited."""
    return [
        (SYSTEM, "generalLedgerEntries", guid("entry", number, kind, account))
        for account in postings(kind)
    ]


def _total(invoice: Invoice) -> Decimal:
    return major(invoice.total_minor, invoice.customer.currency)


def _owes(scene: Scene, customer: Customer, more: Decimal) -> None:
    """Let the customer's card say that it owes more, or less."""
    scene.record(*_card(customer))["balance"] += more


def _is_open(scene: Scene, invoice: Invoice) -> bool:
    """Return whether the invoice is unpaid and has been posted for a while."""
    overdue = plus(scene.company.as_of, -ERP_OVERDUE_DAYS)
    is_due = invoice.status == "open" and invoice.issued_on <= overdue
    return is_due and is_plain(scene, invoice)


def _is_settled(scene: Scene, invoice: Invoice) -> bool:
    """Return whether the invoice was paid long enough ago to be applied by now."""
    latest = scene.company.as_of - timedelta(days=UNAPPLIED_DAYS + 1)
    was_paid = invoice.paid_on is not None and invoice.paid_on <= latest
    return was_paid and is_paid(scene, invoice)


def _lose(scene: Scene, invoice: Invoice, _rng: Random) -> Planted:
    for place in (*_lines(invoice), *_sides(number_of(invoice.number), "Invoice")):
        scene.remove(*place)
    _owes(scene, invoice.customer, -_total(invoice))
    note = f"approval: invoice {invoice.number} is not in Business Central"
    return scene.lost(*_posted(invoice), note)


def _twice(scene: Scene, invoice: Invoice, _rng: Random) -> Planted:
    number = f"PS-M{invoice.sequence:08}"
    again = guid("invoice again", invoice.key)
    for place in _lines(invoice):
        line = scene.look(*place) | {"id": guid("line again", place[-1])}
        scene.add(SYSTEM, "salesInvoiceLines", line | {"documentId": again})
    _post_again(scene, number_of(invoice.number), number)
    _owes(scene, invoice.customer, _total(invoice))
    copied = scene.look(*_posted(invoice)) | {
        "id": again,
        "number": number,
        "status": "Open",
        "remainingAmount": _total(invoice),
    }
    note = f"approval: invoice {invoice.number} was posted twice"
    return scene.added(SYSTEM, "salesInvoices", copied, note)


def _post_again(scene: Scene, number: str, again: str) -> None:
    """Copy both sides of an invoice's posting to the ledger's end."""
    entries = scene.documents[SYSTEM]["generalLedgerEntries"]
    for place, account in zip(
        _sides(number, "Invoice"), postings("Invoice"), strict=True
    ):
        entry = scene.look(*place) | {
            "id": guid("entry", again, "Invoice", account),
            "entryNumber": 1 + max(each["entryNumber"] for each in entries),
            "documentNumber": again,
            "description": f"Invoice {again}",
        }
        scene.add(SYSTEM, "generalLedgerEntries", entry)


def _taxed(scene: Scene, invoice: Invoice, rng: Random) -> Planted:
    """Put tax on the largest line, which nobody charged to the customer."""
    percent = rng.choice(TAX_PERCENTS)
    place = max(
        _lines(invoice), key=lambda each: scene.look(*each)["amountExcludingTax"]
    )
    line = scene.record(*place)
    tax = (line["amountExcludingTax"] * percent / 100).quantize(Decimal("0.01"))
    line |= {"taxPercent": percent, "totalTaxAmount": tax}
    line["amountIncludingTax"] += tax
    debited, credited = _sides(number_of(invoice.number), "Invoice")
    scene.record(*debited)["debitAmount"] += tax
    scene.record(*credited)["creditAmount"] += tax
    _owes(scene, invoice.customer, tax)
    document = scene.record(*_posted(invoice))
    document |= {"totalTaxAmount": tax, "remainingAmount": tax, "status": "Open"}
    wrong = document["totalAmountIncludingTax"] + tax
    note = "approval: the two totals differ by tax that only Business Central put on it"
    return scene.changed(*_posted(invoice), "totalAmountIncludingTax", wrong, note)


def _before_this_month(scene: Scene, invoice: Invoice) -> bool:
    first = scene.company.as_of.replace(day=1)
    return invoice.issued_on < first and is_plain(scene, invoice)


def _next_period(scene: Scene, invoice: Invoice, _rng: Random) -> Planted:
    first = invoice.issued_on.replace(day=1)
    wrong = (first + timedelta(days=31)).replace(day=1).isoformat()
    for place in _sides(number_of(invoice.number), "Invoice"):
        scene.record(*place)["postingDate"] = wrong
    note = "approval: issued a month earlier"
    return scene.changed(*_posted(invoice), "postingDate", wrong, note)


def _is_void(_scene: Scene, invoice: Invoice) -> bool:
    return invoice.status == "void"


def _reopened(scene: Scene, invoice: Invoice, note: str) -> Planted:
    """Let the whole invoice be due again."""
    scene.record(*_posted(invoice))["remainingAmount"] = _total(invoice)
    return scene.changed(*_posted(invoice), "status", "Open", note)


def _not_canceled(scene: Scene, invoice: Invoice, _rng: Random) -> Planted:
    for place in _sides(number_of(invoice.number), "Credit Memo"):
        scene.remove(*place)
    _owes(scene, invoice.customer, _total(invoice))
    return _reopened(scene, invoice, "approval: void in billing")


def _no_payment(scene: Scene, invoice: Invoice, _rng: Random) -> Planted:
    debited, credited = _sides(number_of(invoice.number), "Payment")
    scene.remove(*credited)
    _owes(scene, invoice.customer, _total(invoice))
    _reopened(scene, invoice, "")
    note = "approval: paid in billing, and Business Central has no payment"
    return scene.lost(*debited, note)


def _unapplied(scene: Scene, invoice: Invoice, _rng: Random) -> Planted:
    note = "person: the payment is in Business Central and settles nothing"
    return _reopened(scene, invoice, note)


def _notes(scene: Scene) -> Iterator[Owned[CreditNote]]:
    company = scene.company
    for note in company.using(SYSTEM).credit_notes:
        yield company.invoice_by_key[note.invoice_key].customer.key, note


def _no_memo(scene: Scene, note: CreditNote, _rng: Random) -> Planted:
    for place in _sides(memo_number(note), "Credit Memo"):
        scene.remove(*place)
    said = f"approval: credit note {note.number} is not in Business Central"
    return scene.lost(SYSTEM, "salesCreditMemos", memo_id(note), said)


def _in_force(scene: Scene, customer: Customer) -> bool:
    return bool(scene.company.in_force(customer))


def _blocked(scene: Scene, customer: Customer, _rng: Random) -> Planted:
    note = "person: Business Central posts nothing for it, and its contract still bills"
    return scene.changed(*_card(customer), "blocked", "All", note)


def _again(scene: Scene, customer: Customer, _rng: Random) -> Planted:
    first = scene.look(*_card(customer))
    again: Document = first | {
        "id": guid("customer again", customer.key),
        "number": f"C{FIRST_CARD_AGAIN + customer.number}",
        "displayName": first["displayName"].upper(),
        "taxRegistrationNumber": "",
        "balance": Decimal(0),
    }
    number = customer_number(customer)
    note = f"approval: a second card of customer {number}, to which nothing was posted"
    return scene.added(SYSTEM, "customers", again, note)


_INVOICE = f"{SYSTEM}.salesInvoices"
_ENTRY = f"{SYSTEM}.generalLedgerEntries"
_CARD = f"{SYSTEM}.customers"
_WHOLE = f"{_INVOICE} {SYSTEM}.salesInvoiceLines {_ENTRY} {_CARD}"
DISORDERS = (
    disorder(
        "invoice missing in Business Central",
        "B01",
        _WHOLE,
        invoices(_is_open, of=SYSTEM),
        _lose,
        needs="entities",
        rate=COMMON,
    ),
    disorder(
        "invoice posted twice in Business Central",
        "B04 C09",
        _WHOLE,
        invoices(is_paid, of=SYSTEM),
        _twice,
        needs="entities",
    ),
    disorder(
        "other total in Business Central",
        "B03",
        _WHOLE,
        invoices(is_paid, of=SYSTEM),
        _taxed,
        needs="entities",
    ),
    disorder(
        "void invoice still open in Business Central",
        "B05",
        f"{_INVOICE} {_ENTRY} {_CARD}",
        invoices(_is_void, of=SYSTEM),
        _not_canceled,
        needs="entities",
        rate=COMMON,
    ),
    disorder(
        "invoice posted in a later period in Business Central",
        "B06",
        f"{_INVOICE} {_ENTRY}",
        invoices(_before_this_month, of=SYSTEM),
        _next_period,
        needs="entities",
    ),
    disorder(
        "credit note missing in Business Central",
        "B08",
        f"{SYSTEM}.salesCreditMemos {_ENTRY}",
        _notes,
        _no_memo,
        needs="entities credit_notes",
        rate=COMMON,
    ),
    disorder(
        "payment missing in Business Central",
        "C02",
        f"{_INVOICE} {_ENTRY} {_CARD}",
        invoices(_is_settled, of=SYSTEM),
        _no_payment,
        needs="entities",
    ),
    disorder(
        "payment that settles nothing in Business Central",
        "C06",
        _INVOICE,
        invoices(_is_settled, of=SYSTEM),
        _unapplied,
        needs="entities",
    ),
    disorder(
        "customer blocked in Business Central",
        "M12",
        _CARD,
        customers(_in_force, of=SYSTEM),
        _blocked,
        needs="entities",
    ),
    disorder(
        "customer twice in Business Central",
        "M02",
        _CARD,
        customers(of=SYSTEM),
        _again,
        needs="entities",
    ),
)
