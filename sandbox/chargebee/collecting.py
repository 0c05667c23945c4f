"""Collecting: how an invoice is paid, and what happens when a card is refused."""

from typing import Any

from sandbox.chargebee.desk import Desk
from sandbox.chargebee.invoicing import SECONDS_PER_DAY, settled
from sandbox.chargebee.sources import (
    GATEWAY,
    GATEWAY_ACCOUNT,
    is_declined,
    primary_source,
)
from sandbox.journal import Document

# Smart dunning's days are a setting of the site; these are believed to be its default.
DUNNING_DAYS = (1, 3, 5)


def payment(
    desk: Desk, invoice: Document, amount: int, status: str, **fields: Any
) -> tuple[Document, Document]:
    """Write down a payment of an invoice; return the invoice and the transaction."""
    now = desk.now
    date = fields.pop("date", None) or now
    counted = status == "success"
    applied = min(amount, invoice["amount_due"]) if counted else amount
    transaction_id = desk.made("txn_")
    if counted:
        invoice["amount_paid"] += applied
        invoice.setdefault("paid_at", None)
    link = {"applied_amount": applied, "applied_at": now}
    invoice["linked_payments"].append(
        {
            "txn_id": transaction_id,
            **link,
            "txn_status": status,
            "txn_date": date,
            "txn_amount": amount,
            "object": "linked_payment",
        }
    )
    saved = desk.save("invoice", settled(desk, invoice))
    transaction = {
        "id": transaction_id,
        "customer_id": invoice["customer_id"],
        "subscription_id": invoice.get("subscription_id"),
        "type": "payment",
        "date": date,
        "amount": amount,
        "amount_unused": amount - applied if counted else 0,
        "status": status,
        "currency_code": invoice["currency_code"],
        "base_currency_code": "USD",
        **fields,
        "linked_invoices": [
            {
                "invoice_id": invoice["id"],
                **link,
                "invoice_date": invoice["date"],
                "invoice_total": invoice["total"],
                "invoice_status": saved["status"],
                "object": "linked_invoice",
            }
        ],
        "linked_refunds": [],
        "deleted": False,
        "object": "transaction",
    }
    written = desk.save("transaction", transaction)
    if written["amount_unused"]:
        customer = desk.get("customer", invoice["customer_id"])
        unused = customer["excess_payments"] + written["amount_unused"]
        desk.save("customer", customer | {"excess_payments": unused})
    return saved, written


def by_card(source: Document) -> Document:
    """Return what a transaction by card says of the card."""
    return {
        "payment_method": "card",
        "payment_source_id": source["id"],
        "gateway": GATEWAY,
        "gateway_account_id": GATEWAY_ACCOUNT,
        "masked_card_number": source["card"]["masked_number"],
    }


def charge(
    desk: Desk, invoice: Document, source: Document, amount: int
) -> tuple[Document, Document]:
    """Collect from a card; return the invoice and the transaction, be it a failure."""
    fields = by_card(source) | {"id_at_gateway": desk.made("cb_")}
    if not is_declined(source):
        return payment(desk, invoice, amount, "success", **fields)
    fields |= {"error_code": "card_declined", "error_text": "The card was declined."}
    return payment(desk, invoice, amount, "failure", **fields)


def autocollect(
    desk: Desk, customer: Document, invoice: Document
) -> tuple[Document, Document | None]:
    """Collect an invoice that is due, where the customer wants that.

    A card that fails puts the invoice into dunning.
    """
    source = primary_source(desk, customer)
    wanted = customer["auto_collection"] == "on" and source is not None
    if not wanted or source is None or invoice["amount_due"] == 0:
        return invoice, None
    invoice, transaction = charge(desk, invoice, source, invoice["amount_due"])
    if transaction["status"] == "failure":
        invoice = desk.save("invoice", dunned(desk, invoice, transaction))
    return invoice, transaction


def dunned(desk: Desk, invoice: Document, transaction: Document) -> Document:
    """Return the invoice after another failed try, with when the next one is."""
    tries = invoice["dunning_attempts"]
    tries.append(
        {
            "attempt": len(tries) + 1,
            "transaction_id": transaction["id"],
            "dunning_type": "auto_collect",
            "created_at": desk.now,
            "txn_status": "failure",
            "txn_amount": transaction["amount"],
            "object": "dunning_attempt",
        }
    )
    if len(tries) > len(DUNNING_DAYS):
        invoice |= {"dunning_status": "exhausted", "next_retry_at": None}
    else:
        retry = desk.now + DUNNING_DAYS[len(tries) - 1] * SECONDS_PER_DAY
        invoice |= {"dunning_status": "in_progress", "next_retry_at": retry}
    return settled(desk, invoice)
