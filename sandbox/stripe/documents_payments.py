"""Stripe payments: intent, charge, refund and what ties them to an invoice."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Self

from sandbox.company.days import epoch
from sandbox.company.facts import Invoice, Refund
from sandbox.identifiers import stripe_id
from sandbox.shapes import Document
from sandbox.stripe.documents_ids import (
    charge_id,
    customer_id,
    invoice_id,
    payment_intent_id,
)

HOUR = 3_600
DECLINED = "Your card was declined."


@dataclass(frozen=True, slots=True)
class Times:
    """When things happened to an invoice, in Unix seconds; None: they didn't."""

    created: int
    finalized: int
    paid: int | None
    voided: int | None
    due: int | None
    attempts: int

    @classmethod
    def of(cls, invoice: Invoice) -> Self:
        """Return the times; spread over an hour, as Stripe spreads renewals."""
        created = epoch(invoice.issued_on, HOUR + invoice.sequence * 37 % HOUR)
        finalized = created + HOUR
        paid = None
        if invoice.paid_on is not None:
            at_once = invoice.due_on is None
            paid = finalized + 4 if at_once else epoch(invoice.paid_on, 14 * HOUR)
        return cls(
            created=created,
            finalized=finalized,
            paid=paid,
            voided=_at(invoice.voided_on, HOUR // 2),
            due=_at(invoice.due_on, 23 * HOUR),
            attempts=2 if invoice.failed else int(paid is not None),
        )


def _at(day: date | None, seconds: int) -> int | None:
    return None if day is None else epoch(day, seconds)


def payment_objects(
    invoice: Invoice, times: Times, refund: Refund | None
) -> Iterator[tuple[str, Document]]:
    """Yield what was tried to collect the invoice; nothing if nobody tried yet."""
    if times.paid is None and not invoice.failed:
        return
    refunded = 0 if refund is None else refund.amount_minor
    yield "payment_intent", _payment_intent(invoice, times)
    yield "invoice_payment", _invoice_payment(invoice, times)
    yield "charge", _charge(invoice, times, refunded)
    if refund is not None:
        yield "refund", _refund(invoice, refund)


def _payment_intent(invoice: Invoice, times: Times) -> Document:
    total = invoice.total_minor
    error = None
    if invoice.failed:
        error = {
            "charge": charge_id(invoice),
            "code": "card_declined",
            "decline_code": "insufficient_funds",
            "doc_url": "https://stripe.com/docs/error-codes/card-declined",
            "message": DECLINED,
            "type": "card_error",
        }
    method = "card" if invoice.due_on is None else "customer_balance"
    return {
        "id": payment_intent_id(invoice),
        "object": "payment_intent",
        "amount": total,
        "amount_capturable": 0,
        "amount_received": 0 if invoice.failed else total,
        "application": None,
        "application_fee_amount": None,
        "automatic_payment_methods": None,
        "canceled_at": None,
        "cancellation_reason": None,
        "capture_method": "automatic",
        "confirmation_method": "automatic",
        "created": times.finalized,
        "currency": invoice.customer.currency.lower(),
        "customer": customer_id(invoice.customer),
        "description": f"Invoice {invoice.number}",
        "last_payment_error": error,
        "latest_charge": charge_id(invoice),
        "livemode": False,
        "metadata": {},
        "next_action": None,
        "on_behalf_of": None,
        "payment_method": None,
        "payment_method_options": {},
        "payment_method_types": [method],
        "processing": None,
        "receipt_email": None,
        "review": None,
        "setup_future_usage": None,
        "shipping": None,
        "statement_descriptor": None,
        "statement_descriptor_suffix": None,
        "status": "requires_payment_method" if invoice.failed else "succeeded",
        "transfer_data": None,
        "transfer_group": None,
    }


def _invoice_payment(invoice: Invoice, times: Times) -> Document:
    return {
        "id": stripe_id("inpay", invoice.key),
        "object": "invoice_payment",
        "amount_paid": None if invoice.failed else invoice.total_minor,
        "amount_requested": invoice.total_minor,
        "created": times.finalized,
        "currency": invoice.customer.currency.lower(),
        "invoice": invoice_id(invoice),
        "is_default": True,
        "livemode": False,
        "payment": {
            "payment_intent": payment_intent_id(invoice),
            "type": "payment_intent",
        },
        "status": "open" if invoice.failed else "paid",
        "status_transitions": {"canceled_at": None, "paid_at": times.paid},
    }


def _charge(invoice: Invoice, times: Times, refunded: int) -> Document:
    total = invoice.total_minor
    if invoice.due_on is None:
        method = {
            "card": {
                "brand": "visa",
                "exp_month": 12,
                "exp_year": 2029,
                "last4": "4242",
            },
            "type": "card",
        }
    else:
        method = {"customer_balance": {}, "type": "customer_balance"}
    return {
        "id": charge_id(invoice),
        "object": "charge",
        "amount": total,
        "amount_captured": 0 if invoice.failed else total,
        "amount_refunded": refunded,
        "application": None,
        "application_fee": None,
        "application_fee_amount": None,
        "balance_transaction": None,
        "billing_details": {
            "address": None,
            "email": invoice.customer.billing_email,
            "name": invoice.customer.legal_name,
            "phone": None,
            "tax_id": None,
        },
        "calculated_statement_descriptor": None,
        "captured": not invoice.failed,
        "created": times.paid or times.finalized,
        "currency": invoice.customer.currency.lower(),
        "customer": customer_id(invoice.customer),
        "description": f"Invoice {invoice.number}",
        "disputed": False,
        "failure_balance_transaction": None,
        "failure_code": "card_declined" if invoice.failed else None,
        "failure_message": DECLINED if invoice.failed else None,
        "fraud_details": {},
        "livemode": False,
        "metadata": {},
        "on_behalf_of": None,
        "outcome": None,
        "paid": not invoice.failed,
        "payment_intent": payment_intent_id(invoice),
        "payment_method": None,
        "payment_method_details": method,
        "receipt_email": None,
        "receipt_number": None,
        "receipt_url": None,
        "refunded": refunded == total,
        "review": None,
        "shipping": None,
        "source_transfer": None,
        "statement_descriptor": None,
        "statement_descriptor_suffix": None,
        "status": "failed" if invoice.failed else "succeeded",
        "transfer_data": None,
        "transfer_group": None,
    }


def _refund(invoice: Invoice, refund: Refund) -> Document:
    return {
        "id": stripe_id("re", refund.key),
        "object": "refund",
        "amount": refund.amount_minor,
        "balance_transaction": None,
        "charge": charge_id(invoice),
        "created": epoch(refund.made_on, 15 * HOUR),
        "currency": invoice.customer.currency.lower(),
        "metadata": {},
        "payment_intent": payment_intent_id(invoice),
        "reason": "requested_by_customer",
        "receipt_number": None,
        "source_transfer_reversal": None,
        "status": "succeeded",
        "transfer_reversal": None,
    }
