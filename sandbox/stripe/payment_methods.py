"""Payment methods: cards, made from numbers or from Stripe's ids for test cards."""

from typing import Any

from sandbox.collection import column
from sandbox.store import Document
from sandbox.stripe.books import Books
from sandbox.stripe.cards import BY_NUMBER, Card, brand, declined, named, valid
from sandbox.stripe.parameters import (
    EXPAND,
    Fields,
    checked,
    choice,
    group,
    merged,
    metadata,
    text,
    whole,
)
from sandbox.stripe.shapes import Params, error, invalid, missing
from sandbox.wire import Refusal, made

_DETAILS: Fields = {
    "address": group(
        dict.fromkeys(
            ("city", "country", "line1", "line2", "postal_code", "state"), text()
        )
    ),
    "email": text(),
    "name": text(),
    "phone": text(),
    "tax_id": text(),
}
_CARD: Fields = {
    "number": text(longest=30),
    "token": text(),
    "exp_month": whole(1, 12),
    "exp_year": whole(1970, 2100),
    "cvc": text(longest=4),
}
DATA: Fields = {
    "type!": choice("card", "us_bank_account", "sepa_debit", "customer_balance"),
    "card": group(_CARD),
    "billing_details": group(_DETAILS),
    "metadata": metadata,
    "allow_redisplay": choice("always", "limited", "unspecified"),
}


def create(books: Books, given: Params) -> Document:
    """Add a payment method that belongs to nobody yet."""
    params = checked(given, {**EXPAND, **DATA, "type": DATA["type!"]})
    if "type" not in params:
        raise invalid("Missing required param: type.", "type", "parameter_missing")
    return made_from(books, params, "")


def made_from(books: Books, params: Params, inside: str) -> Document:
    """Add the payment method that `payment_method_data` describes."""

    def full(name: str) -> str:
        return f"{inside}{name}" if not inside else f"{inside}[{name}]"

    if params["type"] != "card":
        sentence = (
            f"The payment method type provided: {params['type']} is invalid. Please "
            "ensure the provided type is activated in your dashboard."
        )
        raise invalid(sentence, full("type"), "payment_intent_invalid_parameter")
    given = params.get("card")
    if not given:
        raise invalid(
            f"Missing required param: {full('card')}.",
            full("card"),
            "parameter_missing",
        )
    if given.get("token"):
        card = named(given["token"])
        if card is None:
            raise missing("token", given["token"], "card[token]")
        return books.create(_document(books, card, params))
    number = (given.get("number") or "").replace(" ", "")
    if not valid(number):
        raise Refusal(
            error(
                402,
                "Your card number is incorrect.",
                kind="card_error",
                code="incorrect_number",
                param="number",
            )
        )
    now = books.store.clock.now()
    year, month = given.get("exp_year"), given.get("exp_month")
    for name, value in (("exp_month", month), ("exp_year", year)):
        if value is None:
            raise invalid(
                f"Missing required param: card[{name}].", name, "parameter_missing"
            )
    if (year, month) < (now.year, now.month):
        name = "exp_year" if year < now.year else "exp_month"
        raise Refusal(
            error(
                402,
                f"Your card's expiration {name[4:]} is invalid.",
                kind="card_error",
                code=f"invalid_expiry_{name[4:]}",
                param=name,
            )
        )
    card = BY_NUMBER.get(number) or Card(number, brand(number))
    return books.create(_document(books, card, params, month=month, year=year))


def _document(
    books: Books,
    card: Card,
    params: Params,
    *,
    month: int = 12,
    year: int | None = None,
    prefix: str = "pm_",
) -> Document:
    details = params.get("billing_details") or {}
    address = {
        **dict.fromkeys(("city", "country", "line1", "line2", "postal_code", "state")),
        **(details.get("address") or {}),
    }
    return {
        "id": books.new_id(prefix),
        "object": "payment_method",
        "allow_redisplay": params.get("allow_redisplay") or "unspecified",
        "billing_details": {
            **dict.fromkeys(("email", "name", "phone", "tax_id")),
            **details,
            "address": address,
        },
        "card": {
            "brand": card.brand,
            "checks": {
                "address_line1_check": None,
                "address_postal_code_check": None,
                "cvc_check": "pass",
            },
            "country": "US",
            "display_brand": card.brand,
            "exp_month": month,
            "exp_year": year or books.store.clock.now().year + 3,
            "fingerprint": made("", "card", card.number, length=16),
            "funding": card.funding,
            "generated_from": None,
            "last4": card.number[-4:],
            "networks": {"available": [card.brand], "preferred": None},
            "regulated_status": "unregulated",
            "three_d_secure_usage": {"supported": True},
            "wallet": None,
        },
        "created": books.now,
        "customer": None,
        "livemode": False,
        "metadata": merged(None, params.get("metadata", {})),
        "type": "card",
        "_number": card.number,
    }


def card_of(method: Document) -> Card:
    """Return how a payment method's card behaves."""
    number = str(method.get("_number", ""))
    return BY_NUMBER.get(number) or Card(number or "4242424242424242")


def usable(books: Books, method_id: str, param: str) -> Document:
    """Return a payment method; an id of a test card makes a new one."""
    card = named(method_id)
    if card is not None:
        return books.create(_document(books, card, {}))
    method = books.get("payment_method", method_id)
    if method is None:
        sentence = f"No such PaymentMethod: '{method_id}'"
        raise invalid(sentence, param, "resource_missing")
    return method


def attached(books: Books, method_id: str, customer: Document, param: str) -> Document:
    """Give a payment method to a customer, as if somebody had checked the card."""
    method = usable(books, method_id, param)
    if method["customer"] not in (None, customer["id"]):
        sentence = (
            "The payment method you provided has already been attached to a customer."
        )
        raise invalid(sentence, "payment_method", "payment_method_unexpected_state")
    card = card_of(method)
    if card.code is not None and not card.attaches:
        raise declined(card)
    return books.update(method, customer=customer["id"])


def from_token(books: Books, token: str, customer: Document) -> Document:
    """Add the card that a token stands for to a customer."""
    card = named(token) if token.startswith("tok_") else None
    if card is None:
        raise missing("token", token, "source")
    method = books.create(_document(books, card, {}, prefix="card_"))
    return attached(books, method["id"], customer, "source")


def default_of(books: Books, method_id: str, customer: Document, param: str) -> str:
    """Return the payment method that is to be a customer's default.

    An id of a test card names the customer's card of that number, and gives it to a
    customer who has none.

    Raises:
        Refusal: there is none, or it is not the customer's.
    """
    card = named(method_id)
    if card is not None:
        mine = books.table("payment_method").find(
            f"{column('customer')} = ? and {column('_number')} = ?",
            (customer["id"], card.number),
            order="place desc",
            limit=1,
        )
        found = mine[0] if mine else attached(books, method_id, customer, param)
        return str(found["id"])
    method = books.get("payment_method", method_id)
    if method is None:
        raise missing("PaymentMethod", method_id, param)
    if method.get("customer") != customer["id"]:
        sentence = (
            "The customer does not have a payment method with the ID "
            f"{method_id}. The payment method must be attached to the customer."
        )
        raise invalid(sentence, param, "resource_missing")
    return method_id


def attach(books: Books, given: Params, method_id: str) -> Document:
    """Give a payment method to a customer."""
    params = checked(given, {**EXPAND, "customer!": text()})
    customer = books.need("customer", params["customer"], "customer")
    if named(method_id) is None:
        books.need("payment_method", method_id)
    return attached(books, method_id, customer, "payment_method")


def detach(books: Books, given: Params, method_id: str) -> Document:
    """Take a payment method from its customer; it cannot be used again."""
    checked(given, EXPAND)
    method = books.need("payment_method", method_id)
    if method["customer"] is None:
        sentence = (
            "The payment method you provided is not attached to a customer so "
            "detachment is impossible."
        )
        raise invalid(sentence, "payment_method", "payment_method_unexpected_state")
    customer = books.get("customer", method["customer"])
    settings: dict[str, Any] = (customer or {}).get("invoice_settings") or {}
    if customer and settings.get("default_payment_method") == method_id:
        cleared = {**settings, "default_payment_method": None}
        books.update(customer, invoice_settings=cleared)
    return books.update(method, customer=None)


def update(books: Books, given: Params, method_id: str) -> Document:
    """Change a payment method's details."""
    params = checked(
        given,
        {
            **EXPAND,
            "billing_details": group(_DETAILS),
            "card": group({"exp_month": whole(1, 12), "exp_year": whole(1970, 2100)}),
            "metadata": metadata,
            "allow_redisplay": DATA["allow_redisplay"],
        },
    )
    method = books.need("payment_method", method_id)
    if method["customer"] is None:
        sentence = (
            "You must save this PaymentMethod to a customer before you can update it."
        )
        raise invalid(sentence)
    fields: Document = {}
    if params.get("billing_details"):
        fields["billing_details"] = {
            **method["billing_details"],
            **params["billing_details"],
        }
    if params.get("card"):
        fields["card"] = {**method["card"], **params["card"]}
    if params.get("allow_redisplay"):
        fields["allow_redisplay"] = params["allow_redisplay"]
    if "metadata" in params:
        fields["metadata"] = merged(method["metadata"], params["metadata"])
    return books.update(method, **fields)
