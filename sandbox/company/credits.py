"""Credits: parts of invoices that were taken back."""

import random
from dataclasses import replace
from datetime import date

from sandbox.company.days import plus
from sandbox.company.facts import CreditLine, CreditNote, Invoice, Refund

CREDITED_PERMILLE = 25
# The words of Stripe's credit notes.
REASONS = ("order_change", "order_change", "product_unsatisfactory", "duplicate")
# Later than any retry of a declined card, see `payments`.
EARLIEST_DAYS = 8

Credited = tuple[list[CreditNote], list[Refund]]


def credited(
    invoices: list[Invoice], refunds: list[Refund], as_of: date, rng: random.Random
) -> Credited:
    """Return a customer's credit notes and the refunds that go with them.

    They are for every other invoice: disputes are for the rest (see `payments`).
    """
    refunded = {refund.invoice_key for refund in refunds}
    notes, back = [], []
    for place, invoice in enumerate(invoices):
        chance, wait = rng.random(), rng.randint(0, 30)
        percent, reason = rng.choice((10, 25, 50, 100)), rng.choice(REASONS)
        if (
            place % 2 == 0
            or chance * 1_000 >= CREDITED_PERMILLE
            or invoice.key in refunded
            or invoice.replaces is not None
            or invoice.status == "void"
            or invoice.failed
        ):
            continue
        since = invoice.issued_on
        if invoice.due_on is not None and invoice.paid_on is not None:
            since = invoice.paid_on
        issued_on = plus(since, EARLIEST_DAYS + wait)
        note = _note(invoice, percent, reason, issued_on)
        # What is open has to stay so: an invoice that owes nothing would be paid.
        leaves = invoice.status == "paid" or note.total_minor < invoice.total_minor
        if issued_on > as_of or note.total_minor <= 0 or not leaves:
            continue
        if invoice.status == "paid":
            refund = Refund(f"{note.key}:r", invoice.key, note.total_minor, issued_on)
            note = replace(note, refund_key=refund.key)
            back.append(refund)
        notes.append(note)
    return notes, back


def _note(invoice: Invoice, percent: int, reason: str, issued_on: date) -> CreditNote:
    line = max(invoice.lines, key=lambda each: each.amount_minor - each.discount_minor)
    amount = (line.amount_minor - line.discount_minor) * percent // 100
    amount = min(amount, invoice.total_minor)
    key = f"{invoice.key}:credit"
    return CreditNote(
        key=key,
        number=f"{invoice.number}-CN-01",
        invoice_key=invoice.key,
        reason=reason,
        lines=(CreditLine(f"{key}:0", line.key, amount),),
        total_minor=amount,
        issued_on=issued_on,
    )
