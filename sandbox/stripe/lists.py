"""Stripe's lists: newest first, paged by the last id seen."""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from starlette.responses import Response

from sandbox.store import Document, Store, column
from sandbox.stripe.shapes import (
    EXPANDABLE,
    Params,
    check_known,
    expansions,
    invalid,
    missing,
    required,
    view,
    whole,
)
from sandbox.wire import answer, dump, listing

DEFAULT_LIMIT = 10
MAX_LIMIT = 100
_PAGING = ("limit", "starting_after", "ending_before", "expand")
_COMPARE: Mapping[str, Callable[[int, int], bool]] = {
    "gt": lambda held, limit: held > limit,
    "gte": lambda held, limit: held >= limit,
    "lt": lambda held, limit: held < limit,
    "lte": lambda held, limit: held <= limit,
}
Match = Callable[[Document], bool]
Ranks = Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Listed:
    """How one object is listed.

    Attributes:
        path: its path below /v1.
        filters: {parameter: where its value stands in the document}.
        ranged: the parameters that compare instants, such as `created`.
        indexed: the filter that the store can look up.
    """

    path: str
    filters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    ranged: tuple[str, ...] = ("created",)
    indexed: str | None = None


_CUSTOMER = {"customer": ("customer",)}
LISTS: Mapping[str, Listed] = {
    "customer": Listed("customers", {"email": ("email",)}),
    "product": Listed("products", {"active": ("active",)}),
    "price": Listed(
        "prices",
        {
            "active": ("active",),
            "currency": ("currency",),
            "product": ("product",),
            "type": ("type",),
        },
    ),
    "coupon": Listed("coupons"),
    "subscription": Listed("subscriptions", _CUSTOMER, indexed="customer"),
    "invoice": Listed(
        "invoices",
        _CUSTOMER
        | {
            "status": ("status",),
            "collection_method": ("collection_method",),
            "subscription": ("parent", "subscription_details", "subscription"),
        },
        ("created", "due_date"),
        "customer",
    ),
    "invoiceitem": Listed(
        "invoiceitems", _CUSTOMER | {"invoice": ("invoice",)}, indexed="customer"
    ),
    "payment_intent": Listed("payment_intents", _CUSTOMER, indexed="customer"),
    "invoice_payment": Listed(
        "invoice_payments",
        {"invoice": ("invoice",), "status": ("status",)},
        indexed="invoice",
    ),
    "charge": Listed(
        "charges",
        _CUSTOMER | {"payment_intent": ("payment_intent",)},
        indexed="customer",
    ),
    "refund": Listed(
        "refunds",
        {"charge": ("charge",), "payment_intent": ("payment_intent",)},
    ),
    "billing.meter": Listed("billing/meters", {"status": ("status",)}, ()),
    "event": Listed("events", {"type": ("type",)}),
}
# Parameters with a meaning of their own.
_SPECIAL = {
    "subscription": ("status", "price"),
    "invoiceitem": ("pending",),
    "invoice_payment": ("payment",),
    "event": ("types",),
}


def list_objects(store: Store, name: str, params: Params) -> Response:
    """Answer a list request for one of LISTS."""
    listed = LISTS[name]
    special = _SPECIAL.get(name, ())
    check_known(params, (*_PAGING, *listed.filters, *listed.ranged, *special))
    held = store.collection("stripe", name)
    matches = [*_filters(listed, params), *_special(name, params)]
    expand = expansions(params, name, listed=True)
    wanted = params.get(listed.indexed) if listed.indexed else None
    documents = {each["id"]: each for each in held}
    ids, ranks = _ids(documents, listed, wanted)
    picked, more = _window(documents, name, ids, ranks, params, matches=matches)
    rows = (rendered(store, name, record_id, expand) for record_id in picked)
    return page(f"/v1/{listed.path}", rows, more=more)


def page(url: str, rows: Iterable[bytes], *, more: bool) -> Response:
    """Return the envelope of a list."""
    return answer(
        {"object": "list", "data": listing(rows), "has_more": more, "url": url}
    )


def rendered(store: Store, name: str, record_id: str, expand: tuple[str, ...]) -> bytes:
    """Return a document on the wire, with the wanted fields whole."""
    held = store.collection("stripe", name)
    foreign = {each: EXPANDABLE[name][each] for each in expand}
    shown = view(name, held.get(record_id) or {}, expand)
    for each, target in foreign.items():
        if target and shown.get(each):
            other = store.collection("stripe", target).get(shown[each])
            shown[each] = view(target, other, ()) if other else shown[each]
    return dump(shown)


def _ids(
    documents: Mapping[str, Document], listed: Listed, wanted: Any
) -> tuple[list[str], Ranks]:
    """Return the ids that may match, newest first, and the rank of every id."""
    newest = sorted(documents.values(), key=_created)[::-1]
    ranks = {each["id"]: rank for rank, each in enumerate(newest)}
    if isinstance(wanted, str) and listed.indexed:
        newest = [each for each in newest if each.get(listed.indexed) == wanted]
    return [each["id"] for each in newest], ranks


def _created(document: Document) -> int:
    return int(document.get("created") or document.get("date") or 0)


def _window(
    documents: Mapping[str, Document],
    name: str,
    ids: list[str],
    ranks: Ranks,
    params: Params,
    *,
    matches: Sequence[Match] = (),
) -> tuple[list[str], bool]:
    """Return one page of ids and whether more follow in the same direction.

    The id that a page starts from need not match itself: its rank says where it is.
    """
    limit = limit_of(params)
    after, before = params.get("starting_after"), params.get("ending_before")
    if after and before:
        sentence = "You cannot use both starting_after and ending_before."
        raise invalid(sentence, "starting_after")
    place, step = 0, 1
    if after is not None:
        place = bisect_right(
            ids, _rank(ranks, name, after, "starting_after"), key=ranks.__getitem__
        )
    elif before is not None:
        step = -1
        place = (
            bisect_left(
                ids, _rank(ranks, name, before, "ending_before"), key=ranks.__getitem__
            )
            - 1
        )
    picked: list[str] = []
    while 0 <= place < len(ids):
        document = documents[ids[place]]
        if all(match(document) for match in matches):
            if len(picked) == limit:
                return picked[::step], True
            picked.append(ids[place])
        place += step
    return picked[::step], False


def _rank(ranks: Ranks, name: str, cursor: Any, param: str) -> int:
    if not isinstance(cursor, str) or cursor not in ranks:
        raise missing(name, str(cursor), param)
    return ranks[cursor]


def _rows(
    name: str, rows: Sequence[Document], params: Params
) -> tuple[list[Document], bool]:
    """Return one page of rows that have an order of their own."""
    documents = {row["id"]: row for row in rows}
    ids = list(documents)
    ranks = {each: rank for rank, each in enumerate(ids)}
    picked, more = _window(documents, name, ids, ranks, params)
    return [documents[each] for each in picked], more


def limit_of(params: Params) -> int:
    """Return the page size that was asked for."""
    limit = whole(params, "limit")
    if limit is None:
        return DEFAULT_LIMIT
    if not 1 <= limit <= MAX_LIMIT:
        sentence = f"This value must be between 1 and {MAX_LIMIT}."
        raise invalid(sentence, "limit", "parameter_invalid_integer")
    return limit


def _filters(listed: Listed, params: Params) -> Iterator[Match]:
    for param, path in listed.filters.items():
        if param in params:
            wanted = params[param]
            if not isinstance(wanted, str):
                raise invalid(f"Invalid string: {wanted}", param)
            yield lambda document, path=path, wanted=wanted: (  # type: ignore[misc]
                _text(_at(document, path)) == wanted
            )
    for param in listed.ranged:
        if param in params:
            yield from _range(param, params[param])


def _range(param: str, wanted: Any) -> Iterator[Match]:
    limits = wanted if isinstance(wanted, dict) else {"": wanted}
    for name, text in limits.items():
        if name and name not in _COMPARE:
            full = f"{param}[{name}]"
            raise invalid(f"Received unknown parameter: {full}", full)
        limit = whole({param: text}, param)
        compare = _COMPARE[name] if name else int.__eq__
        yield lambda document, compare=compare, limit=limit: (  # type: ignore[misc]
            document.get(param) is not None and compare(document[param], limit)
        )


def _special(name: str, params: Params) -> Iterator[Match]:
    if name == "subscription":
        status = params.get("status")
        if status != "all":
            yield lambda document: _has_status(document["status"], status)
        if "price" in params:
            yield lambda document: any(
                item["price"]["id"] == params["price"]
                for item in document["items"]["data"]
            )
    if name == "invoiceitem" and "pending" in params:
        wanted = params["pending"] == "true"
        yield lambda document: (document.get("invoice") is None) == wanted
    if name == "invoice_payment" and "payment" in params:
        payment = params["payment"]
        intent = payment.get("payment_intent") if isinstance(payment, dict) else None
        yield (
            lambda document: (
                intent is None or document["payment"].get("payment_intent") == intent
            )
        )
    if name == "event" and "types" in params:
        yield lambda document: document["type"] in params["types"]


def _has_status(held: str, wanted: str | None) -> bool:
    ended = held in ("canceled", "incomplete_expired")
    if wanted is None:
        return held != "canceled"
    return ended if wanted == "ended" else held == wanted


def _at(document: Document, path: tuple[str, ...]) -> Any:
    value: Any = document
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def _text(value: Any) -> str | None:
    if isinstance(value, bool):
        return "true" if value else "false"
    return None if value is None else str(value)


def lines(store: Store, invoice_id: str, params: Params) -> Response:
    """Answer with a page of an invoice's lines, in the invoice's order."""
    check_known(params, _PAGING)
    invoice = store.collection("stripe", "invoice").get(invoice_id)
    if invoice is None:
        raise missing("invoice", invoice_id, "id")
    expand = expansions(params, "line_item", listed=True)
    rows, more = _rows("line_item", invoice["lines"]["data"], params)
    shown = (dump(view("line_item", row, expand)) for row in rows)
    return page(f"/v1/invoices/{invoice_id}/lines", shown, more=more)


def subscription_items(store: Store, params: Params) -> Response:
    """Answer with a page of a subscription's items."""
    check_known(params, (*_PAGING, "subscription"))
    subscription_id = required(params, "subscription")
    subscription = store.collection("stripe", "subscription").get(subscription_id)
    if subscription is None:
        raise missing("subscription", subscription_id, "subscription")
    rows, more = _rows("subscription_item", subscription["items"]["data"], params)
    return page("/v1/subscription_items", map(dump, rows), more=more)


def event_summaries(store: Store, meter_id: str, params: Params) -> Response:
    """Answer with what one customer used, by day or for the whole time asked about."""
    own = ("customer", "start_time", "end_time", "value_grouping_window")
    check_known(params, (*_PAGING, *own))
    if store.collection("stripe", "billing.meter").get(meter_id) is None:
        raise missing("billing meter", meter_id, "id")
    customer = required(params, "customer")
    if store.collection("stripe", "customer").get(customer) is None:
        raise missing("customer", customer, "customer")
    required(params, "start_time")
    required(params, "end_time")
    start, end = whole(params, "start_time") or 0, whole(params, "end_time") or 0
    window = params.get("value_grouping_window")
    if window not in (None, "day", "hour"):
        raise invalid("Invalid value_grouping_window", "value_grouping_window")
    unit = 86_400 if window == "day" else 3_600 if window == "hour" else 60
    for name, at in (("start_time", start), ("end_time", end)):
        if at % unit:
            sentence = f"{name} must align with {unit // 60} minute boundaries."
            raise invalid(sentence, name)
    held = store.collection("stripe", "billing.meter_event_summary")
    found = [
        document
        for document in held.find(f"{column('_customer')} = ?", (customer,))
        if document["meter"] == meter_id
        and start <= document["start_time"]
        and document["end_time"] <= end
    ]
    found.sort(key=lambda document: -document["start_time"])
    if window is None and found:
        total = sum(document["aggregated_value"] for document in found)
        whole_time = {"start_time": start, "end_time": end, "aggregated_value": total}
        found = [found[0] | whole_time]
    rows, more = _rows("billing meter event summary", found, params)
    shown = (dump(view("billing.meter_event_summary", row, ())) for row in rows)
    return page(f"/v1/billing/meters/{meter_id}/event_summaries", shown, more=more)
