"""Collecting: an invoice's payment, tried, done or refused, and what follows."""

from typing import Any

from sandbox.store import Document
from sandbox.stripe import payment_intents
from sandbox.stripe.books import Books
from sandbox.stripe.cards import Card
from sandbox.stripe.payment_methods import card_of, usable
from sandbox.stripe.shapes import Declined, Params, error, invalid
from sandbox.wire import Refusal

# docs.stripe.com/billing/revenue-recovery: a fixed schedule of up to three retries,
# here after three, five and seven days.
RETRY_AFTER_DAYS = (3, 5, 7)
DAY = 86_400


def demanded(books: Books, invoice: Document) -> None:
    """Add the payment intent of an invoice that was just finalized."""
    intent = payment_intents.blank(
        books, invoice["amount_due"], invoice["currency"], invoice["customer"]
    )
    intent["description"] = f"Invoice {invoice['number']}"
    books.create(intent)
    books.create(
        {
            "id": books.new_id("inpay_"),
            "object": "invoice_payment",
            "amount_paid": None,
            "amount_requested": invoice["amount_due"],
            "created": invoice["status_transitions"]["finalized_at"],
            "currency": invoice["currency"],
            "invoice": invoice["id"],
            "is_default": True,
            "livemode": False,
            "payment": {"payment_intent": intent["id"], "type": "payment_intent"},
            "status": "open",
            "status_transitions": {"canceled_at": None, "paid_at": None},
        }
    )


def method_of(books: Books, invoice: Document) -> str | None:
    """Return the payment method that an invoice is charged to by itself."""
    if invoice.get("default_payment_method"):
        return str(invoice["default_payment_method"])
    details = (invoice.get("parent") or {}).get("subscription_details") or {}
    subscription = books.get("subscription", details.get("subscription"))
    if subscription and subscription.get("default_payment_method"):
        return str(subscription["default_payment_method"])
    customer = books.get("customer", invoice["customer"]) or {}
    settings = customer.get("invoice_settings") or {}
    method = settings.get("default_payment_method") or customer.get("default_source")
    return str(method) if method else None


def attempt(
    books: Books, invoice: Document, method_id: str, *, present: bool = False
) -> tuple[Document, Declined | None]:
    """Return the invoice after one attempt, and the card's refusal if it refused.

    `present` says that the cardholder is there to confirm.
    """
    payment, intent = open_payment(books, invoice)
    method = usable(books, method_id, "payment_method")
    card = card_of(method)
    if card.needs_action and not present:
        intent = books.update(
            intent,
            payment_method=method["id"],
            status="requires_action",
            next_action={"type": "use_stripe_sdk", "use_stripe_sdk": {}},
        )
        return failed(books, invoice), _needs_action(card)
    after = payment_intents.attempted(books, intent, method, card)
    if after["last_payment_error"]:
        refused = payment_intents.refusal(after)
        return failed(books, invoice), Declined(refused)
    return paid(books, invoice, payment, after["amount_received"]), None


def _needs_action(_card: Card) -> Declined:
    sentence = (
        "This payment requires additional user action before it can be completed "
        "successfully. Payment can be completed using the PaymentIntent associated "
        "with the invoice."
    )
    code = "invoice_payment_intent_requires_action"
    return Declined(error(402, sentence, kind="card_error", code=code))


def open_payment(books: Books, invoice: Document) -> tuple[Document, Document]:
    """Return an invoice's open payment and its intent, made anew if there is none."""
    for _ in range(2):
        for payment in books.find("invoice_payment", invoice=invoice["id"]):
            intent_id = payment["payment"].get("payment_intent")
            intent = books.get("payment_intent", intent_id)
            if payment["status"] == "open" and intent is not None:
                if intent["amount"] != invoice["amount_remaining"]:
                    amount = invoice["amount_remaining"]
                    intent = books.update(intent, amount=amount)
                    books.update(payment, amount_requested=amount)
                return payment, _complete(books, intent)
        demanded(books, invoice)
    raise invalid("This invoice has no payment.", code="resource_missing")


def _complete(books: Books, intent: Document) -> Document:
    """Return an intent with the fields that charging one needs."""
    blank = payment_intents.blank(books, intent["amount"], intent["currency"], None)
    return {**blank, **intent}


def paid(
    books: Books, invoice: Document, payment: Document | None, amount: int
) -> Document:
    """Return the invoice paid; its subscription goes on."""
    at = books.time_of(invoice)
    if payment is not None:
        books.update(
            payment,
            amount_paid=amount,
            status="paid",
            status_transitions={**payment["status_transitions"], "paid_at": at},
        )
    after = books.update(
        invoice,
        amount_paid=invoice["amount_paid"] + amount,
        amount_remaining=0,
        attempt_count=invoice["attempt_count"] + (1 if amount else 0),
        attempted=True,
        auto_advance=False,
        next_payment_attempt=None,
        status="paid",
        status_transitions={**invoice["status_transitions"], "paid_at": at},
    )
    subscription = subscription_of(books, after)
    waits = ("incomplete", "past_due", "unpaid")
    if (
        subscription
        and subscription["status"] in waits
        and subscription.get("latest_invoice") == after["id"]
    ):
        books.update(subscription, status="active")
    customer = books.get("customer", invoice["customer"])
    if customer and customer.get("delinquent"):
        books.update(customer, delinquent=False)
    return after


def failed(books: Books, invoice: Document) -> Document:
    """Return the invoice after an attempt that failed; its subscription suffers."""
    at = books.time_of(invoice)
    tried = invoice["attempt_count"]
    wait = RETRY_AFTER_DAYS[tried] * DAY if tried < len(RETRY_AFTER_DAYS) else None
    first = invoice["billing_reason"] == "subscription_create"
    again = wait is not None and not first and invoice["auto_advance"]
    after = books.update(
        invoice,
        attempt_count=tried + 1,
        attempted=True,
        next_payment_attempt=at + (wait or 0) if again else None,
    )
    subscription = subscription_of(books, after)
    if subscription and subscription["status"] == "active" and not first:
        books.update(subscription, status="past_due")
    customer = books.get("customer", invoice["customer"])
    if customer and not customer.get("delinquent") and not first:
        books.update(customer, delinquent=True)
    return after


def subscription_of(books: Books, invoice: Document) -> Document | None:
    """Return the subscription that made an invoice, if one did."""
    details = (invoice.get("parent") or {}).get("subscription_details") or {}
    found: Any = details.get("subscription")
    return books.get("subscription", found) if found else None


def _settle(books: Books, intent: Document) -> Document:
    """Let an invoice know that its payment intent was paid by itself."""
    if intent["status"] == "succeeded":
        for payment in books.find(
            "invoice_payment", payment__payment_intent=intent["id"]
        ):
            invoice = books.get("invoice", payment["invoice"])
            if payment["status"] == "open" and invoice and invoice["status"] == "open":
                paid(books, invoice, payment, intent["amount_received"])
    return intent


def confirm(books: Books, given: Params, intent_id: str) -> Document:
    """Try to collect a payment intent, an invoice's too."""
    return _settle(books, payment_intents.confirm(books, given, intent_id))


def capture(books: Books, given: Params, intent_id: str) -> Document:
    """Take authorised money, an invoice's too."""
    return _settle(books, payment_intents.capture(books, given, intent_id))


def cancel(books: Books, given: Params, intent_id: str) -> Document:
    """Give up on a payment intent that isn't an invoice's."""
    for payment in books.find("invoice_payment", payment__payment_intent=intent_id):
        sentence = (
            "You cannot cancel a PaymentIntent that was created by an invoice. "
            f"Void the invoice {payment['invoice']} instead."
        )
        raise Refusal(error(400, sentence, code="payment_intent_unexpected_state"))
    return payment_intents.cancel(books, given, intent_id)
