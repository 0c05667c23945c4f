"""Disorder in postings: invoices and credit notes, and what the ERP has of them."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from random import Random

from sandbox.company.days import plus
from sandbox.company.facts import CreditNote, Invoice
from sandbox.disorder.billing import ERP_OVERDUE_DAYS, stray_id, unpost
from sandbox.disorder.catalogue import (
    COMMON,
    RARE,
    Owned,
    disorder,
    invoices,
    is_open,
    is_paid,
    is_plain,
)
from sandbox.disorder.scene import Planted, Scene
from sandbox.netsuite.documents_ids import credit_id
from sandbox.netsuite.documents_ids import invoice_id as posting_id
from sandbox.netsuite.documents_ids import refund_id as posted_refund_id
from sandbox.netsuite.documents_lines import invoice_lines
from sandbox.shapes import Document


def _unposted(scene: Scene, invoice: Invoice) -> bool:
    overdue = plus(scene.company.as_of, -ERP_OVERDUE_DAYS)
    return is_open(scene, invoice) and invoice.issued_on <= overdue


def _lose(scene: Scene, invoice: Invoice, _rng: Random) -> Planted:
    unpost(scene, invoice)
    note = f"approval: invoice {invoice.number} is not in NetSuite"
    return scene.lost("netsuite", "invoice", posting_id(invoice), note)


def _posted_again(scene: Scene, invoice: Invoice, changes: Document) -> Document:
    first = scene.look("netsuite", "invoice", posting_id(invoice))
    stray = stray_id(invoice)
    for line in invoice_lines(scene.company, invoice):
        own = {"id": f"{stray}-{line['linesequencenumber']}", "transaction": stray}
        scene.add("netsuite", "transactionline", line | own)
    return first | {"id": stray, "externalid": None} | changes


def _unbilled(scene: Scene, invoice: Invoice, rng: Random) -> Planted:
    number = f"M-{rng.randint(1_000, 9_999)}-{invoice.sequence}"
    changes: Document = {"tranid": number, "status": "Open"}
    stray = _posted_again(scene, invoice, changes)
    note = "person: posted in the ERP by hand, and no billing system knows it"
    return scene.added("netsuite", "invoice", stray, note)


def _twice(scene: Scene, invoice: Invoice, _rng: Random) -> Planted:
    document = _posted_again(scene, invoice, {"status": "Open"})
    note = f"approval: invoice {invoice.number} was posted twice"
    return scene.added("netsuite", "invoice", document, note)


Wrong = Callable[[Document, Random], object]


def _posting(
    field: str, wrong: Wrong, note: str
) -> Callable[[Scene, Invoice, Random], Planted]:
    def plant(scene: Scene, invoice: Invoice, rng: Random) -> Planted:
        place = "netsuite", "invoice", posting_id(invoice)
        return scene.changed(*place, field, wrong(scene.look(*place), rng), note)

    return plant


def _other_total(scene: Scene, invoice: Invoice, rng: Random) -> Planted:
    place = "netsuite", "invoice", posting_id(invoice)
    total: Decimal = scene.look(*place)["foreigntotal"]
    # Such as tax that only one of the two put on it.
    wrong = (total * (100 + rng.choice((7, 19, 20))) / 100).quantize(total)
    # The main line and the first item's; there may be more, or none at all.
    moved = (wrong - total, total - wrong)
    lines = invoice_lines(scene.company, invoice)
    for line, amount in zip(lines, moved, strict=False):
        held = scene.record("netsuite", "transactionline", line["id"])
        held |= {name: held[name] + amount for name in ("foreignamount", "netamount")}
    note = "approval: the two totals differ"
    return scene.changed(*place, "foreigntotal", wrong, note)


def _next_period(document: Document, _rng: Random) -> str:
    first = date.fromisoformat(document["trandate"]).replace(day=1)
    return (first + timedelta(days=31)).replace(day=1).isoformat()


def _is_void(_scene: Scene, invoice: Invoice) -> bool:
    return invoice.status == "void"


def _notes(scene: Scene) -> list[Owned[CreditNote]]:
    company = scene.company
    return [
        (company.invoice_by_key[note.invoice_key].customer.key, note)
        for note in scene.books.credit_notes
    ]


def _no_memo(scene: Scene, note: CreditNote, _rng: Random) -> Planted:
    invoice = scene.company.invoice_by_key[note.invoice_key]
    memo, refund = credit_id(invoice), posted_refund_id(invoice)
    for field in ("previousdoc", "nextdoc"):
        for link in scene.where("netsuite", "credit_application", field, memo):
            scene.remove("netsuite", "credit_application", link)
    if note.refund_key is not None:
        scene.remove("netsuite", "customerrefund", refund)
    said = f"approval: credit note {note.number} is not in NetSuite"
    return scene.lost("netsuite", "creditmemo", memo, said)


_POSTED = "netsuite.invoice"
_WHOLE = f"{_POSTED} netsuite.transactionline"
DISORDERS = (
    disorder(
        "invoice missing in the ERP",
        "B01",
        _WHOLE,
        invoices(_unposted),
        _lose,
        rate=COMMON,
    ),
    disorder(
        "ERP invoice that billing does not know",
        "B02",
        _WHOLE,
        invoices(is_paid),
        _unbilled,
        rate=RARE,
    ),
    disorder(
        "other total in the ERP",
        "B03",
        _WHOLE,
        invoices(is_open),
        _other_total,
    ),
    disorder(
        "void invoice still open in ERP",
        "B05",
        _POSTED,
        invoices(_is_void),
        _posting("status", lambda *_: "Open", "approval: void in billing"),
        rate=COMMON,
    ),
    disorder(
        "invoice posted in a later period",
        "B06",
        _POSTED,
        invoices(is_plain),
        _posting("trandate", _next_period, "approval: issued a month earlier"),
    ),
    disorder(
        "credit note missing in the ERP",
        "B08",
        "netsuite.creditmemo netsuite.customerrefund netsuite.credit_application",
        _notes,
        _no_memo,
        needs="credit_notes",
        rate=COMMON,
    ),
    disorder(
        "invoice posted twice", "B04 C09", _WHOLE, invoices(is_paid), _twice, rate=RARE
    ),
)
