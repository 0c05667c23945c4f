"""Invoice endings: voided, written off, and what stops then."""

from sandbox.store import Document
from sandbox.stripe import payment_intents
from sandbox.stripe.books import Books
from sandbox.stripe.parameters import EXPAND, checked
from sandbox.stripe.shapes import Params, invalid


def stop_payments(books: Books, invoice: Document, reason: str | None) -> None:
    """Give up what is still open of an invoice's payments."""
    for payment in books.find("invoice_payment", invoice=invoice["id"], status="open"):
        moved = {**payment["status_transitions"], "canceled_at": books.now}
        books.update(payment, status="canceled", status_transitions=moved)
        intent_id = payment["payment"].get("payment_intent")
        intent = books.get("payment_intent", intent_id)
        if intent and intent["status"] not in ("succeeded", "canceled"):
            payment_intents.canceled(books, intent, reason)


def void(books: Books, given: Params, invoice_id: str) -> Document:
    """Take an open invoice back; it keeps its number."""
    checked(given, EXPAND)
    invoice = books.need("invoice", invoice_id)
    if invoice["status"] not in ("open", "uncollectible"):
        raise not_open()
    stop_payments(books, invoice, "void_invoice")
    return ended(books, invoice, "void", "voided_at")


def ended(books: Books, invoice: Document, status: str, stamp: str) -> Document:
    """Return an invoice that nobody will pay any more."""
    at = books.time_of(invoice)
    return books.update(
        invoice,
        auto_advance=False,
        next_payment_attempt=None,
        status=status,
        status_transitions={**invoice["status_transitions"], stamp: at},
    )


def not_open() -> Exception:
    """Return the refusal to end what isn't open."""
    sentence = "You can only pass in open invoices. This invoice isn't open."
    return invalid(sentence, code="status_transition_invalid")


def mark_uncollectible(books: Books, given: Params, invoice_id: str) -> Document:
    """Write an open invoice off."""
    checked(given, EXPAND)
    invoice = books.need("invoice", invoice_id)
    if invoice["status"] != "open":
        raise not_open()
    return ended(books, invoice, "uncollectible", "marked_uncollectible_at")
