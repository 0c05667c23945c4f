"""Promotion codes: what a customer types to have a coupon."""

import re
from typing import Any

from sandbox.collection import column
from sandbox.store import Document
from sandbox.stripe.books import Books
from sandbox.stripe.parameters import (
    EXPAND,
    MAX_AMOUNT,
    Read,
    checked,
    choice,
    currency,
    flag,
    group,
    instant,
    merged,
    metadata,
    text,
    whole,
)
from sandbox.stripe.shapes import Params, invalid, missing
from sandbox.wire import made

_CODE = re.compile(r"[A-Za-z0-9-]{1,500}")
_MINIMUM = group({"minimum_amount!": whole(1, MAX_AMOUNT)})


def _currencies(value: Any, name: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise invalid("Invalid object", name)
    return {
        currency(code, name): _MINIMUM(each, f"{name}[{code}]")
        for code, each in value.items()
    }


def _code(value: Any, name: str) -> str | None:
    if value == "":
        return None
    if not isinstance(value, str) or not _CODE.fullmatch(value):
        sentence = "Promotion codes may only contain letters, digits and dashes."
        raise invalid(sentence, name)
    return value


def create(books: Books, given: Params) -> Document:
    """Add a code for a coupon."""
    restrictions: dict[str, Read] = {
        "currency_options": _currencies,
        "first_time_transaction": flag,
        "minimum_amount": whole(1, MAX_AMOUNT),
        "minimum_amount_currency": currency,
    }
    params = checked(
        given,
        {
            **EXPAND,
            "active": flag,
            "code": _code,
            "customer": text(),
            "expires_at": instant(),
            "max_redemptions": whole(1),
            "metadata": metadata,
            "promotion!": group({"type!": choice("coupon"), "coupon!": text()}),
            "restrictions": group(restrictions),
        },
    )
    coupon = books.need("coupon", params["promotion"]["coupon"], "promotion[coupon]")
    _check(books, coupon, params)
    code = params.get("code") or made("", "promo", books.store.number(), length=8)
    wanted = params.get("restrictions") or {}
    document: Document = {
        "id": books.new_id("promo_"),
        "object": "promotion_code",
        "active": params.get("active", True),
        "code": code if params.get("code") else code.upper(),
        "created": books.now,
        "customer": params.get("customer"),
        "customer_account": None,
        "expires_at": params.get("expires_at"),
        "livemode": False,
        "max_redemptions": params.get("max_redemptions"),
        "metadata": merged(None, params.get("metadata", {})),
        "promotion": {"coupon": coupon["id"], "type": "coupon"},
        "restrictions": {
            "first_time_transaction": wanted.get("first_time_transaction", False),
            "minimum_amount": wanted.get("minimum_amount"),
            "minimum_amount_currency": wanted.get("minimum_amount_currency"),
        },
        "times_redeemed": 0,
        "_code": code.lower(),
    }
    if wanted.get("currency_options"):
        document["restrictions"]["currency_options"] = wanted["currency_options"]
    if document["active"]:
        _check_free(books, document)
    return books.create(document)


def _check(books: Books, coupon: Document, params: Params) -> None:
    """Refuse what outlasts the coupon, or is only half said."""
    if not coupon.get("valid", True):
        raise invalid(f"Coupon expired: {coupon['id']}", "promotion", "coupon_expired")
    if params.get("customer"):
        books.need("customer", params["customer"], "customer")
    ends, last = params.get("expires_at"), coupon.get("redeem_by")
    if ends is not None and (ends <= books.now or (last is not None and ends > last)):
        sentence = "expires_at must be in the future, and not after the coupon's end."
        raise invalid(sentence, "expires_at")
    most, of_all = params.get("max_redemptions"), coupon.get("max_redemptions")
    if most is not None and of_all is not None and most > of_all:
        sentence = "max_redemptions cannot be greater than the coupon's."
        raise invalid(sentence, "max_redemptions")
    wanted = params.get("restrictions") or {}
    names = ("minimum_amount", "minimum_amount_currency")
    if len({wanted.get(name) is None for name in names}) == 2:
        sentence = f"You must pass {names[0]} and {names[1]} together."
        raise invalid(sentence, f"restrictions[{names[0]}]", "parameter_missing")


def _check_free(books: Books, document: Document) -> None:
    """Refuse a code that is active already, for everybody or for the same customer."""
    others = books.table("promotion_code").find(
        f"{column('_code')} = ? and {column('active')} = 1 and id <> ?",
        (document["_code"], document["id"]),
    )
    mine = document["customer"]
    if any(
        mine is None or each["customer"] is None or each["customer"] == mine
        for each in others
    ):
        sentence = "An active promotion code with `code: {}` already exists."
        raise invalid(sentence.format(document["code"]), "code")


def update(books: Books, given: Params, code_id: str) -> Document:
    """Switch a code on or off, or change its metadata or minimum amounts."""
    params = checked(
        given,
        {
            **EXPAND,
            "active": flag,
            "metadata": metadata,
            "restrictions": group({"currency_options": _currencies}),
        },
    )
    held = books.need("promotion_code", code_id)
    fields: Document = {}
    if "active" in params:
        fields["active"] = params["active"]
        if params["active"] and not held["active"]:
            _check_free(books, held)
    if "metadata" in params:
        fields["metadata"] = merged(held["metadata"], params["metadata"])
    if params.get("restrictions"):
        fields["restrictions"] = held["restrictions"] | params["restrictions"]
    return books.update(held, **fields)


def redeemable(
    books: Books, code_id: str, customer_id: str | None, at: int, param: str
) -> Document:
    """Return a code that a customer may redeem.

    Its minimum amount is left to Checkout, where there is an amount to compare.

    Raises:
        Refusal: there is no such code, or it is not for this customer or time.
    """
    code = books.get("promotion_code", code_id)
    if code is None:
        raise missing("promotion code", code_id, param)
    most = code["max_redemptions"]
    if (
        not code["active"]
        or (code["expires_at"] is not None and code["expires_at"] <= at)
        or (most is not None and code["times_redeemed"] >= most)
    ):
        raise _refused("it is no longer active", param)
    if code["customer"] not in (None, customer_id):
        raise _refused("it belongs to another customer", param)
    if code["restrictions"]["first_time_transaction"] and books.table("charge").count(
        f"{column('customer')} = ? and {column('status')} = 'succeeded'",
        (customer_id,),
    ):
        raise _refused("the associated customer has prior transactions", param)
    return code


def _refused(why: str, param: str) -> Exception:
    sentence = f"This promotion code cannot be redeemed because {why}."
    return invalid(sentence, param)


def count(books: Books, code: Document) -> None:
    """Count a redemption; the last one that there may be ends the code."""
    used, most = code["times_redeemed"] + 1, code["max_redemptions"]
    active = code["active"] and (most is None or used < most)
    books.update(code, times_redeemed=used, active=active)
