"""Payments' streams: what was paid, what went back, what reached the bank.

Amounts are whole minor units.
"""

from collections.abc import Callable

from ingestion.readings import Document
from ingestion.streams import Stream, epoch, flag, integer, number, text

_MOVEMENT = (
    text("type", "type"),
    text("reporting_category", "reporting_category"),
    text("source", "source"),
    integer("amount", "amount"),
    integer("fee", "fee"),
    integer("net", "net"),
    text("currency", "currency"),
    epoch("available_on", "available_on"),
    epoch("created", "created"),
)


def _moved(field: str) -> Callable[[Document], int]:
    """Return how to sum what a dispute moved: taken away, or given back again."""

    def total(dispute: Document) -> int:
        return sum(each[field] for each in dispute["balance_transactions"] or ())

    return total


PAYMENTS = (
    Stream(
        "payments",
        "payment_intent",
        (
            text("customer", "customer"),
            integer("amount", "amount"),
            integer("amount_received", "amount_received"),
            text("currency", "currency"),
            text("status", "status"),
            text("latest_charge", "latest_charge"),
            text("last_payment_error_code", "last_payment_error.code?"),
            epoch("created", "created"),
        ),
    ),
    Stream(
        "invoice_payments",
        "invoice_payment",
        (
            text("invoice", "invoice"),
            text("payment_intent", "payment.payment_intent?"),
            integer("amount_paid", "amount_paid"),
            text("currency", "currency"),
            text("status", "status"),
            epoch("created", "created"),
        ),
    ),
    Stream(
        "charges",
        "charge",
        (
            text("customer", "customer"),
            text("payment_intent", "payment_intent"),
            text("balance_transaction", "balance_transaction"),
            integer("amount", "amount"),
            integer("amount_captured", "amount_captured"),
            integer("amount_refunded", "amount_refunded"),
            text("currency", "currency"),
            text("status", "status"),
            flag("paid", "paid"),
            flag("captured", "captured"),
            flag("refunded", "refunded"),
            flag("disputed", "disputed"),
            text("failure_code", "failure_code"),
            text("payment_method_type", "payment_method_details.type"),
            epoch("created", "created"),
        ),
    ),
    Stream(
        "refunds",
        "refund",
        (
            text("payment_intent", "payment_intent"),
            text("charge", "charge"),
            text("balance_transaction", "balance_transaction"),
            integer("amount", "amount"),
            text("currency", "currency"),
            text("status", "status"),
            text("reason", "reason"),
            epoch("created", "created"),
        ),
    ),
    Stream(
        "disputes",
        "dispute",
        (
            text("charge", "charge"),
            text("payment_intent", "payment_intent"),
            integer("amount", "amount"),
            text("currency", "currency"),
            text("status", "status"),
            text("reason", "reason"),
            integer("moved_amount", _moved("amount")),
            integer("moved_fee", _moved("fee")),
            epoch("evidence_due_by", "evidence_details.due_by"),
            epoch("created", "created"),
        ),
    ),
    Stream(
        "payouts",
        "payout",
        (
            integer("amount", "amount"),
            text("currency", "currency"),
            text("status", "status"),
            text("type", "type"),
            text("method", "method"),
            flag("automatic", "automatic"),
            text("reconciliation_status", "reconciliation_status"),
            text("balance_transaction", "balance_transaction"),
            text("failure_balance_transaction", "failure_balance_transaction"),
            text("failure_code", "failure_code"),
            text("original_payout", "original_payout"),
            text("reversed_by", "reversed_by"),
            text("destination", "destination"),
            text("trace_id", "trace_id.value"),
            text("statement_descriptor", "statement_descriptor"),
            epoch("arrival_date", "arrival_date"),
            epoch("created", "created"),
        ),
    ),
    Stream(
        "payout_transactions",
        "balance_transaction of a payout",
        (
            text("payout", "@payout"),  # only the list by payout says so
            *_MOVEMENT,
        ),
    ),
    Stream(
        "balance_transactions",
        "balance_transaction",
        (
            *_MOVEMENT,
            number("exchange_rate", "exchange_rate"),
            text("status", "status"),
            text("description", "description"),
        ),
    ),
)
