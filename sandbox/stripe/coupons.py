"""Coupons, and the discounts that they become."""

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from sandbox.store import Document
from sandbox.stripe import promotion_codes
from sandbox.stripe.books import Books
from sandbox.stripe.expanding import discount as held_discount
from sandbox.stripe.parameters import (
    EXPAND,
    Fields,
    checked,
    choice,
    currency,
    decimal,
    group,
    instant,
    merged,
    metadata,
    several,
    text,
    whole,
)
from sandbox.stripe.periods import later
from sandbox.stripe.shapes import Params, invalid, missing
from sandbox.wire import made

# One entry of a `discounts` parameter.
DISCOUNT = group({"coupon": text(), "discount": text(), "promotion_code": text()})
DISCOUNTS = several(DISCOUNT)


def create(books: Books, given: Params) -> Document:
    """Add a coupon."""
    params = checked(
        given,
        {
            **EXPAND,
            "amount_off": whole(1),
            "applies_to": group({"products": several(text())}),
            "currency": currency,
            "duration": choice("forever", "once", "repeating"),
            "duration_in_months": whole(1, 1200),
            "id": text(longest=500),
            "max_redemptions": whole(1),
            "metadata": metadata,
            "name": text(longest=40),
            "percent_off": decimal(low=0, high=100),
            "redeem_by": instant(),
        },
    )
    percent, amount = params.get("percent_off"), params.get("amount_off")
    if (percent is None) == (amount is None) or percent == 0:
        sentence = "You must specify either percent_off or amount_off, but not both."
        raise invalid(sentence, "percent_off")
    if amount is not None and not params.get("currency"):
        sentence = "You must pass currency when passing amount_off."
        raise invalid(sentence, "currency", "parameter_missing")
    duration = params.get("duration") or "once"
    months = params.get("duration_in_months")
    if (duration == "repeating") != (months is not None):
        sentence = "duration_in_months goes with a duration of repeating, and only so."
        raise invalid(sentence, "duration_in_months")
    coupon_id = params.get("id") or made("", books.store.number(), length=8)
    if books.get("coupon", coupon_id) is not None:
        raise invalid("Coupon already exists.", "id", "resource_already_exists")
    products = (params.get("applies_to") or {}).get("products")
    for product in products or ():
        books.need("product", product, "applies_to[products]")
    coupon: Document = {
        "id": coupon_id,
        "object": "coupon",
        "amount_off": amount,
        "created": books.now,
        "currency": params.get("currency") if amount is not None else None,
        "duration": duration,
        "duration_in_months": months,
        "livemode": False,
        "max_redemptions": params.get("max_redemptions"),
        "metadata": merged(None, params.get("metadata", {})),
        "name": params.get("name"),
        "percent_off": percent,
        "redeem_by": params.get("redeem_by"),
        "times_redeemed": 0,
        "valid": True,
    }
    if products:
        coupon["applies_to"] = {"products": products}
    return books.create(coupon)


def update(books: Books, given: Params, coupon_id: str) -> Document:
    """Change a coupon's name or metadata."""
    own: Fields = {"metadata": metadata, "name": text(longest=40)}
    params = checked(given, {**EXPAND, **own})
    coupon = books.need("coupon", coupon_id)
    fields: Document = {"name": params["name"]} if "name" in params else {}
    if "metadata" in params:
        held = coupon.get("metadata")
        fields["metadata"] = merged(held, params["metadata"])
    return books.update(coupon, **fields)


def delete(books: Books, given: Params, coupon_id: str) -> Document:
    """Take a coupon away; discounts that were made from it go on."""
    checked(given, {})
    coupon = books.need("coupon", coupon_id)
    books.keep("_coupon", coupon)
    return books.delete(coupon)


def redeemed(
    books: Books,
    wanted: Sequence[Params],
    held: Sequence[Any],
    at: int,
    place: Params,
) -> list[Document]:
    """Return the discounts that a `discounts` parameter asks for.

    Args:
        books: the account's.
        wanted: coupons or promotion codes to redeem, or discounts to keep.
        held: the discounts that are there.
        at: when a new one begins.
        place: what it is on: customer, subscription and so on.
    """
    kept = {each["id"]: each for each in held if isinstance(each, dict)}
    discounts = []
    for number, each in enumerate(wanted):
        param = f"discounts[{number}]"
        if sum(value is not None for value in each.values()) != 1:
            sentence = "Give one of a coupon, a discount or a promotion code."
            raise invalid(sentence, param)
        if each.get("discount"):
            found = kept.get(each["discount"]) or held_discount(books, each["discount"])
            if found is None:
                raise missing("discount", each["discount"], f"{param}[discount]")
            discounts.append(found)
        elif each.get("coupon"):
            discounts.append(
                redeem(books, each["coupon"], at, place, f"{param}[coupon]")
            )
        else:
            name = f"{param}[promotion_code]"
            customer, code_id = place.get("customer"), each["promotion_code"]
            code = promotion_codes.redeemable(books, code_id, customer, at, name)
            on = {**place, "promotion_code": code["id"]}
            discounts.append(redeem(books, code["promotion"]["coupon"], at, on, name))
            promotion_codes.count(books, code)
    return discounts


def redeem(
    books: Books, coupon_id: str, at: int, place: Params, param: str
) -> Document:
    """Return a new discount from a coupon."""
    coupon = books.need("coupon", coupon_id, param)
    over = coupon.get("redeem_by") and coupon["redeem_by"] <= at
    used, most = coupon.get("times_redeemed", 0), coupon.get("max_redemptions")
    if over or not coupon.get("valid", True) or (most is not None and used >= most):
        sentence = f"Coupon expired: {coupon_id}"
        raise invalid(sentence, param, "coupon_expired")
    end = None
    if coupon["duration"] == "repeating":
        end = later(at, "month", coupon["duration_in_months"])
    discount: Document = {
        "id": books.new_id("di_"),
        "object": "discount",
        "checkout_session": None,
        "customer": None,
        "end": end,
        "invoice": None,
        "invoice_item": None,
        "promotion_code": None,
        "source": {"coupon": coupon_id, "type": "coupon"},
        "start": at,
        "subscription": None,
        "subscription_item": None,
        **place,
    }
    books.keep("_discount", discount)
    books.update(coupon, times_redeemed=used + 1, valid=most is None or used + 1 < most)
    return discount


def coupon_of(books: Books, discount: Document) -> Document:
    """Return the coupon from which a discount was made, a deleted one too."""
    coupon_id = discount["source"]["coupon"]
    found = books.get("coupon", coupon_id) or books.get("_coupon", coupon_id)
    return found or {"percent_off": 0, "amount_off": None, "duration": "forever"}


def running(discount: Document, at: int) -> bool:
    """Say whether a discount still counts at an instant."""
    return discount.get("end") is None or int(discount["end"]) > at


def off(coupon: Document, amounts: Sequence[int], products: Sequence[Any]) -> list[int]:
    """Return what a coupon takes off each amount.

    A percentage is rounded half away from zero for each line; an amount is shared out
    so that the shares sum to it, and never takes more than there is.
    """
    only = (coupon.get("applies_to") or {}).get("products")
    counts = [only is None or product in only for product in products]
    percent = coupon.get("percent_off")
    if percent is not None:
        share = Decimal(str(percent)) / 100
        return [
            rounded(amount * share) if applies else 0
            for amount, applies in zip(amounts, counts, strict=True)
        ]
    base = [
        max(0, amount) if applies else 0
        for amount, applies in zip(amounts, counts, strict=True)
    ]
    return shared(min(int(coupon.get("amount_off") or 0), sum(base)), base)


def shared(whole_amount: int, weights: Sequence[int]) -> list[int]:
    """Share an amount out by weight; the shares sum to it exactly."""
    total = sum(weights)
    if total == 0:
        return [0] * len(weights)
    shares, given, seen = [], 0, 0
    for weight in weights:
        seen += weight
        upto = whole_amount * seen // total
        shares.append(upto - given)
        given = upto
    return shares


def rounded(amount: Decimal) -> int:
    """Return whole minor units, half away from zero."""
    return int(amount.quantize(Decimal(1), ROUND_HALF_UP))


def day(at: int) -> str:
    """Return a day as Stripe's descriptions write it."""
    return datetime.fromtimestamp(at, UTC).strftime("%d %b %Y")
