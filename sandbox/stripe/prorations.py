"""Prorations: what a change in the middle of a period gives back and charges."""

from collections.abc import Sequence
from decimal import Decimal

from sandbox.store import Document
from sandbox.stripe.books import Books
from sandbox.stripe.coupons import coupon_of, day, rounded, running
from sandbox.stripe.invoice_papers import describe, pricing_of, product_id
from sandbox.stripe.items import is_metered
from sandbox.stripe.pricing import amount_of, part


def written(
    books: Books,
    subscription: Document,
    before: Sequence[Document],
    after: Sequence[Document],
    at: int,
) -> list[Document]:
    """Write the invoice items of a change and return them.

    Each item that changed gives back the unused time of what it was and charges the
    remaining time of what it is, to the second; each line is rounded by itself.
    """
    held = {item["id"]: item for item in before}
    wanted = {item["id"]: item for item in after}
    lines = []
    for item_id in {**held, **wanted}:
        old, new = held.get(item_id), wanted.get(item_id)
        if old and new and _terms(old) == _terms(new):
            continue
        if old and not is_metered(old):
            lines.append(_item(books, subscription, old, at, sign=-1))
        if new and not is_metered(new):
            lines.append(_item(books, subscription, new, at, sign=1))
    return [books.create(each) for each in lines if each["amount"]]


def _terms(item: Document) -> tuple[object, ...]:
    period = (item["current_period_start"], item["current_period_end"])
    return (item["price"]["id"], item.get("quantity"), *period)


def _item(
    books: Books, subscription: Document, item: Document, at: int, *, sign: int
) -> Document:
    price, quantity = item["price"], item.get("quantity", 1)
    start, end = item["current_period_start"], item["current_period_end"]
    full = discounted(books, subscription, item, amount_of(price, quantity), at)
    amount = sign * part(full, start, end, at)
    what = describe(books, price, quantity).partition(" (at ")[0]
    time = "Remaining time on" if sign > 0 else "Unused time on"
    customer = books.get("customer", subscription["customer"]) or {}
    return {
        "id": books.new_id("ii_"),
        "object": "invoiceitem",
        "amount": amount,
        "currency": price["currency"],
        "customer": subscription["customer"],
        "date": at,
        "description": f"{time} {what} after {day(at)}",
        # The coupon is in the amount already.
        "discountable": False,
        "discounts": [],
        "invoice": None,
        "livemode": False,
        "metadata": {},
        "net_amount": amount,
        "parent": {
            "subscription_details": {
                "subscription": subscription["id"],
                "subscription_item": item["id"],
            },
            "type": "subscription_details",
        },
        "period": {"start": at, "end": end},
        "pricing": pricing_of(price, amount),
        "proration": True,
        "proration_details": {"discount_amounts": []},
        "quantity": quantity,
        "quantity_decimal": str(quantity),
        "tax_rates": [],
        "test_clock": customer.get("test_clock"),
    }


def discounted(
    books: Books, subscription: Document, item: Document, amount: int, at: int
) -> int:
    """Return an amount after the percentages that are running on a subscription.

    Amounts off are not given back in parts: they were taken off a whole invoice.
    """
    for discount in (*(subscription.get("discounts") or ()), *item["discounts"]):
        if not isinstance(discount, dict) or not running(discount, at):
            continue
        coupon = coupon_of(books, discount)
        only = (coupon.get("applies_to") or {}).get("products")
        if coupon.get("percent_off") is None:
            continue
        if only is not None and product_id(item["price"]) not in only:
            continue
        share = Decimal(str(coupon["percent_off"])) / 100
        amount -= rounded(amount * share)
    return amount
