"""Customers: who is billed, and the balance that their next invoice takes up."""

from typing import Any

from starlette.responses import Response

from sandbox.collection import column
from sandbox.store import Document
from sandbox.stripe import sources
from sandbox.stripe.books import Books, same_currency
from sandbox.stripe.expanding import discount
from sandbox.stripe.lists import page, window
from sandbox.stripe.parameters import (
    EXPAND,
    PAGING,
    Fields,
    checked,
    choice,
    currency,
    group,
    merged,
    metadata,
    several,
    span,
    text,
    whole,
)
from sandbox.stripe.payment_methods import attached, default_of, from_token
from sandbox.stripe.shapes import Params, invalid, missing
from sandbox.wire import made

ADDRESS: Fields = dict.fromkeys(
    ("city", "country", "line1", "line2", "postal_code", "state"), text()
)
SHIPPING = group({"address!": group(ADDRESS), "name!": text(), "phone": text()})


def email(value: Any, name: str) -> str | None:
    """Read an e-mail address; empty is None."""
    address: str | None = text(longest=512)(value, name)
    if address is not None and ("@" not in address or " " in address):
        raise invalid(f"Invalid email address: {address}", name, "email_invalid")
    return address


_FIELDS: Fields = {
    **EXPAND,
    "address": group(ADDRESS),
    "balance": whole(),
    "business_name": text(longest=150),
    "description": text(),
    "email": email,
    "individual_name": text(longest=150),
    "invoice_prefix": text(longest=12),
    "invoice_settings": group(
        {
            "custom_fields": several(group({"name!": text(), "value!": text()})),
            "default_payment_method": text(),
            "footer": text(),
        }
    ),
    "metadata": metadata,
    "name": text(longest=256),
    "next_invoice_sequence": whole(1, 999_999_999),
    "phone": text(longest=20),
    "preferred_locales": several(text()),
    "shipping": SHIPPING,
    "tax_exempt": choice("none", "exempt", "reverse"),
}
_PLAIN = (
    *("balance", "business_name", "description", "email", "individual_name"),
    *("invoice_prefix", "name", "next_invoice_sequence", "phone"),
    *("preferred_locales", "shipping"),
)


def create(books: Books, given: Params) -> Document:
    """Add a customer, on a test clock if one is named."""
    own: Fields = {"payment_method": text(), "source": text(), "test_clock": text()}
    params = checked(given, {**_FIELDS, **own})
    clock_id = params.get("test_clock")
    customer_id = books.new_id("cus_")
    customer: Document = {
        "id": customer_id,
        "object": "customer",
        "address": None,
        "balance": 0,
        "created": books.now,
        "currency": None,
        "default_source": None,
        "delinquent": False,
        "description": None,
        "discount": None,
        "email": None,
        "invoice_prefix": made("", "prefix", customer_id, length=8).upper(),
        "invoice_settings": {
            "custom_fields": None,
            "default_payment_method": None,
            "footer": None,
            "rendering_options": None,
        },
        "livemode": False,
        "metadata": {},
        "name": None,
        "next_invoice_sequence": 1,
        "phone": None,
        "preferred_locales": [],
        "shipping": None,
        "tax_exempt": "none",
        "test_clock": clock_id,
    }
    if clock_id:
        clock = books.need("test_helpers.test_clock", clock_id, "test_clock")
        customer["created"] = clock["frozen_time"]
    # The cards first: a default among them has to be the customer's already.
    if params.get("payment_method"):
        attached(books, params["payment_method"], customer, "payment_method")
    if params.get("source"):
        card = from_token(books, params["source"], customer)
        customer["default_source"] = card["id"]
    customer |= _changed(books, customer, params)
    customer = books.create(customer)
    if customer["balance"]:
        noted(books, customer, customer["balance"], "adjustment")
    return customer


def update(books: Books, given: Params, customer_id: str) -> Document:
    """Change fields of a customer."""
    own: Fields = {"default_source": text(), "source": text()}
    params = checked(given, {**_FIELDS, **own})
    customer = living(books, customer_id)
    before = customer.get("balance") or 0
    fields = _changed(books, customer, params) | _default(books, customer, params)
    after = books.update(customer, **fields)
    if after.get("balance", 0) != before:
        noted(books, after, after["balance"] - before, "adjustment")
    return after


def _default(books: Books, customer: Document, params: Params) -> Document:
    """Return the default source after a change; a new one takes the old one's place."""
    wanted, held = params.get("default_source"), customer.get("default_source")
    if params.get("source"):
        card = from_token(books, params["source"], customer)
        old = books.get("payment_method", held) if held else None
        if old is not None:
            books.update(old, customer=None)
        return {"default_source": card["id"]}
    if wanted:
        sources.owned(books, customer["id"], wanted, "default_source")
        return {"default_source": wanted}
    return {}


def living(books: Books, customer_id: object, param: str = "id") -> Document:
    """Return a customer; one that was deleted takes no writes."""
    return books.need("customer", customer_id, param)


def _changed(books: Books, customer: Document, params: Params) -> Document:
    fields: Document = {
        name: params[name]
        for name in _PLAIN
        if name in params
        and (params[name] is not None or name not in ("balance", "invoice_prefix"))
    }
    for name in ("business_name", "individual_name"):
        if name in fields and fields[name] is None:
            del fields[name]
    if "address" in params:
        wanted = params["address"]
        held = customer.get("address")
        empty = dict.fromkeys(ADDRESS) if held is None else held
        fields["address"] = None if wanted is None else {**empty, **wanted}
    if params.get("tax_exempt"):
        fields["tax_exempt"] = params["tax_exempt"]
    if "metadata" in params:
        fields["metadata"] = merged(customer.get("metadata"), params["metadata"])
    if params.get("invoice_settings"):
        wanted = dict(params["invoice_settings"])
        method = wanted.get("default_payment_method")
        if method is not None:
            param = "invoice_settings[default_payment_method]"
            wanted["default_payment_method"] = default_of(
                books, method, customer, param
            )
        if wanted.get("custom_fields") == []:
            wanted["custom_fields"] = None
        fields["invoice_settings"] = {
            **(customer.get("invoice_settings") or {}),
            **wanted,
        }
    return fields


def delete(books: Books, given: Params, customer_id: str) -> Document:
    """Delete a customer for good: their subscriptions end at once."""
    checked(given, {})
    customer = living(books, customer_id)
    for subscription in books.find("subscription", customer=customer_id):
        if subscription["status"] not in ("canceled", "incomplete_expired"):
            at = books.time_of(subscription)
            books.update(subscription, status="canceled", canceled_at=at, ended_at=at)
    said = books.delete(customer)
    books.keep("_deleted", dict(said))
    return said


def read(books: Books, customer_id: str) -> Document:
    """Return a customer, or what is said of a deleted one."""
    customer = books.get("customer", customer_id) or books.get("_deleted", customer_id)
    if customer is None or customer["object"] != "customer":
        raise missing("customer", customer_id)
    return customer


def delete_discount(books: Books, given: Params, customer_id: str) -> Document:
    """Take the customer's discount away."""
    checked(given, {})
    customer = living(books, customer_id)
    held = customer.get("discount")
    if held is None:
        raise missing("discount", f"for customer {customer_id}")
    books.update(customer, discount=None)
    gone: Document = {key: value for key, value in held.items() if key != "end"}
    return gone | {"deleted": True}


def read_discount(books: Books, customer_id: str) -> Document:
    """Return the customer's discount."""
    held = living(books, customer_id).get("discount")
    if held is None:
        raise missing("discount", f"for customer {customer_id}")
    return discount(books, held["id"]) or dict(held)


def noted(
    books: Books,
    customer: Document,
    amount: int,
    kind: str,
    *,
    invoice: str | None = None,
    credit_note: str | None = None,
    **more: Any,
) -> Document:
    """Write a change of the customer's balance down, which the customer shows already.

    A negative balance is the customer's money.
    """
    return books.create(
        {
            "id": books.new_id("cbtxn_"),
            "object": "customer_balance_transaction",
            "amount": amount,
            "checkout_session": None,
            "created": books.time_of(customer),
            "credit_note": credit_note,
            "currency": more.get("currency") or customer.get("currency") or "usd",
            "customer": customer["id"],
            "description": more.get("description"),
            "ending_balance": customer["balance"],
            "invoice": invoice,
            "livemode": False,
            "metadata": more.get("metadata", {}),
            "type": kind,
        }
    )


def adjust_balance(books: Books, given: Params, customer_id: str) -> Document:
    """Give the customer money, or take some."""
    params = checked(
        given,
        {
            **EXPAND,
            "amount!": whole(),
            "currency!": currency,
            "description": text(longest=350),
            "metadata": metadata,
        },
    )
    customer = living(books, customer_id)
    same_currency(customer, params["currency"])
    after = books.update(
        customer,
        balance=(customer.get("balance") or 0) + params["amount"],
        currency=params["currency"],
    )
    return noted(
        books,
        after,
        params["amount"],
        "adjustment",
        description=params.get("description"),
        metadata=merged(None, params.get("metadata", {})),
    )


def balance_transactions(books: Books, given: Params, customer_id: str) -> Response:
    """List the changes of a customer's balance."""
    params = checked(given, {**PAGING, "created": span, "invoice": text()})
    living(books, customer_id)
    clauses = [(f"{column('customer')} = ?", (customer_id,))]
    if params.get("invoice"):
        clauses.append((f"{column('invoice')} = ?", (params["invoice"],)))
    rows, more = window(
        books, "customer_balance_transaction", "created", clauses, params
    )
    url = f"/v1/customers/{customer_id}/balance_transactions"
    return page(books, url, rows, [], more=more)


def payment_methods(books: Books, given: Params, customer_id: str) -> Response:
    """List the customer's payment methods."""
    params = checked(given, {**PAGING, "type": text(), "allow_redisplay": text()})
    living(books, customer_id)
    clauses = [(f"{column('customer')} = ?", (customer_id,))]
    if params.get("type"):
        clauses.append((f"{column('type')} = ?", (params["type"],)))
    rows, more = window(books, "payment_method", "created", clauses, params)
    url = f"/v1/customers/{customer_id}/payment_methods"
    return page(books, url, rows, [], more=more)
