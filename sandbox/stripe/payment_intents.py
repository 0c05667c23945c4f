"""Payment intents: from wanting money to having it, or being told no."""

import json
from typing import Any

from starlette.responses import Response

from sandbox.store import Document
from sandbox.stripe import charges, disputes
from sandbox.stripe.books import Books
from sandbox.stripe.cards import Card
from sandbox.stripe.customers import SHIPPING, email
from sandbox.stripe.expanding import shown
from sandbox.stripe.parameters import (
    EXPAND,
    Fields,
    checked,
    choice,
    currency,
    either,
    flag,
    group,
    merged,
    metadata,
    several,
    text,
    whole,
)
from sandbox.stripe.payment_methods import DATA, attached, card_of, made_from, usable
from sandbox.stripe.shapes import Declined, Params, error, invalid
from sandbox.wire import Refusal, made

# docs.stripe.com/currencies#minimum-and-maximum-charge-amounts.
MIN_AMOUNT = 50
MAX_AMOUNT = 99_999_999
_OPEN = ("requires_payment_method", "requires_confirmation", "requires_action")

_FIELDS: Fields = {
    **EXPAND,
    "amount": whole(1),
    "capture_method": choice("automatic", "automatic_async", "manual"),
    "currency": currency,
    "customer": text(),
    "description": text(longest=1000),
    "metadata": metadata,
    "payment_method": text(),
    "payment_method_data": group(DATA),
    "payment_method_types": several(text()),
    "receipt_email": email,
    "setup_future_usage": choice("off_session", "on_session"),
    "shipping": SHIPPING,
    "statement_descriptor": text(longest=22),
    "statement_descriptor_suffix": text(longest=22),
}
_CONFIRM: Fields = {
    "error_on_requires_action": flag,
    "off_session": either(("one_off", "recurring"), flag),
    "return_url": text(),
    "use_stripe_sdk": flag,
}
_AUTOMATIC = group(
    {"enabled!": flag, "allow_redirects": choice("always", "never")},
)


def create(books: Books, given: Params) -> Document:
    """Add a payment intent, and confirm it if that is wanted."""
    own: Fields = {
        "amount!": _FIELDS["amount"],
        "currency!": currency,
        "automatic_payment_methods": _AUTOMATIC,
        "confirm": flag,
        "confirmation_method": choice("automatic", "manual"),
    }
    plain = {name: read for name, read in _FIELDS.items() if f"{name}!" not in own}
    params = checked(given, {**plain, **_CONFIRM, **own})
    customer = params.get("customer")
    if customer:
        books.need("customer", customer, "customer")
    _check_amount(params["amount"])
    document = blank(books, params["amount"], params["currency"], customer)
    document |= _changed(books, document, params)
    document["capture_method"] = params.get("capture_method") or "automatic_async"
    document["confirmation_method"] = params.get("confirmation_method") or "automatic"
    if params.get("automatic_payment_methods"):
        document["automatic_payment_methods"] = {
            "allow_redirects": "always",
            **params["automatic_payment_methods"],
        }
    document["payment_method_types"] = params.get("payment_method_types") or ["card"]
    if document["payment_method"]:
        document["status"] = "requires_confirmation"
    intent = books.create(document)
    return confirmed(books, intent, params) if params.get("confirm") else intent


def blank(books: Books, amount: int, money: str, customer: str | None) -> Document:
    """Return a payment intent that nobody has paid yet."""
    intent_id = books.new_id("pi_")
    held = books.get("customer", customer) if customer else None
    return {
        "id": intent_id,
        "object": "payment_intent",
        "amount": amount,
        "amount_capturable": 0,
        "amount_details": {"tip": {}},
        "amount_received": 0,
        "application": None,
        "application_fee_amount": None,
        "automatic_payment_methods": None,
        "canceled_at": None,
        "cancellation_reason": None,
        "capture_method": "automatic",
        "client_secret": f"{intent_id}_secret_{made('', intent_id)}",
        "confirmation_method": "automatic",
        "created": books.time_of(held or {}),
        "currency": money,
        "customer": customer,
        "description": None,
        "last_payment_error": None,
        "latest_charge": None,
        "livemode": False,
        "metadata": {},
        "next_action": None,
        "on_behalf_of": None,
        "payment_method": None,
        "payment_method_options": {
            "card": {
                "installments": None,
                "mandate_options": None,
                "network": None,
                "request_three_d_secure": "automatic",
            }
        },
        "payment_method_types": ["card"],
        "processing": None,
        "receipt_email": None,
        "review": None,
        "setup_future_usage": None,
        "shipping": None,
        "statement_descriptor": None,
        "statement_descriptor_suffix": None,
        "status": "requires_payment_method",
        "transfer_data": None,
        "transfer_group": None,
    }


def _check_amount(amount: int) -> None:
    if amount < MIN_AMOUNT:
        sentence = (
            "Amount must be at least $0.50 usd, or its equivalent in your currency."
        )
        raise invalid(sentence, "amount", "amount_too_small")
    if amount > MAX_AMOUNT:
        raise invalid(
            "Amount must be no more than $999,999.99", "amount", "amount_too_large"
        )


def _changed(books: Books, intent: Document, params: Params) -> Document:
    plain = (
        *("amount", "currency", "customer", "description", "receipt_email"),
        *("setup_future_usage", "shipping", "statement_descriptor"),
        "statement_descriptor_suffix",
    )
    fields = {name: params[name] for name in plain if name in params}
    if "metadata" in params:
        fields["metadata"] = merged(intent["metadata"], params["metadata"])
    method = None
    if params.get("payment_method_data"):
        method = made_from(books, params["payment_method_data"], "payment_method_data")
    elif params.get("payment_method"):
        method = usable(books, params["payment_method"], "payment_method")
    if method is not None:
        customer = fields.get("customer", intent["customer"])
        if method["customer"] not in (None, customer):
            sentence = (
                "The provided PaymentMethod cannot be used with this PaymentIntent: "
                "it belongs to a different customer."
            )
            raise invalid(sentence, "payment_method")
        fields["payment_method"] = method["id"]
    return fields


def update(books: Books, given: Params, intent_id: str) -> Document:
    """Change a payment intent that isn't paid yet."""
    params = checked(given, _FIELDS)
    intent = books.need("payment_intent", intent_id)
    if intent["status"] not in (*_OPEN, "requires_capture") or (
        intent["status"] == "requires_capture" and {"amount", "currency"} & set(params)
    ):
        kept = {"metadata", "description", "receipt_email", "expand"}
        if not set(params) <= kept:
            raise _state(intent, "This PaymentIntent's state cannot be updated")
    if params.get("amount"):
        _check_amount(params["amount"])
    if params.get("customer"):
        books.need("customer", params["customer"], "customer")
    fields = _changed(books, intent, params)
    if fields.get("payment_method") and intent["status"] in _OPEN:
        fields["status"] = "requires_confirmation"
    return books.update(intent, **fields)


def confirm(books: Books, given: Params, intent_id: str) -> Document:
    """Try to collect."""
    names = ("payment_method", "payment_method_data", "receipt_email")
    own = {name: _FIELDS[name] for name in (*names, "shipping", "setup_future_usage")}
    method = {"capture_method": _FIELDS["capture_method"]}
    params = checked(given, {**EXPAND, **_CONFIRM, **own, **method})
    intent = books.need("payment_intent", intent_id)
    if intent["status"] not in _OPEN:
        sentence = "You cannot confirm this PaymentIntent"
        raise _state(intent, sentence)
    fields = _changed(books, intent, params)
    if params.get("capture_method"):
        fields["capture_method"] = params["capture_method"]
    intent = books.update(intent, **fields) if fields else intent
    return confirmed(books, intent, params)


def confirmed(books: Books, intent: Document, params: Params) -> Document:
    """Return the intent after an attempt to collect it.

    Raises:
        Declined: the card refused.
    """
    if intent["payment_method"] is None:
        sentence = (
            "You cannot confirm this PaymentIntent because it's missing a payment "
            "method. You can either update the PaymentIntent with a payment method "
            "and then confirm it again, or confirm it again directly with a payment "
            "method or ConfirmationToken."
        )
        raise invalid(sentence, code="payment_intent_unexpected_state")
    method = books.need("payment_method", intent["payment_method"], "payment_method")
    card = card_of(method)
    if card.needs_action and intent["status"] != "requires_action":
        return _challenged(books, intent, params, card, method)
    after = attempted(books, intent, method, card)
    if after["last_payment_error"]:
        raise Declined(refusal(after))
    if params.get("setup_future_usage") and after["customer"]:
        customer = books.need("customer", after["customer"])
        attached(books, method["id"], customer, "payment_method")
    return after


def _challenged(
    books: Books, intent: Document, params: Params, card: Card, method: Document
) -> Document:
    """Ask for the cardholder, or fail where nobody is there to answer."""
    if params.get("off_session") or params.get("error_on_requires_action"):
        refused = Card(
            card.number,
            code="authentication_required",
            decline_code="authentication_required",
            message="Your card was declined. This transaction requires authentication.",
        )
        after = attempted(books, intent, method, refused)
        raise Declined(refusal(after))
    action = {"type": "use_stripe_sdk", "use_stripe_sdk": {}}
    return books.update(intent, status="requires_action", next_action=action)


def attempted(books: Books, intent: Document, method: Document, card: Card) -> Document:
    """Return the intent after one charge was tried, which may have failed."""
    manual = intent["capture_method"] == "manual"
    charge = charges.new_charge(books, intent, method, card, captured=not manual)
    fields: Document = {"latest_charge": charge["id"], "next_action": None}
    if card.code is not None:
        failure: Document = {
            "charge": charge["id"],
            "code": card.code,
            "doc_url": "https://docs.stripe.com/error-codes/"
            + card.code.replace("_", "-"),
            "message": card.message,
            "payment_method": shown(method),
            "type": "card_error",
        }
        if card.decline_code:
            failure["decline_code"] = card.decline_code
        fields |= {
            "last_payment_error": failure,
            "payment_method": None,
            "status": "requires_payment_method",
        }
        return books.update(intent, **fields)
    fields["last_payment_error"] = None
    fields["payment_method"] = method["id"]
    if manual:
        fields |= {"status": "requires_capture", "amount_capturable": intent["amount"]}
    else:
        fields |= {"status": "succeeded", "amount_received": intent["amount"]}
    after = books.update(intent, **fields)
    if card.dispute and not manual:
        disputes.opened(books, charge, card.dispute)
    return after


def refusal(intent: Document) -> Response:
    """Return what a declined card's caller is told."""
    failure: dict[str, Any] = intent["last_payment_error"]
    return error(
        402,
        failure["message"],
        kind="card_error",
        code=failure["code"],
        decline_code=failure.get("decline_code"),
        charge=failure["charge"],
        payment_intent=json.loads(json.dumps(shown(intent))),
        payment_method=failure["payment_method"],
    )


def capture(books: Books, given: Params, intent_id: str) -> Document:
    """Take the money that was authorised."""
    params = checked(
        given, {**EXPAND, "amount_to_capture": whole(1), "metadata": metadata}
    )
    intent = books.need("payment_intent", intent_id)
    if intent["status"] != "requires_capture":
        raise _state(intent, "This PaymentIntent could not be captured")
    amount = params.get("amount_to_capture") or intent["amount_capturable"]
    if amount > intent["amount_capturable"]:
        sentence = (
            "The amount_to_capture cannot be greater than the remaining amount "
            f"capturable: {intent['amount_capturable']}."
        )
        raise invalid(sentence, "amount_to_capture", "amount_too_large")
    charges.captured(books, books.need("charge", intent["latest_charge"]), amount)
    return books.update(
        intent, amount_capturable=0, amount_received=amount, status="succeeded"
    )


def cancel(books: Books, given: Params, intent_id: str) -> Document:
    """Give up on a payment intent; an authorised charge is released."""
    reasons = ("abandoned", "duplicate", "fraudulent", "requested_by_customer")
    params = checked(given, {**EXPAND, "cancellation_reason": choice(*reasons)})
    intent = books.need("payment_intent", intent_id)
    if intent["status"] not in (*_OPEN, "requires_capture", "processing"):
        raise _state(intent, "You cannot cancel this PaymentIntent")
    return canceled(books, intent, params.get("cancellation_reason"))


def canceled(books: Books, intent: Document, reason: str | None) -> Document:
    """Return a payment intent given up."""
    if intent["status"] == "requires_capture":
        charge = books.need("charge", intent["latest_charge"])
        charges.refunded(books, charge, None)
    return books.update(
        intent,
        amount_capturable=0,
        canceled_at=books.now,
        cancellation_reason=reason,
        next_action=None,
        status="canceled",
    )


def _state(intent: Document, sentence: str) -> Refusal:
    said = f"{sentence} because it has a status of {intent['status']}."
    return Refusal(
        error(
            400,
            said,
            code="payment_intent_unexpected_state",
            payment_intent=shown(intent),
        )
    )
