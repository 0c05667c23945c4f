"""Cards: Stripe's test cards, and what each of them answers to a charge.

docs.stripe.com/testing lists the numbers and the ids that stand for them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.stripe.shapes import error
from sandbox.wire import Refusal

_DECLINED = "Your card was declined."


@dataclass(frozen=True, slots=True)
class Card:
    """One test card: `code` and `decline_code` are its answer to a charge."""

    number: str
    brand: str = "visa"
    code: str | None = None
    decline_code: str | None = None
    message: str = _DECLINED
    needs_action: bool = False
    dispute: str | None = None
    attaches: bool = True
    funding: str = "credit"


def _declines(number: str, decline_code: str) -> Card:
    sentence = _DECLINED
    if decline_code == "insufficient_funds":
        sentence = "Your card has insufficient funds."
    return Card(number, "visa", "card_declined", decline_code, sentence, attaches=False)


CARDS = {
    "pm_card_visa": Card("4242424242424242"),
    "pm_card_visa_debit": Card("4000056655665556", funding="debit"),
    "pm_card_mastercard": Card("5555555555554444", "mastercard"),
    "pm_card_amex": Card("378282246310005", "amex"),
    "pm_card_discover": Card("6011111111111117", "discover"),
    "pm_card_visa_chargeDeclined": _declines("4000000000000002", "generic_decline"),
    "pm_card_visa_chargeDeclinedInsufficientFunds": _declines(
        "4000000000009995", "insufficient_funds"
    ),
    "pm_card_visa_chargeDeclinedLostCard": _declines("4000000000009987", "lost_card"),
    "pm_card_visa_chargeDeclinedStolenCard": _declines(
        "4000000000009979", "stolen_card"
    ),
    "pm_card_visa_chargeDeclinedVelocityLimitExceeded": _declines(
        "4000000000006975", "card_velocity_exceeded"
    ),
    "pm_card_chargeDeclinedExpiredCard": Card(
        "4000000000000069",
        code="expired_card",
        message="Your card has expired.",
        attaches=False,
    ),
    "pm_card_chargeDeclinedIncorrectCvc": Card(
        "4000000000000127",
        code="incorrect_cvc",
        message="Your card's security code is incorrect.",
        attaches=False,
    ),
    "pm_card_chargeDeclinedProcessingError": Card(
        "4000000000000119",
        code="processing_error",
        message="An error occurred while processing your card. Try again in a little "
        "bit.",
        attaches=False,
    ),
    # Saved without trouble, declined whenever it is charged.
    "pm_card_chargeCustomerFail": Card(
        "4000000000000341", code="card_declined", decline_code="generic_decline"
    ),
    "pm_card_authenticationRequired": Card("4000002760003184", needs_action=True),
    "pm_card_threeDSecure2Required": Card("4000000000003220", needs_action=True),
    "pm_card_createDispute": Card("4000000000000259", dispute="fraudulent"),
    "pm_card_createDisputeProductNotReceived": Card(
        "4000000000002685", dispute="product_not_received"
    ),
}
BY_NUMBER = {card.number: card for card in CARDS.values()}
# The older names of the same cards.
ALIASES = {
    "pm_card_chargeDeclined": "pm_card_visa_chargeDeclined",
    "pm_card_chargeDeclinedInsufficientFunds": (
        "pm_card_visa_chargeDeclinedInsufficientFunds"
    ),
}
# How a card that came from a token writes its brand.
_BRANDS = {
    "visa": "Visa",
    "mastercard": "MasterCard",
    "amex": "American Express",
    "discover": "Discover",
}


def named(method_id: str) -> Card | None:
    """Return the card for which a test id stands, or a test token: `tok_visa`."""
    if method_id.startswith("tok_"):
        method_id = f"pm_card_{method_id[4:]}"
    return CARDS.get(ALIASES.get(method_id, method_id))


def valid(number: str) -> bool:
    """Say whether a card number's check digit is right."""
    if not number.isascii() or not number.isdecimal() or not 12 <= len(number) <= 19:
        return False
    total = 0
    for place, digit in enumerate(reversed(number)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def brand(number: str) -> str:
    """Return the brand whose range a number is in."""
    heads = (("4", "visa"), ("5", "mastercard"), ("3", "amex"), ("6", "discover"))
    return next((name for head, name in heads if number.startswith(head)), "unknown")


def as_source(method: Mapping[str, Any]) -> dict[str, Any]:
    """Return a payment method that came from a token as the card that it is."""
    card, details = method["card"], method["billing_details"]
    address = details["address"]
    return {
        "id": method["id"],
        "object": "card",
        "address_city": address["city"],
        "address_country": address["country"],
        "address_line1": address["line1"],
        "address_line1_check": card["checks"]["address_line1_check"],
        "address_line2": address["line2"],
        "address_state": address["state"],
        "address_zip": address["postal_code"],
        "address_zip_check": card["checks"]["address_postal_code_check"],
        "allow_redisplay": method["allow_redisplay"],
        "brand": _BRANDS.get(card["brand"], "Unknown"),
        "country": card["country"],
        "customer": method["customer"],
        "cvc_check": card["checks"]["cvc_check"],
        "dynamic_last4": None,
        "exp_month": card["exp_month"],
        "exp_year": card["exp_year"],
        "fingerprint": card["fingerprint"],
        "funding": card["funding"],
        "last4": card["last4"],
        "metadata": method["metadata"],
        "name": details["name"],
        "regulated_status": card["regulated_status"],
        "tokenization_method": None,
    }


def declined(card: Card) -> Refusal:
    """Return the answer to a charge that a card refuses."""
    return Refusal(
        error(
            402,
            card.message,
            kind="card_error",
            code=card.code,
            decline_code=card.decline_code,
        )
    )
