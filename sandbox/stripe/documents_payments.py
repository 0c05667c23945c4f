"""Stripe payments: intent, charge, refund and what ties them to an invoice."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Self

from sandbox.company.company import Company
from sandbox.company.days import epoch
from sandbox.company.facts import Attempt, Invoice, Refund
from sandbox.identifiers import stripe_id
from sandbox.shapes import Document
from sandbox.stripe.documents_ids import (
    attempt_id,
    charge_id,
    customer_id,
    invoice_id,
    payment_intent_id,
    refund_id,
    transaction_id,
)
from sandbox.stripe.documents_shapes import address_document

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
    def of(cls, invoice: Invoice, attempts: Sequence[Attempt] = ()) -> Self:
        """Return the times; spread over an hour, as Stripe spreads renewals.

        Without a word about `attempts` there was one, or two if the card was declined.
        """
        created = epoch(invoice.issued_on, HOUR + invoice.sequence * 37 % HOUR)
        finalized = created + HOUR
        paid = None
        if invoice.paid_on is not None:
            at_once = invoice.due_on is None and invoice.paid_on == invoice.issued_on
            paid = finalized + 4 if at_once else epoch(invoice.paid_on, 14 * HOUR)
        return cls(
            created=created,
            finalized=finalized,
            paid=paid,
            voided=_at(invoice.voided_on, HOUR // 2),
            due=_at(invoice.due_on, 23 * HOUR),
            attempts=len(attempts) or (2 if invoice.failed else int(paid is not None)),
        )


def _at(day: date | None, seconds: int) -> int | None:
    return None if day is None else epoch(day, seconds)


def payment_objects(
    company: Company, invoice: Invoice, times: Times
) -> Iterator[tuple[str, Document]]:
    """Yield what was tried to collect the invoice; nothing if nobody tried yet."""
    if times.paid is None and not invoice.failed:
        return
    refund = company.refund_by_invoice.get(invoice.key)
    refunded = 0 if refund is None else refund.amount_minor
    yield "payment_intent", _payment_intent(invoice, times)
    yield "invoice_payment", _invoice_payment(invoice, times)
    for attempt in company.attempts_of.get(invoice.key, ())[:-1]:
        yield "charge", _declined(company, invoice, times, attempt)
    yield "charge", _charge(company, invoice, times, refunded)
    if refund is not None:
        yield "refund", _refund(company, invoice, refund)


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


def _declined(
    company: Company, invoice: Invoice, times: Times, attempt: Attempt
) -> Document:
    """Return the charge of an earlier try."""
    return _charge(company, invoice, times, 0) | {
        "id": attempt_id(invoice, attempt, is_last=False),
        "amount_captured": 0,
        "balance_transaction": None,
        "captured": False,
        "created": _tried_at(times, attempt),
        "disputed": False,
        "failure_code": "card_declined",
        "failure_message": DECLINED,
        "paid": False,
        "refunded": False,
        "status": "failed",
    }


def _tried_at(times: Times, attempt: Attempt) -> int:
    return times.finalized if attempt.number == 1 else epoch(attempt.on, 13 * HOUR)


def _charge(
    company: Company, invoice: Invoice, times: Times, refunded: int
) -> Document:
    total = invoice.total_minor
    written = company.written(invoice.customer, "stripe")
    attempts = company.attempts_of.get(invoice.key, ())
    failed_at = _tried_at(times, attempts[-1]) if attempts else times.finalized
    moved = "payments" in company.features and not invoice.failed and total > 0
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
        "balance_transaction": (
            transaction_id("charge", invoice.key) if moved else None
        ),
        "billing_details": {
            "address": None
            if written.address is None
            else address_document(invoice.customer.country, written.address),
            "email": written.email,
            "name": written.name,
            "phone": written.phone,
            "tax_id": None,
        },
        "calculated_statement_descriptor": None,
        "captured": not invoice.failed,
        "created": times.paid or failed_at,
        "currency": invoice.customer.currency.lower(),
        "customer": customer_id(invoice.customer),
        "description": f"Invoice {invoice.number}",
        "disputed": invoice.key in company.dispute_by_invoice,
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


def _refund(company: Company, invoice: Invoice, refund: Refund) -> Document:
    moved = "payments" in company.features
    return {
        "id": refund_id(refund),
        "object": "refund",
        "amount": refund.amount_minor,
        "balance_transaction": transaction_id("refund", refund.key) if moved else None,
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
