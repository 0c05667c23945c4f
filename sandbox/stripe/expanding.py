"""Expanding: how an object is shown, and which of its ids may be asked for whole."""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from sandbox.collection import column
from sandbox.store import Document, parsed
from sandbox.stripe.books import Books
from sandbox.stripe.cards import as_source
from sandbox.stripe.shapes import invalid
from sandbox.wire import dump

# Stripe embeds the first ten lines of an invoice; the rest have their own list.
EMBEDDED_LINES = 10
# docs.stripe.com/expand: "up to four levels".
MAX_EXPAND_DEPTH = 4
_ANY = "*"  # the id's own prefix says what it names
_HELD = "="  # the whole is there already; asking for it changes nothing
# What is kept otherwise than it is shown.
_CHANGED = re.compile(rb'"_|"object":"discount"|"tiers":')
_LISTED = "+"  # left out until asked for

# {object: {field: the object that its id names}}.
EXPANDS: Mapping[str, Mapping[str, str]] = {
    "customer": {
        "default_source": _ANY,
        "discount": _HELD,
        "invoice_settings.default_payment_method": "payment_method",
        "subscriptions": _LISTED,
        "sources": _LISTED,
        "tax_ids": _LISTED,
        "test_clock": "test_helpers.test_clock",
    },
    "product": {"default_price": "price"},
    "price": {"product": "product", "tiers": _LISTED, "currency_options": _LISTED},
    "coupon": {"applies_to": _HELD, "currency_options": _LISTED},
    "discount": {
        "customer": "customer",
        "promotion_code": "promotion_code",
        "source.coupon": "coupon",
    },
    "promotion_code": {"customer": "customer", "promotion.coupon": "coupon"},
    "card": {"customer": "customer"},
    "subscription": {
        "customer": "customer",
        "default_payment_method": "payment_method",
        "default_source": _ANY,
        "discounts": "discount",
        "latest_invoice": "invoice",
        "pending_setup_intent": "setup_intent",
        "schedule": "subscription_schedule",
        "test_clock": "test_helpers.test_clock",
    },
    "subscription_item": {"discounts": "discount"},
    "subscription_schedule": {
        "customer": "customer",
        "subscription": "subscription",
        "phases.items.price": "price",
        "phases.discounts.coupon": "coupon",
        "phases.default_payment_method": "payment_method",
        "default_settings.default_payment_method": "payment_method",
        "test_clock": "test_helpers.test_clock",
    },
    "invoice": {
        "confirmation_secret": _HELD,
        "customer": "customer",
        "default_payment_method": "payment_method",
        "default_source": _ANY,
        "discounts": "discount",
        "latest_revision": "invoice",
        "from_invoice.invoice": "invoice",
        "parent.subscription_details.subscription": "subscription",
        "payments": _LISTED,
        "test_clock": "test_helpers.test_clock",
        "total_discount_amounts.discount": "discount",
    },
    "line_item": {
        "discounts": "discount",
        "discount_amounts.discount": "discount",
        "pricing.price_details.price": "price",
    },
    "invoiceitem": {
        "customer": "customer",
        "discounts": "discount",
        "invoice": "invoice",
        "pricing.price_details.price": "price",
        "test_clock": "test_helpers.test_clock",
    },
    "invoice_payment": {
        "invoice": "invoice",
        "payment.payment_intent": "payment_intent",
        "payment.charge": "charge",
    },
    "credit_note": {
        "customer": "customer",
        "invoice": "invoice",
        "customer_balance_transaction": "customer_balance_transaction",
        "refunds.refund": "refund",
    },
    "payment_method": {"customer": "customer"},
    "payment_intent": {
        "customer": "customer",
        "latest_charge": "charge",
        "payment_method": "payment_method",
    },
    "setup_intent": {"customer": "customer", "payment_method": "payment_method"},
    "charge": {
        "balance_transaction": "balance_transaction",
        "customer": "customer",
        "failure_balance_transaction": "balance_transaction",
        "payment_intent": "payment_intent",
        "refunds": _LISTED,
    },
    "refund": {
        "balance_transaction": "balance_transaction",
        "charge": "charge",
        "customer": "customer",
        "failure_balance_transaction": "balance_transaction",
        "payment_intent": "payment_intent",
        "payment_method": "payment_method",
    },
    "dispute": {"charge": "charge", "payment_intent": "payment_intent"},
    "payout": {
        "balance_transaction": "balance_transaction",
        "destination": _ANY,
        "failure_balance_transaction": "balance_transaction",
        "original_payout": "payout",
        "reversed_by": "payout",
    },
    "balance_transaction": {"source": _ANY},
    "customer_balance_transaction": {
        "customer": "customer",
        "credit_note": "credit_note",
        "invoice": "invoice",
    },
}
_PREFIXES = {
    "ch": "charge",
    "re": "refund",
    "du": "dispute",
    "po": "payout",
    "in": "invoice",
    "pi": "payment_intent",
    "cus": "customer",
    "sub": "subscription",
    "pm": "payment_method",
    "card": "card",
}


def shown(document: Mapping[str, Any]) -> Document:
    """Return a document as Stripe shows it: ids where nothing was expanded."""
    view = {field: value for field, value in document.items() if field[0] != "_"}
    if "discounts" in view:
        view["discounts"] = [
            each["id"] if isinstance(each, dict) and "id" in each else each
            for each in view["discounts"] or []
        ]
    if view.get("object") == "invoice" and "lines" in view:
        lines = view["lines"]["data"]
        view["lines"] = {
            "object": "list",
            "data": [shown(line) for line in lines[:EMBEDDED_LINES]],
            "has_more": len(lines) > EMBEDDED_LINES,
            "url": f"/v1/invoices/{view['id']}/lines",
        }
    if view.get("object") == "subscription" and "items" in view:
        items = [shown(item) for item in view["items"]["data"]]
        view["items"] = {**view["items"], "data": items}
    if view.get("object") in ("price", "subscription_item"):
        # Shown when asked for; what a test or a company says in them stays inside.
        view.pop("tiers", None)
        if isinstance(view.get("price"), dict):
            view["price"] = shown(view["price"])
    return view


def wire(body: bytes) -> bytes:
    """Return a stored document as it goes out; unparsed where it goes as it is."""
    lines = body.count(b'"object":"line_item"')
    if lines > EMBEDDED_LINES or _CHANGED.search(body):
        return dump(shown(parsed(body)))
    return body


class Expansion:
    """The fields that one request wants whole."""

    def __init__(self, books: Books, paths: Iterable[str]) -> None:
        """Look the objects up in these books."""
        self.books = books
        self.paths = [path.split(".") for path in sorted(paths)]
        for path in self.paths:
            if len(path) > MAX_EXPAND_DEPTH + 3:  # `data` and embedded lists are free
                sentence = (
                    "You cannot expand more than "
                    f"{MAX_EXPAND_DEPTH} levels of a property ({'.'.join(path)})."
                )
                raise invalid(sentence, "expand")

    def whole(self, document: Mapping[str, Any]) -> Document:
        """Return a document as Stripe shows it, with the wanted fields whole."""
        view: Any = shown(document)
        for path in self.paths:
            view = self._within(view, document, path, ("", ""), ".".join(path))
        result: Document = view
        return result

    def _within(
        self,
        value: Any,
        stored: Mapping[str, Any],
        keys: list[str],
        place: tuple[str, str],
        path: str,
    ) -> Any:
        """Return a value with what lies at `keys` whole.

        `place` is the object that the value is part of, and the field there.
        """
        if isinstance(value, list):
            return [self._within(each, stored, keys, place, path) for each in value]
        if not isinstance(value, dict):
            if keys and value is not None:
                raise _unexpandable(path)
            return value
        if value.get("object") in EXPANDS:
            place = (str(value["object"]), "")
            stored = value
        if not keys:
            return value
        key, rest = keys[0], keys[1:]
        field = f"{place[1]}.{key}" if place[1] else key
        target = EXPANDS.get(place[0], {}).get(field)
        if target is not None:
            value = {**value, key: self._fetched(value, key, target)}
        elif key not in value or (not rest and not isinstance(value[key], dict | list)):
            raise _unexpandable(path)
        inner = self._within(value[key], stored, rest, (place[0], field), path)
        return {**value, key: inner}

    def _fetched(self, value: Document, key: str, target: str) -> Any:
        held = value.get(key)
        if target == _LISTED:
            return _LISTS[value["object"], key](self.books, value)
        if target == _HELD or held is None:
            return held
        if isinstance(held, list):
            return [self._named(each, target) for each in held]
        return self._named(held, target)

    def _named(self, record_id: Any, target: str) -> Any:
        if not isinstance(record_id, str):
            return record_id
        if target == _ANY:
            target = _PREFIXES.get(record_id.partition("_")[0], "")
        if target == "card":
            method = self.books.get("payment_method", record_id)
            return as_source(method) if method else record_id
        if target == "discount":
            return discount(self.books, record_id) or record_id
        document = self.books.get(target, record_id) if target else None
        if document is not None:
            return shown(document)
        gone = self.books.get("_deleted", record_id)
        return shown(gone) if gone else record_id


def discount(books: Books, discount_id: str) -> Document | None:
    """Return a discount: a paper of its own, or part of a subscription."""
    kept = books.get("_discount", discount_id)
    if kept is not None:
        return shown(kept)
    for subscription in books.table("subscription").find(
        f"{column('discounts')} like ?", (f'%"{discount_id}"%',), limit=1
    ):
        for each in subscription["discounts"]:
            if isinstance(each, dict) and each["id"] == discount_id:
                return dict(each)
    return None


def _unexpandable(path: str) -> Exception:
    return invalid(f"This property cannot be expanded ({path}).", "expand")


def list_of(url: str, data: list[Document], *, more: bool = False) -> Document:
    """Return an embedded list."""
    return {"object": "list", "data": data, "has_more": more, "url": url}


def _payments(books: Books, invoice: Document) -> Document:
    found = books.find("invoice_payment", invoice=invoice["id"])
    return list_of(f"/v1/invoice_payments?invoice={invoice['id']}", found)


def _refunds(books: Books, charge: Document) -> Document:
    found = books.find("refund", charge=charge["id"])[::-1]
    return list_of(f"/v1/charges/{charge['id']}/refunds", found)


def _subscriptions(books: Books, customer: Document) -> Document:
    found = [
        shown(each)
        for each in books.find("subscription", customer=customer["id"])[::-1]
        if each["status"] != "canceled"
    ]
    return list_of(f"/v1/customers/{customer['id']}/subscriptions", found)


def _sources(books: Books, customer: Document) -> Document:
    found = [
        as_source(each)
        for each in books.find("payment_method", customer=customer["id"])[::-1]
        if each["id"].startswith("card_")
    ]
    return list_of(f"/v1/customers/{customer['id']}/sources", found)


def _tiers(books: Books, price: Document) -> Any:
    held = books.get("price", price["id"]) or {}
    return held.get("tiers") or []


_LISTS: Mapping[tuple[str, str], Callable[[Books, Document], Any]] = {
    ("invoice", "payments"): _payments,
    ("charge", "refunds"): _refunds,
    ("customer", "subscriptions"): _subscriptions,
    ("customer", "sources"): _sources,
    ("customer", "tax_ids"): lambda _books, customer: list_of(
        f"/v1/customers/{customer['id']}/tax_ids", []
    ),
    ("price", "tiers"): _tiers,
    ("price", "currency_options"): lambda _books, _price: {},
    ("coupon", "currency_options"): lambda _books, _coupon: {},
}


def expansions(wanted: list[str | None], *, listed: bool) -> list[str]:
    """Return the wanted paths; those of a list begin with `data.`."""
    paths = []
    for path in wanted:
        if path is None or (listed and not path.startswith("data.")):
            raise invalid(f"This property cannot be expanded ({path}).", "expand")
        paths.append(path.removeprefix("data.") if listed else path)
    return paths
