"""Billing: the invoice of a period, as a subscription begins, renews or changes."""

from collections.abc import Sequence
from typing import Any

from sandbox.store import Document
from sandbox.stripe import collecting
from sandbox.stripe.books import Books
from sandbox.stripe.coupons import running
from sandbox.stripe.invoice_papers import (
    describe,
    draft,
    line,
    of_subscription,
    pricing_of,
    trial_line,
)
from sandbox.stripe.invoices import DAY, DRAFT_SECONDS, finalized, pending, written
from sandbox.stripe.items import is_metered
from sandbox.stripe.pricing import amount_of, part
from sandbox.stripe.shapes import Declined
from sandbox.stripe.usage import used

Period = tuple[int, int]


def period_lines(
    books: Books,
    subscription: Document,
    invoice_id: str,
    items: Sequence[Document],
    at: int,
    *,
    whole: dict[str, Period] | None = None,
) -> list[Document]:
    """Return the lines of the periods that begin with an invoice.

    Args:
        books: the account's.
        subscription: whose items they are.
        invoice_id: of the invoice.
        items: those whose period begins, charged in advance.
        at: when it begins.
        whole: the full period of items whose first one is cut short by an anchor.
    """
    trial = subscription.get("trial_end")
    lines = []
    for item in items:
        price, quantity = item["price"], item.get("quantity", 1)
        start, end = item["current_period_start"], item["current_period_end"]
        if trial and trial > at:
            amount, text = 0, trial_line(start, end)
        elif is_metered(item):
            continue
        else:
            amount, text = amount_of(price, quantity), describe(books, price, quantity)
            full = (whole or {}).get(item["id"])
            if full is not None:
                amount = part(amount, *full, start)
        lines.append(
            line_of(
                books,
                subscription,
                invoice_id,
                item,
                amount,
                text=text,
                period=(start, end),
            )
        )
    return lines


def usage_lines(
    books: Books,
    subscription: Document,
    invoice_id: str,
    items: Sequence[Document],
) -> list[Document]:
    """Return the lines of what was used in the periods that end with an invoice."""
    lines = []
    for item in items:
        if not is_metered(item):
            continue
        price = item["price"]
        start, end = item["current_period_start"], item["current_period_end"]
        meter = books.get("billing.meter", price["recurring"].get("meter"))
        if meter is None:
            continue
        units = used(books, meter, subscription["customer"], start, end)
        amount, count = amount_of(price, units), int(units)
        text = describe(books, price, units.normalize() if units % 1 else count)
        lines.append(
            line_of(
                books,
                subscription,
                invoice_id,
                item,
                amount,
                text=text,
                period=(start, end),
                quantity=count,
                quantity_decimal=format(units, "f"),
            )
        )
    return lines


def line_of(
    books: Books,
    subscription: Document,
    invoice_id: str,
    item: Document,
    amount: int,
    *,
    text: str,
    period: Period,
    **fields: Any,
) -> Document:
    """Return the line of an item for a period."""
    quantity = fields.pop("quantity", item.get("quantity", 1))
    parent = {
        "invoice_item_details": None,
        "subscription_item_details": {
            "invoice_item": None,
            "proration": False,
            "proration_details": {"credited_items": None},
            "subscription": subscription["id"],
            "subscription_item": item["id"],
        },
        "type": "subscription_item_details",
    }
    return line(
        books,
        invoice_id,
        amount,
        item["price"]["currency"],
        description=text,
        discounts=[
            each["id"] if isinstance(each, dict) else each for each in item["discounts"]
        ],
        parent=parent,
        period={"start": period[0], "end": period[1]},
        pricing=pricing_of(item["price"], amount),
        quantity=quantity,
        **fields,
    )


def paper(
    books: Books, subscription: Document, customer: Document, at: int, reason: str
) -> Document:
    """Return an empty draft for a subscription."""
    method = subscription["collection_method"]
    days = subscription.get("days_until_due")
    discounts = [
        each["id"]
        for each in subscription.get("discounts") or []
        if isinstance(each, dict) and running(each, at)
    ]
    own = customer.get("discount")
    if not discounts and isinstance(own, dict) and running(own, at):
        discounts = [own["id"]]
    return draft(
        books,
        customer,
        at,
        subscription["currency"],
        auto_advance=True,
        automatically_finalizes_at=at + DRAFT_SECONDS,
        billing_reason=reason,
        collection_method=method,
        default_payment_method=None,
        discounts=discounts,
        due_date=at + (days or 0) * DAY if method == "send_invoice" else None,
        parent=of_subscription(subscription),
    )


def issued(
    books: Books,
    subscription: Document,
    invoice: Document,
    lines: list[Document],
    *,
    at_once: bool,
    collect: bool = True,
) -> tuple[Document, Document, Declined | None]:
    """Write an invoice with whatever waits for it.

    Returns:
        the subscription, the invoice, and a card's refusal if it refused.
    """
    customer = books.need("customer", subscription["customer"])
    waiting = pending(books, customer["id"], subscription["currency"], subscription)
    invoice = written(books, invoice, waiting, customer, lines)
    _spend_once(books, subscription, invoice)
    subscription = books.update(
        books.need("subscription", subscription["id"]), latest_invoice=invoice["id"]
    )
    refused = None
    if at_once:
        invoice = finalized(books, invoice)
        if collect:
            invoice, refused = charged(books, invoice)
    return books.need("subscription", subscription["id"]), invoice, refused


def _spend_once(books: Books, subscription: Document, invoice: Document) -> None:
    """Take discounts away that count for one invoice only."""
    held = subscription.get("discounts") or []
    spent = set(invoice["discounts"])
    left = []
    for each in held:
        coupon = books.get("coupon", each["source"]["coupon"]) or {}
        if each["id"] not in spent or coupon.get("duration") != "once":
            left.append(each)
    if left != held:
        books.update(subscription, discounts=left)


def charged(books: Books, invoice: Document) -> tuple[Document, Declined | None]:
    """Try to collect an open invoice with what the customer has."""
    if invoice["status"] != "open":
        return invoice, None
    if invoice["collection_method"] != "charge_automatically":
        return invoice, None
    method = collecting.method_of(books, invoice)
    if method is None:
        return collecting.failed(books, invoice), None
    return collecting.attempt(books, invoice, method)
