"""Routes: each of Stripe's endpoints that the sandbox serves, and who answers it."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from starlette.responses import Response

from sandbox.store import Document
from sandbox.stripe import (
    catalogue,
    changes,
    charges,
    clocks,
    collecting,
    coupons,
    credit_notes,
    customers,
    destinations,
    disputes,
    endpoints,
    invoice_endings,
    invoice_items,
    invoices,
    meters,
    payment_intents,
    payment_methods,
    payouts,
    previews,
    promotion_codes,
    schedules,
    search,
    sources,
    subscription_items,
    subscriptions,
    tax_rates,
    thin,
)
from sandbox.stripe.books import Books
from sandbox.stripe.listed import LISTS
from sandbox.stripe.lists import embedded, list_objects
from sandbox.stripe.shapes import Params

# What answers a request: the books, its parameters, and the ids in its path.
Handler = Callable[..., Document | Response]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One method of one path.

    Attributes:
        method: GET, POST or DELETE.
        path: below its API's root, with a name in braces for each id.
        handler: answers it.
        is_read: whether the handler takes ids alone and its document may be expanded.
        api: its API's root; what is sent to the second one is JSON.
    """

    method: str
    path: str
    handler: Handler
    is_read: bool = False
    api: str = "v1"


def _listing(name: str) -> Handler:
    def answered(books: Books, given: Params) -> Response:
        return list_objects(books, name, given)

    return answered


def _reading(name: str) -> Handler:
    def answered(books: Books, record_id: str) -> Document:
        return books.need(name, record_id)

    return answered


def _lines(books: Books, given: Params, invoice_id: str) -> Response:
    invoice = books.need("invoice", invoice_id)
    url = f"/v1/invoices/{invoice_id}/lines"
    return embedded(books, url, "line_item", invoice["lines"]["data"], given)


def _customers_method(books: Books, customer_id: str, method_id: str) -> Document:
    method = books.need("payment_method", method_id)
    if method["customer"] != customer_id:
        return books.need("payment_method", "")
    return method


def _balance(books: Books) -> Document:
    return payouts.balance(books)


_SPECIAL_READS: Mapping[str, Handler] = {
    "customer": customers.read,
    "payout": payouts.reading("payout"),
    "balance_transaction": payouts.reading("balance_transaction"),
}
_SPECIAL_LISTS: Mapping[str, Handler] = {
    "payout": payouts.listed,
    "balance_transaction": payouts.transactions,
}
_CREATE: Mapping[str, Handler] = {
    "customers": customers.create,
    "products": catalogue.create_product,
    "prices": catalogue.create_price,
    "coupons": coupons.create,
    "promotion_codes": promotion_codes.create,
    "tax_rates": tax_rates.create,
    "subscriptions": subscriptions.create,
    "subscription_items": subscription_items.create,
    "subscription_schedules": schedules.create,
    "invoices": invoices.create,
    "invoiceitems": invoice_items.create,
    "credit_notes": credit_notes.create,
    "payment_methods": payment_methods.create,
    "payment_intents": payment_intents.create,
    "refunds": charges.refund,
    "payouts": payouts.create,
    "billing/meters": meters.create,
    "billing/meter_events": meters.record,
    "billing/meter_event_adjustments": meters.adjust,
    "test_helpers/test_clocks": clocks.create,
    "webhook_endpoints": endpoints.create,
    "invoices/create_preview": previews.create,
}
_UPDATE: Mapping[str, Handler] = {
    "customers": customers.update,
    "products": catalogue.update_product,
    "prices": catalogue.update_price,
    "coupons": coupons.update,
    "promotion_codes": promotion_codes.update,
    "tax_rates": tax_rates.update,
    "subscriptions": changes.update,
    "subscription_items": subscription_items.update,
    "subscription_schedules": schedules.update,
    "invoices": invoices.update,
    "invoiceitems": invoice_items.update,
    "credit_notes": credit_notes.update,
    "payment_methods": payment_methods.update,
    "payment_intents": payment_intents.update,
    "charges": charges.update,
    "refunds": charges.update_refund,
    "disputes": disputes.update,
    "payouts": payouts.update,
    "billing/meters": meters.update,
    "webhook_endpoints": endpoints.update,
}
_DELETE: Mapping[str, Handler] = {
    "customers/{id}": customers.delete,
    "customers/{id}/discount": customers.delete_discount,
    "customers/{id}/sources/{source}": sources.delete,
    "products/{id}": catalogue.delete_product,
    "coupons/{id}": coupons.delete,
    "subscriptions/{id}": subscriptions.cancel,
    "subscriptions/{id}/discount": subscriptions.delete_discount,
    "subscription_items/{id}": subscription_items.delete,
    "invoices/{id}": invoices.delete,
    "invoiceitems/{id}": invoice_items.delete,
    "test_helpers/test_clocks/{id}": clocks.delete,
    "webhook_endpoints/{id}": endpoints.delete,
}
_DO: Mapping[str, Handler] = {
    "customers/{id}/balance_transactions": customers.adjust_balance,
    "customers/{id}/sources": sources.create,
    "subscriptions/{id}/resume": subscriptions.resume,
    "subscription_schedules/{id}/release": schedules.release,
    "subscription_schedules/{id}/cancel": schedules.cancel,
    "invoices/{id}/finalize": invoices.finalize,
    "invoices/{id}/pay": invoices.pay,
    "invoices/{id}/void": invoice_endings.void,
    "invoices/{id}/mark_uncollectible": invoice_endings.mark_uncollectible,
    "invoices/{id}/send": invoices.send,
    "invoices/{id}/add_lines": invoice_items.add_lines,
    "invoices/{id}/remove_lines": invoice_items.remove_lines,
    "invoices/{id}/lines/{line}": invoice_items.update_line,
    "credit_notes/{id}/void": credit_notes.void,
    "payment_methods/{id}/attach": payment_methods.attach,
    "payment_methods/{id}/detach": payment_methods.detach,
    "payment_intents/{id}/confirm": collecting.confirm,
    "payment_intents/{id}/capture": collecting.capture,
    "payment_intents/{id}/cancel": collecting.cancel,
    "refunds/{id}/cancel": charges.cancel_refund,
    "disputes/{id}/close": disputes.close,
    "payouts/{id}/cancel": payouts.cancel,
    "payouts/{id}/reverse": payouts.reverse,
    "billing/meters/{id}/deactivate": meters.deactivate,
    "billing/meters/{id}/reactivate": meters.reactivate,
    "test_helpers/test_clocks/{id}/advance": clocks.advance,
    "webhook_endpoints/{id}/_sandbox_roll": endpoints.roll,
}
_GET: Mapping[str, Handler] = {
    "subscription_items": subscription_items.listed,
    "invoices/{id}/lines": _lines,
    "credit_notes/preview": credit_notes.preview,
    "credit_notes/preview/lines": credit_notes.preview_lines,
    "credit_notes/{id}/lines": credit_notes.lines,
    "customers/{id}/balance_transactions": customers.balance_transactions,
    "customers/{id}/payment_methods": customers.payment_methods,
    "customers/{id}/sources": sources.listed,
    "billing/meters/{id}/event_summaries": meters.summaries,
}
_READ: Mapping[str, Handler] = {
    "balance": _balance,
    "subscription_items/{id}": subscription_items.read,
    "customers/{id}/discount": customers.read_discount,
    "customers/{id}/payment_methods/{method}": _customers_method,
    "customers/{id}/sources/{source}": sources.read,
}


_SECOND: tuple[tuple[str, str, Handler], ...] = (
    ("GET", "core/events", thin.listed),
    ("GET", "core/events/{id}", thin.read),
    ("GET", "core/event_destinations", destinations.listed),
    ("POST", "core/event_destinations", destinations.create),
    ("GET", "core/event_destinations/{id}", destinations.read),
    ("POST", "core/event_destinations/{id}", destinations.update),
    ("DELETE", "core/event_destinations/{id}", destinations.delete),
    ("POST", "core/event_destinations/{id}/enable", destinations.enable),
    ("POST", "core/event_destinations/{id}/disable", destinations.disable),
)


def endpoints_of() -> Iterator[Endpoint]:
    """Yield all endpoints; a fixed path comes before one that has an id there."""
    for name in search.FIELDS:
        yield Endpoint("GET", f"{LISTS[name].path}/search", search.search(name))
    for path, handler in _GET.items():
        yield Endpoint("GET", path, handler)
    for path, handler in _READ.items():
        yield Endpoint("GET", path, handler, is_read=True)
    for name, listed in LISTS.items():
        handler = _SPECIAL_LISTS.get(name) or _listing(name)
        yield Endpoint("GET", listed.path, handler)
        reader = _SPECIAL_READS.get(name) or _reading(name)
        yield Endpoint("GET", f"{listed.path}/{{id}}", reader, is_read=True)
    for path, handler in _CREATE.items():
        yield Endpoint("POST", path, handler)
    for path, handler in _DO.items():
        yield Endpoint("POST", path, handler)
    for path, handler in _UPDATE.items():
        yield Endpoint("POST", f"{path}/{{id}}", handler)
    for path, handler in _DELETE.items():
        yield Endpoint("DELETE", path, handler)
    for method, path, handler in _SECOND:
        yield Endpoint(method, path, handler, api="v2")
