"""Invoice papers: how a draft, its lines and its sums are made; nothing is written."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from sandbox.store import Document
from sandbox.stripe.books import Books
from sandbox.stripe.coupons import coupon_of, day, off, running
from sandbox.stripe.expanding import discount as held_discount
from sandbox.stripe.pricing import unit_of

_EXPONENTS = {"jpy": 0, "krw": 0, "vnd": 0, "clp": 0}
TIMES = "\u00d7"
_SIGNS = {"usd": "$", "eur": "€", "gbp": "£", "jpy": "¥"}


def draft(
    books: Books, customer: Document, at: int, currency: str, **settings: Any
) -> Document:
    """Return an empty draft for a customer; `settings` replace its fields."""
    invoice_id = books.new_id("in_")
    method = settings.get("collection_method", "charge_automatically")
    return {
        "id": invoice_id,
        "object": "invoice",
        "account_country": "US",
        "account_name": "Concord Sandbox",
        "account_tax_ids": None,
        "amount_due": 0,
        "amount_overpaid": 0,
        "amount_paid": 0,
        "amount_paid_off_stripe": 0,
        "amount_remaining": 0,
        "amount_shipping": 0,
        "application": None,
        "attempt_count": 0,
        "attempted": False,
        "auto_advance": False,
        "automatic_tax": {
            "disabled_reason": None,
            "enabled": False,
            "liability": None,
            "provider": None,
            "status": None,
        },
        "automatically_finalizes_at": None,
        "billing_reason": "manual",
        "collection_method": method,
        "created": at,
        "currency": currency,
        "custom_fields": None,
        "customer": customer["id"],
        "customer_address": customer.get("address"),
        "customer_email": customer.get("email"),
        "customer_name": customer.get("name"),
        "customer_phone": customer.get("phone"),
        "customer_shipping": customer.get("shipping"),
        "customer_tax_exempt": customer.get("tax_exempt") or "none",
        "customer_tax_ids": [],
        "default_payment_method": None,
        "default_source": None,
        "default_tax_rates": [],
        "description": None,
        "discounts": [],
        "due_date": None,
        "effective_at": None,
        "ending_balance": None,
        "footer": None,
        "from_invoice": None,
        "hosted_invoice_url": None,
        "invoice_pdf": None,
        "issuer": {"type": "self"},
        "last_finalization_error": None,
        "latest_revision": None,
        "lines": {
            "object": "list",
            "data": [],
            "has_more": False,
            "url": f"/v1/invoices/{invoice_id}/lines",
        },
        "livemode": False,
        "metadata": {},
        "next_payment_attempt": None,
        "number": None,
        "on_behalf_of": None,
        "parent": None,
        "payment_settings": {
            "default_mandate": None,
            "payment_method_options": None,
            "payment_method_types": None,
        },
        "period_end": at,
        "period_start": at,
        "post_payment_credit_notes_amount": 0,
        "pre_payment_credit_notes_amount": 0,
        "receipt_number": None,
        "rendering": None,
        "shipping_cost": None,
        "shipping_details": None,
        "starting_balance": 0,
        "statement_descriptor": None,
        "status": "draft",
        "status_transitions": {
            "finalized_at": None,
            "marked_uncollectible_at": None,
            "paid_at": None,
            "voided_at": None,
        },
        "subtotal": 0,
        "subtotal_excluding_tax": 0,
        "test_clock": customer.get("test_clock"),
        "total": 0,
        "total_discount_amounts": [],
        "total_excluding_tax": 0,
        "total_pretax_credit_amounts": [],
        "total_taxes": [],
        "webhooks_delivered_at": at,
        **settings,
    }


def of_subscription(subscription: Document) -> Document:
    """Return the `parent` of an invoice that a subscription made."""
    return {
        "quote_details": None,
        "subscription_details": {
            "metadata": dict(subscription.get("metadata") or {}),
            "subscription": subscription["id"],
        },
        "type": "subscription_details",
    }


def pricing_of(price: Document | None, amount: int) -> Document:
    """Return the `pricing` of a line."""
    if price is None:
        return {"type": "price_details", "unit_amount_decimal": str(amount)}
    return {
        "price_details": {
            "price": price["id"],
            "product": product_id(price),
        },
        "type": "price_details",
        "unit_amount_decimal": None
        if price.get("billing_scheme") == "tiered"
        else unit_of(price),
    }


def product_id(price: Document) -> Any:
    """Return the id of the product of a price."""
    product = price["product"]
    return product["id"] if isinstance(product, dict) else product


def line(
    books: Books, invoice_id: str, amount: int, currency: str, **fields: Any
) -> Document:
    """Return a line; `fields` replace what it has by itself."""
    return {
        "id": books.new_id("il_"),
        "object": "line_item",
        "amount": amount,
        "currency": currency,
        "description": None,
        "discount_amounts": [],
        "discountable": True,
        "discounts": [],
        "invoice": invoice_id,
        "livemode": False,
        "metadata": {},
        "parent": None,
        "period": {"end": 0, "start": 0},
        "pretax_credit_amounts": [],
        "pricing": None,
        "quantity": 1,
        "quantity_decimal": str(fields.get("quantity", 1)),
        "subtotal": amount,
        "taxes": [],
        **fields,
    }


def line_of_item(books: Books, invoice_id: str, item: Document) -> Document:
    """Return the line that an invoice item becomes."""
    proration: Document = {
        "proration": item["proration"],
        "proration_details": {"credited_items": None},
        "subscription": None,
    }
    details = (item.get("parent") or {}).get("subscription_details")
    if details:
        proration["subscription"] = details["subscription"]
    parent: Document = {
        "invoice_item_details": {"invoice_item": item["id"], **proration},
        "subscription_item_details": None,
        "type": "invoice_item_details",
    }
    if details and details.get("subscription_item"):
        parent = {
            "invoice_item_details": None,
            "subscription_item_details": {
                "invoice_item": item["id"],
                **proration,
                "subscription_item": details["subscription_item"],
            },
            "type": "subscription_item_details",
        }
    pricing = item.get("pricing")
    return line(
        books,
        invoice_id,
        item["amount"],
        item["currency"],
        description=item.get("description"),
        discountable=item.get("discountable", True),
        discounts=item.get("discounts") or [],
        metadata=dict(item.get("metadata") or {}),
        parent=parent,
        period=item["period"],
        pricing=pricing,
        quantity=item["quantity"],
        quantity_decimal=item.get("quantity_decimal") or str(item["quantity"]),
    )


def describe(books: Books, price: Document, quantity: int | Decimal) -> str:
    """Return what a line says: `3 x Seats (at $10.00 / month)`."""
    product = books.get("product", product_id(price))
    name = product["name"] if product else "Product"
    rhythm = price.get("recurring") or {}
    each = rhythm.get("interval")
    count = rhythm.get("interval_count", 1)
    per = (
        "" if not each else f" / {each}" if count == 1 else f" / every {count} {each}s"
    )
    if price.get("billing_scheme") == "tiered":
        return f"{quantity} {TIMES} {name} (Tier 1{per})"
    unit = money(unit_of(price), price["currency"])
    return f"{quantity} {TIMES} {name} (at {unit}{per})"


def money(minor: str, currency: str) -> str:
    """Return an amount for people."""
    places = _EXPONENTS.get(currency, 2)
    amount = Decimal(minor).scaleb(-places)
    exact = max(places, -int(amount.normalize().as_tuple().exponent))
    sign = _SIGNS.get(currency)
    text = f"{amount:,.{exact}f}"
    return f"{sign}{text}" if sign else f"{text} {currency.upper()}"


def trial_line(start: int, end: int) -> str:
    """Return what the free line of a trial says."""
    return f"Trial period ({day(start)} to {day(end)})"


def discounts_of(books: Books, ids: Iterable[Any], at: int) -> list[Document]:
    """Return the discounts that still count."""
    found = (held_discount(books, str(each)) for each in ids)
    return [each for each in found if each is not None and running(each, at)]


def summed(
    books: Books, invoice: Document, lines: Sequence[Document], starting: int
) -> Document:
    """Return the fields of an invoice that follow from its lines.

    Args:
        books: the account's.
        invoice: with its discounts.
        lines: all of them.
        starting: the customer's balance; negative is the customer's money.
    """
    left = [each["amount"] for each in lines]
    cuts: list[list[Document]] = [[] for _ in lines]
    totals: dict[str, int] = {}
    products = [_product_of(each) for each in lines]
    general = discounts_of(books, invoice["discounts"], invoice["created"])
    own = [discounts_of(books, each["discounts"], invoice["created"]) for each in lines]
    everything = [(each, None) for each in general]
    everything += [(each, place) for place, some in enumerate(own) for each in some]  # type: ignore[misc]
    for discount, only in everything:
        base = [
            amount
            if each["discountable"] and amount > 0 and only in (None, place)
            else 0
            for place, (each, amount) in enumerate(zip(lines, left, strict=True))
        ]
        for place, cut in enumerate(off(coupon_of(books, discount), base, products)):
            if cut or base[place]:
                cuts[place].append({"amount": cut, "discount": discount["id"]})
            left[place] -= cut
            totals[discount["id"]] = totals.get(discount["id"], 0) + cut
    data = [
        {**each, "discount_amounts": some}
        for each, some in zip(lines, cuts, strict=True)
    ]
    subtotal, total = sum(each["amount"] for each in lines), sum(left)
    due = max(0, total + starting)
    return {
        "amount_due": due,
        "amount_remaining": due,
        "lines": {**invoice["lines"], "data": data},
        "starting_balance": starting,
        "subtotal": subtotal,
        "subtotal_excluding_tax": subtotal,
        "total": total,
        "total_discount_amounts": [
            {"amount": amount, "discount": each} for each, amount in totals.items()
        ],
        "total_excluding_tax": total,
    }


def _product_of(line_item: Document) -> Any:
    details = (line_item.get("pricing") or {}).get("price_details") or {}
    return details.get("product")
