"""Invoices: from draft to open to paid, void or uncollectible, and never back."""

from typing import Any

from sandbox.store import Document
from sandbox.stripe import collecting
from sandbox.stripe.books import Books, same_currency
from sandbox.stripe.coupons import DISCOUNTS, redeemed
from sandbox.stripe.customers import noted
from sandbox.stripe.invoice_endings import not_open, stop_payments
from sandbox.stripe.invoice_papers import draft, line_of_item, of_subscription, summed
from sandbox.stripe.parameters import (
    EXPAND,
    Fields,
    checked,
    choice,
    currency,
    flag,
    group,
    instant,
    merged,
    metadata,
    several,
    text,
    whole,
)
from sandbox.stripe.shapes import Params, invalid

# docs.stripe.com/invoicing/integration/automatic-advancement-collection: drafts wait
# about an hour.
DRAFT_SECONDS = 3600
DAY = 86_400
DEFAULT_DAYS_UNTIL_DUE = 30  # the default of Stripe's dashboard

_FIELDS: Fields = {
    **EXPAND,
    "auto_advance": flag,
    "automatically_finalizes_at": instant(),
    "collection_method": choice("charge_automatically", "send_invoice"),
    "custom_fields": several(group({"name!": text(), "value!": text()})),
    "days_until_due": whole(0, 3650),
    "default_payment_method": text(),
    "description": text(),
    "discounts": DISCOUNTS,
    "due_date": instant(),
    "effective_at": instant(),
    "footer": text(),
    "metadata": metadata,
    "number": text(longest=26),
    "statement_descriptor": text(longest=22),
}
_PLAIN = (
    *("auto_advance", "default_payment_method", "description", "due_date"),
    *("effective_at", "footer", "number", "statement_descriptor"),
    "automatically_finalizes_at",
)


def create(books: Books, given: Params) -> Document:
    """Add a draft; it takes the customer's pending items up if that is wanted."""
    own: Fields = {
        "currency": currency,
        "customer": text(),
        "from_invoice": group({"action!": choice("revision"), "invoice!": text()}),
        "pending_invoice_items_behavior": choice("exclude", "include"),
        "subscription": text(),
    }
    params = checked(given, {**_FIELDS, **own})
    origin = params.get("from_invoice")
    if origin:
        return _revision(books, origin, params)
    if not params.get("customer"):
        sentence = "Missing required param: customer."
        raise invalid(sentence, "customer", "parameter_missing")
    customer = books.need("customer", params["customer"], "customer")
    at = books.time_of(customer)
    subscription = None
    if params.get("subscription"):
        subscription = books.need(
            "subscription", params["subscription"], "subscription"
        )
    money = params.get("currency") or customer.get("currency") or "usd"
    same_currency(customer, money)
    invoice = draft(books, customer, at, money, auto_advance=False)
    if subscription:
        invoice["parent"] = of_subscription(subscription)
    invoice |= _changed(books, invoice, params)
    items = pending(books, customer["id"], money, subscription)
    wants = params.get("pending_invoice_items_behavior") == "include" or subscription
    if subscription and not items:
        sentence = "Nothing to invoice for subscription"
        raise invalid(sentence, code="invoice_no_subscription_line_items")
    return written(books, invoice, items if wants else [], customer)


def _revision(books: Books, origin: Params, params: Params) -> Document:
    held = books.need("invoice", origin["invoice"], "from_invoice[invoice]")
    if held["status"] not in ("open", "uncollectible", "paid"):
        sentence = "Only a finalized invoice can be revised."
        raise invalid(sentence, "from_invoice[invoice]")
    customer = books.need("customer", held["customer"])
    at = books.time_of(customer)
    invoice = draft(books, customer, at, held["currency"])
    invoice |= {
        "collection_method": held["collection_method"],
        "discounts": held["discounts"],
        "from_invoice": {"action": "revision", "invoice": held["id"]},
        "parent": held["parent"],
    }
    invoice |= _changed(books, invoice, params)
    lines = [
        {**each, "id": books.new_id("il_"), "invoice": invoice["id"]}
        for each in held["lines"]["data"]
    ]
    after = books.create(invoice | summed(books, invoice, lines, 0))
    books.update(held, latest_revision=after["id"])
    return after


def pending(
    books: Books, customer_id: str, money: str, subscription: Document | None = None
) -> list[Document]:
    """Return the items that wait for the customer's next invoice."""
    found = books.find("invoiceitem", customer=customer_id, invoice=None)
    return [
        each
        for each in found
        if each["currency"] == money
        and (subscription is None or _subscription(each) in (None, subscription["id"]))
    ]


def _subscription(item: Document) -> Any:
    details = (item.get("parent") or {}).get("subscription_details") or {}
    return details.get("subscription")


def written(
    books: Books,
    invoice: Document,
    items: list[Document],
    customer: Document,
    lines: list[Document] | None = None,
) -> Document:
    """Write a draft with its lines; the items belong to it from now on."""
    taken = [line_of_item(books, invoice["id"], each) for each in items]
    starting = customer.get("balance") or 0
    fields = summed(books, invoice, [*(lines or []), *taken], starting)
    after = books.create(invoice | fields)
    for each in items:
        books.update(each, invoice=invoice["id"])
    if customer.get("currency") is None:
        books.update(customer, currency=invoice["currency"])
    return after


def _changed(books: Books, invoice: Document, params: Params) -> Document:
    fields = {
        name: params[name]
        for name in _PLAIN
        if name in params and (params[name] is not None or name != "auto_advance")
    }
    if "custom_fields" in params:
        fields["custom_fields"] = params["custom_fields"] or None
    if "metadata" in params:
        fields["metadata"] = merged(invoice.get("metadata"), params["metadata"])
    if fields.get("default_payment_method"):
        name = "default_payment_method"
        books.need("payment_method", fields[name], name)
    fields |= _collection(invoice, params)
    if "discounts" in params:
        place = {"customer": invoice["customer"], "invoice": invoice["id"]}
        discounts = redeemed(
            books, params["discounts"], invoice["discounts"], invoice["created"], place
        )
        fields["discounts"] = [each["id"] for each in discounts]
    if fields.get("auto_advance"):
        fields["automatically_finalizes_at"] = invoice["created"] + DRAFT_SECONDS
    return fields


def _collection(invoice: Document, params: Params) -> Document:
    """Return how an invoice is to be collected, and by when."""
    method = params.get("collection_method") or invoice["collection_method"]
    fields: Document = {"collection_method": method}
    for name in ("days_until_due", "due_date"):
        if params.get(name) is not None and method != "send_invoice":
            sentence = (
                "You can only specify `days_until_due` or `due_date` with a "
                "`collection_method` of `send_invoice`."
            )
            raise invalid(sentence, name)
    due = params.get("due_date") or invoice["due_date"]
    days = params.get("days_until_due")
    if days is not None:
        fields["due_date"] = invoice["created"] + days * DAY
    elif method == "send_invoice" and not due and invoice["billing_reason"] == "manual":
        fields["due_date"] = invoice["created"] + DEFAULT_DAYS_UNTIL_DUE * DAY
    return fields


def update(books: Books, given: Params, invoice_id: str) -> Document:
    """Change a draft; of a finalized one little may change."""
    params = checked(given, _FIELDS)
    invoice = books.need("invoice", invoice_id)
    if invoice["status"] != "draft":
        free = {"auto_advance", "default_payment_method", "description", "metadata"}
        frozen = set(params) - free - {"expand", "footer", "custom_fields"}
        if frozen:
            raise not_editable(min(frozen))
    fields = _changed(books, invoice, params)
    after = books.update(invoice, **fields)
    return resummed(books, after) if after["status"] == "draft" else after


def resummed(
    books: Books, invoice: Document, lines: list[Document] | None = None
) -> Document:
    """Return a draft with its sums drawn anew."""
    customer = books.get("customer", invoice["customer"]) or {}
    held = invoice["lines"]["data"] if lines is None else lines
    starting = customer.get("balance") or 0
    return books.update(invoice, **summed(books, invoice, held, starting))


def not_editable(param: str | None = None) -> Exception:
    """Return the refusal to change what is final."""
    sentence = "Finalized invoices can't be updated in this way"
    return invalid(sentence, param, "invoice_not_editable")


def delete(books: Books, given: Params, invoice_id: str) -> Document:
    """Take a draft away; its items wait for another invoice."""
    checked(given, {})
    invoice = books.need("invoice", invoice_id)
    if invoice["status"] != "draft":
        sentence = "You can only delete draft invoices."
        raise invalid(sentence, code="invoice_not_editable")
    if collecting.subscription_of(books, invoice):
        sentence = "You can't delete invoices created by subscriptions."
        raise invalid(sentence, code="invoice_not_editable")
    for item in books.find("invoiceitem", invoice=invoice_id):
        books.delete(item)
    return books.delete(invoice)


def finalize(books: Books, given: Params, invoice_id: str) -> Document:
    """Make a draft final."""
    params = checked(given, {**EXPAND, "auto_advance": flag})
    invoice = books.need("invoice", invoice_id)
    if invoice["status"] != "draft":
        sentence = (
            "This invoice is already finalized, you can't re-finalize a non-draft "
            "invoice."
        )
        raise invalid(sentence, code="invoice_not_editable")
    if "auto_advance" in params:
        invoice = books.update(invoice, auto_advance=params["auto_advance"])
    after = finalized(books, invoice)
    if after["status"] == "open" and after["auto_advance"]:
        after = collected(books, after)
    return after


def finalized(books: Books, invoice: Document) -> Document:
    """Return the invoice open, or paid at once where nothing is due."""
    customer = books.need("customer", invoice["customer"])
    at = books.time_of(customer)
    invoice = resummed(books, invoice)
    sequence = customer.get("next_invoice_sequence") or 1
    prefix = customer.get("invoice_prefix") or customer["id"][-8:].upper()
    starting, total, due = (
        invoice[name] for name in ("starting_balance", "total", "amount_due")
    )
    ending = starting + total - due
    fields: Document = {
        "automatically_finalizes_at": None,
        "effective_at": invoice["effective_at"] or at,
        "ending_balance": ending,
        "hosted_invoice_url": f"https://invoice.stripe.com/i/acct_sandbox/{invoice['id']}",
        "invoice_pdf": f"https://pay.stripe.com/invoice/acct_sandbox/{invoice['id']}/pdf",
        "number": invoice["number"] or f"{prefix}-{sequence:04}",
        "status": "open",
        "status_transitions": {**invoice["status_transitions"], "finalized_at": at},
    }
    after = books.update(invoice, **fields)
    customer = books.update(
        customer, balance=ending, next_invoice_sequence=sequence + 1
    )
    if ending != starting:
        kind = "applied_to_invoice" if total > 0 else "invoice_too_small"
        noted(
            books,
            customer,
            ending - starting,
            kind,
            invoice=after["id"],
            currency=after["currency"],
        )
    if due == 0:
        return collecting.paid(books, after, None, 0)
    collecting.demanded(books, after)
    return after


def collected(books: Books, invoice: Document) -> Document:
    """Return an open invoice after Stripe tried to collect it by itself."""
    if invoice["collection_method"] != "charge_automatically":
        return invoice
    method = collecting.method_of(books, invoice)
    if method is None:
        return collecting.failed(books, invoice)
    return collecting.attempt(books, invoice, method)[0]


def pay(books: Books, given: Params, invoice_id: str) -> Document:
    """Collect an invoice now.

    Raises:
        Declined: the card refused.
    """
    params = checked(
        given,
        {
            **EXPAND,
            "forgive": flag,
            "off_session": flag,
            "paid_out_of_band": flag,
            "payment_method": text(),
        },
    )
    invoice = books.need("invoice", invoice_id)
    if invoice["status"] == "paid":
        raise invalid("Invoice is already paid", code="invoice_already_paid")
    if invoice["status"] == "void":
        sentence = "Invoice is voided and can no longer be paid."
        raise invalid(sentence, code="status_transition_invalid")
    if invoice["status"] == "draft":
        invoice = finalized(books, invoice)
        if invoice["status"] == "paid":
            return invoice
    if params.get("paid_out_of_band"):
        return _paid_elsewhere(books, invoice)
    method = params.get("payment_method") or collecting.method_of(books, invoice)
    if method is None:
        sentence = (
            "There is no `default_payment_method` set on this Customer or Invoice. "
            "Please either attach a `default_payment_method`, or pass a "
            "`payment_method` parameter."
        )
        raise invalid(sentence, "payment_method", "resource_missing")
    after, refused = collecting.attempt(books, invoice, method)
    if refused is not None:
        raise refused
    return after


def _paid_elsewhere(books: Books, invoice: Document) -> Document:
    """Return an invoice that was paid outside of Stripe."""
    amount = invoice["amount_remaining"]
    stop_payments(books, invoice, None)
    after = collecting.paid(books, invoice, None, 0)
    return books.update(
        after,
        amount_paid=invoice["amount_paid"] + amount,
        amount_paid_off_stripe=amount,
    )


def send(books: Books, given: Params, invoice_id: str) -> Document:
    """Send an invoice to the customer, finalizing it first."""
    checked(given, EXPAND)
    invoice = books.need("invoice", invoice_id)
    if invoice["collection_method"] != "send_invoice":
        sentence = (
            "You can only manually send an invoice if its collection method is "
            "'send_invoice'."
        )
        raise invalid(sentence, "collection_method")
    if invoice["status"] in ("void", "uncollectible"):
        raise not_open()
    if invoice["status"] == "draft":
        invoice = finalized(books, invoice)
    return books.update(invoice, _sent=invoice.get("_sent", 0) + 1)
