"""Charges and refunds, and what each of them does to the account's balance."""

from typing import Any

from sandbox.store import Document
from sandbox.stripe.books import Books
from sandbox.stripe.cards import Card
from sandbox.stripe.parameters import (
    EXPAND,
    checked,
    choice,
    flag,
    group,
    merged,
    metadata,
    text,
    whole,
)
from sandbox.stripe.shapes import Params, invalid

# stripe.com/pricing: 2.9 % and 30 cents for a card, in the United States.
FEE_PER_MILLE = 29
FEE_FIXED = 30
# docs.stripe.com/payouts: two business days in the United States; days here.
AVAILABLE_AFTER_SECONDS = 2 * 86_400


def fee_on(amount: int) -> int:
    """Return what Stripe keeps of a charge, rounded half up."""
    return (amount * FEE_PER_MILLE + 500) // 1000 + FEE_FIXED


def entry(
    books: Books, amount: int, currency: str, kind: str, source: str, **more: Any
) -> Document:
    """Add a balance transaction.

    Args:
        books: the account's.
        amount: before the fee, negative for what leaves the balance.
        currency: of the amount.
        kind: its type.
        source: the id of what caused it.
        more: `fee`, `created`, `category` and `description`.
    """
    fee, created = more.get("fee", 0), more.get("created", books.now)
    waits = AVAILABLE_AFTER_SECONDS if kind == "charge" else 0
    details = [
        {
            "amount": fee,
            "application": None,
            "currency": currency,
            "description": "Stripe processing fees",
            "type": "stripe_fee",
        }
    ]
    return books.create(
        {
            "id": books.new_id("txn_"),
            "object": "balance_transaction",
            "amount": amount,
            "available_on": created + waits,
            "balance_type": "payments",
            "created": created,
            "currency": currency,
            "description": more.get("description"),
            "exchange_rate": None,
            "fee": fee,
            "fee_details": details if fee else [],
            "net": amount - fee,
            "reporting_category": more.get("category", kind),
            "source": source,
            "status": "pending" if waits else "available",
            "type": kind,
        }
    )


def new_charge(
    books: Books, intent: Document, method: Document, card: Card, *, captured: bool
) -> Document:
    """Add the charge of a payment intent, as the card answers."""
    at = books.time_of(_customer(books, intent))
    failed = card.code is not None
    charge_id = books.new_id("ch_")
    amount = intent["amount"]
    document: Document = {
        "id": charge_id,
        "object": "charge",
        "amount": amount,
        "amount_captured": amount if captured and not failed else 0,
        "amount_refunded": 0,
        "application": None,
        "application_fee": None,
        "application_fee_amount": None,
        "balance_transaction": None,
        "billing_details": method["billing_details"],
        "calculated_statement_descriptor": "CONCORD SANDBOX",
        "captured": captured and not failed,
        "created": at,
        "currency": intent["currency"],
        "customer": intent["customer"],
        "description": intent["description"],
        "disputed": False,
        "failure_balance_transaction": None,
        "failure_code": card.code,
        "failure_message": card.message if failed else None,
        "fraud_details": {},
        "livemode": False,
        "metadata": dict(intent["metadata"]),
        "on_behalf_of": None,
        "outcome": _outcome(card),
        "paid": not failed,
        "payment_intent": intent["id"],
        "payment_method": method["id"],
        "payment_method_details": {
            "card": {
                "brand": method["card"]["brand"],
                "country": "US",
                "exp_month": method["card"]["exp_month"],
                "exp_year": method["card"]["exp_year"],
                "funding": method["card"]["funding"],
                "last4": method["card"]["last4"],
                "network": method["card"]["brand"],
            },
            "type": "card",
        },
        "receipt_email": intent["receipt_email"],
        "receipt_number": None,
        "receipt_url": None,
        "refunded": False,
        "review": None,
        "shipping": intent["shipping"],
        "source_transfer": None,
        "statement_descriptor": None,
        "statement_descriptor_suffix": None,
        "status": "failed" if failed else "succeeded",
        "transfer_data": None,
        "transfer_group": None,
    }
    if captured and not failed:
        document["balance_transaction"] = _earned(books, document, amount)
    return books.create(document)


def _customer(books: Books, document: Document) -> Document:
    customer_id = document.get("customer")
    return (books.get("customer", customer_id) if customer_id else None) or {}


def _earned(books: Books, charge: Document, amount: int) -> str:
    transaction = entry(
        books,
        amount,
        charge["currency"],
        "charge",
        charge["id"],
        fee=fee_on(amount),
        created=charge["created"],
        description=charge["description"],
    )
    return str(transaction["id"])


def _outcome(card: Card) -> Document:
    if card.code is None:
        return {
            "network_status": "approved_by_network",
            "reason": None,
            "risk_level": "normal",
            "risk_score": 20,
            "seller_message": "Payment complete.",
            "type": "authorized",
        }
    return {
        "network_status": "declined_by_network",
        "reason": card.decline_code or card.code,
        "risk_level": "normal",
        "risk_score": 20,
        "seller_message": "The bank did not return any further details with this "
        "decline.",
        "type": "issuer_declined",
    }


def captured(books: Books, charge: Document, amount: int) -> Document:
    """Take the money of an authorised charge; what is not taken is released."""
    released = charge["amount"] - amount
    transaction = _earned(books, charge, amount)
    return books.update(
        charge,
        amount_captured=amount,
        amount_refunded=released,
        captured=True,
        balance_transaction=transaction,
    )


def update(books: Books, given: Params, charge_id: str) -> Document:
    """Change a charge's descriptions."""
    params = checked(
        given,
        {
            **EXPAND,
            "description": text(),
            "metadata": metadata,
            "receipt_email": text(),
            "fraud_details": group({"user_report!": choice("fraudulent", "safe")}),
        },
    )
    charge = books.need("charge", charge_id)
    fields = {
        name: params[name]
        for name in ("description", "receipt_email", "fraud_details")
        if name in params and (params[name] is not None or name != "fraud_details")
    }
    if "metadata" in params:
        fields["metadata"] = merged(charge["metadata"], params["metadata"])
    return books.update(charge, **fields)


def refund(books: Books, given: Params) -> Document:
    """Give money of a charge back."""
    params = checked(
        given,
        {
            **EXPAND,
            "amount": whole(1),
            "charge": text(),
            "payment_intent": text(),
            "metadata": metadata,
            "reason": choice("duplicate", "fraudulent", "requested_by_customer"),
            "refund_application_fee": flag,
            "reverse_transfer": flag,
        },
    )
    charge = _charge_of(books, params)
    return refunded(
        books,
        charge,
        params.get("amount"),
        reason=params.get("reason"),
        metadata=merged(None, params.get("metadata", {})),
    )


def _charge_of(books: Books, params: Params) -> Document:
    if params.get("charge"):
        return books.need("charge", params["charge"], "charge")
    if not params.get("payment_intent"):
        sentence = (
            "One of the following params should be provided: payment_intent or charge."
        )
        raise invalid(sentence, "payment_intent", "parameter_missing")
    intent = books.need("payment_intent", params["payment_intent"], "payment_intent")
    charge_id = intent.get("latest_charge")
    charge = books.get("charge", charge_id) if charge_id else None
    if charge is None or charge["status"] != "succeeded":
        sentence = (
            f"This PaymentIntent ({intent['id']}) does not have a successful charge "
            "to refund."
        )
        raise invalid(sentence, "payment_intent", "payment_intent_unexpected_state")
    return charge


def refunded(
    books: Books,
    charge: Document,
    amount: int | None,
    *,
    reason: str | None = None,
    metadata: dict[str, str] | None = None,
) -> Document:
    """Give back an amount, or all that is left of a charge."""
    left = charge["amount"] - charge["amount_refunded"]
    if charge["status"] != "succeeded":
        sentence = f"Charge {charge['id']} has not succeeded and cannot be refunded."
        raise invalid(sentence, "charge")
    if charge["disputed"]:
        sentence = (
            f"Charge {charge['id']} has been charged back; cannot issue a refund."
        )
        raise invalid(sentence, "charge", "charge_disputed")
    if left == 0:
        sentence = f"Charge {charge['id']} has already been refunded."
        raise invalid(sentence, "charge", "charge_already_refunded")
    amount = left if amount is None else amount
    if amount > left:
        sentence = (
            f"Refund amount ({amount}) is greater than unrefunded amount on charge "
            f"({left})"
        )
        raise invalid(sentence, "amount", "amount_too_large")
    at = books.time_of(_customer(books, charge))
    document: Document = {
        "id": books.new_id("re_"),
        "object": "refund",
        "amount": amount,
        "balance_transaction": None,
        "charge": charge["id"],
        "created": at,
        "currency": charge["currency"],
        "destination_details": {
            "card": {
                "reference_status": "pending",
                "reference_type": "acquirer_reference_number",
                "type": "refund",
            },
            "type": "card",
        },
        "metadata": metadata or {},
        "payment_intent": charge["payment_intent"],
        "reason": reason,
        "receipt_number": None,
        "source_transfer_reversal": None,
        "status": "succeeded",
        "transfer_reversal": None,
    }
    if charge["captured"]:
        transaction = entry(
            books,
            -amount,
            charge["currency"],
            "refund",
            document["id"],
            created=at,
            description=f"REFUND FOR CHARGE ({charge['description'] or charge['id']})",
        )
        document["balance_transaction"] = transaction["id"]
    books.create(document)
    total = charge["amount_refunded"] + amount
    books.update(charge, amount_refunded=total, refunded=total == charge["amount"])
    return document


def update_refund(books: Books, given: Params, refund_id: str) -> Document:
    """Change a refund's metadata."""
    params = checked(given, {**EXPAND, "metadata": metadata})
    held = books.need("refund", refund_id)
    after = merged(held["metadata"], params.get("metadata", {}))
    return books.update(held, metadata=after)


def cancel_refund(books: Books, given: Params, refund_id: str) -> Document:
    """Refuse: a refund to a card is done at once, only others can be stopped."""
    checked(given, EXPAND)
    held = books.need("refund", refund_id)
    sentence = (
        f"You cannot cancel this refund because it has a status of {held['status']}. "
        "Only refunds with the status requires_action can be canceled."
    )
    raise invalid(sentence)
