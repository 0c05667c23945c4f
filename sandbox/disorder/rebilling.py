"""Rebilling: an invoice as other lines make it, with all that follows from its total.

A wrong amount must be wrong everywhere in the same way: in billing and the ERP, in the
payment, in the payout that contains it. Only then is the cause the one mistake.
"""

from sandbox.company.facts import Invoice
from sandbox.disorder.scene import Scene
from sandbox.netsuite.documents import (
    application_document,
    invoice_document,
    payment_document,
)
from sandbox.netsuite.documents_extras import transaction_extras
from sandbox.netsuite.documents_ids import payment_id
from sandbox.netsuite.documents_lines import invoice_lines
from sandbox.shapes import major
from sandbox.stripe.documents_ids import payout_id, transaction_id
from sandbox.stripe.documents_invoices import invoice_objects

# What another total reaches: `system.object`, as a disorder lists what it touches.
REBILLED = (
    "stripe.invoice stripe.invoiceitem stripe.payment_intent stripe.invoice_payment"
    " stripe.charge stripe.balance_transaction stripe.payout netsuite.invoice"
    " netsuite.payment netsuite.payment_application netsuite.deposit"
    " netsuite.deposit_application netsuite.transactionline"
)


def bill_again(scene: Scene, invoice: Invoice) -> None:
    """Put the invoice and its payment in place of those with the right amounts."""
    company = scene.company
    for name, document in invoice_objects(company, invoice):
        scene.put("stripe", name, document)
    extras = transaction_extras(company, invoice)
    scene.put("netsuite", "invoice", invoice_document(invoice) | extras)
    for line in invoice_lines(company, invoice):
        scene.put("netsuite", "transactionline", line)
    if invoice.paid_on is not None:
        scene.put("netsuite", "payment", payment_document(invoice) | extras)
        scene.put("netsuite", "payment_application", application_document(invoice))
        _pay_out_again(scene, invoice)


def _pay_out_again(scene: Scene, invoice: Invoice) -> None:
    """Let the payout be as much lower or higher as the payment in it."""
    moved = transaction_id("charge", invoice.key)
    if not scene.has("stripe", "balance_transaction", moved):
        return
    more = invoice.total_minor - scene.company.invoice_by_key[invoice.key].total_minor
    charge = scene.record("stripe", "balance_transaction", moved)
    charge["amount"] += more
    charge["net"] += more
    payout = charge["_payout"]
    if payout is None:
        return
    scene.record("stripe", "payout", payout)["amount"] += more
    key = next(e.key for e in scene.company.payouts if payout_id(e) == payout)
    out = scene.record("stripe", "balance_transaction", transaction_id("payout", key))
    out["amount"] -= more
    out["net"] -= more
    currency = invoice.customer.currency
    for deposit in scene.where("netsuite", "deposit", "externalid", payout):
        scene.record("netsuite", "deposit", deposit)["foreigntotal"] += major(
            more, currency
        )
    for link in scene.where(
        "netsuite", "deposit_application", "previousdoc", payment_id(invoice)
    ):
        scene.record("netsuite", "deposit_application", link)["foreignamount"] = major(
            invoice.total_minor, currency
        )
