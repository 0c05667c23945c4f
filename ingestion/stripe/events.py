"""Events: which objects were changed, from Stripe's log, and how they are now.

An event shows its object as it was then, in the API version of then, and events come
in no order. So it only says what to read: each object is asked for as it is now, once
for all of its events on a page.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from typing import Any

from ingestion.errors import Refused, naming
from ingestion.readings import Arrival, Batch, Document, Page, Step
from ingestion.stripe import payouts
from ingestion.stripe.lists import page, whole, window
from ingestion.stripe.objects import BY_OBJECT, BY_STREAM, Kind, fetched
from ingestion.transport.rest import Rest

# docs.stripe.com/api/events: "going back up to 30 days". A day less, as the walk
# itself may take hours.
KEPT = timedelta(days=29)

_EVENTS, _PENDING = "events", "pending"
_ITEMS = BY_STREAM["invoice_items"]


def changes(fills: Sequence[str], step: Step) -> Page:
    """Return what became of the objects of a page of events; newest events first.

    An event that happens during the walk comes on top: the next load has it. Events
    of a type alone cannot be asked for, since `types` takes twenty names and there are
    four times as many of ours (docs.stripe.com/api/events/list).

    After the events come the invoice items that wait for their invoice: no event tells
    when one of them was changed.

    Raises:
        SystemFault: an object, or the log, cannot be read.
    """
    rest = step.rest
    phase, after = step.place if isinstance(step.place, list) else (_EVENTS, None)
    if phase == _PENDING:
        with naming(_ITEMS.object):
            rows, after = page(rest, _ITEMS.path, {"pending": "true"}, after)
        return Page([Batch(_ITEMS.stream, rows)], _place(_PENDING, after))
    wanted = window(step)
    with naming("event"):
        events, after = page(rest, "/v1/events", wanted, after)
        concerned = _concerned(rest, events)
    arrivals: list[Arrival] = []
    for name, ids in concerned.items():
        kind = BY_OBJECT.get(name)
        if kind is not None:
            arrivals += _now(rest, kind, ids, fills)
    following = _place(_EVENTS, after)
    if following is None and _ITEMS.stream in fills:
        following = [_PENDING, None]
    return Page(arrivals, following)


def _place(phase: str, after: str | None) -> list[Any] | None:
    return None if after is None else [phase, after]


def _concerned(rest: Rest, events: Iterable[Document]) -> dict[str, list[str]]:
    """Return the ids of the objects that events are about, by the objects' names."""
    found: dict[str, dict[str, None]] = {}
    for event in events:
        try:
            pairs = list(_objects(event["data"]["object"]))
        except (KeyError, TypeError) as error:
            raise Refused(
                rest.system,
                "the event does not say what it is about",
                "check the API version, then run again",
                object="event",
                record_id=str(event.get("id")),
            ) from error
        for name, object_id in pairs:
            if object_id is not None:  # an invoice that is only announced has none
                found.setdefault(name, {})[object_id] = None
    return {name: list(ids) for name, ids in found.items()}


def _objects(concerned: Document) -> Iterator[tuple[str, str | None]]:
    """Yield name and id of what is to be read where an object changed."""
    match concerned["object"]:
        case "discount":  # part of what it was given to
            yield "subscription", concerned.get("subscription")
            yield "customer", concerned.get("customer")
        case "invoice_payment":  # comes with its invoice
            yield "invoice", concerned["invoice"]
        case name:
            yield name, concerned.get("id")


def _now(
    rest: Rest, kind: Kind, ids: Sequence[str], fills: Sequence[str]
) -> list[Arrival]:
    """Return objects as they are now, as far as they belong to the wanted streams."""
    follows = payouts.STREAM if kind.object == "payout" else None
    if kind.stream not in fills and follows not in fills:
        return []
    arrivals = fetched(rest, kind, ids)
    if follows in fills:
        arrivals += payouts.members(rest, _documents(arrivals, kind.stream))
    if kind.object == "invoice" and _ITEMS.stream in fills:
        arrivals += _billed(rest, _documents(arrivals, "invoice_lines"))
    return [arrival for arrival in arrivals if arrival.stream in fills]


def _documents(arrivals: Iterable[Arrival], stream: str) -> list[Document]:
    return [
        document
        for arrival in arrivals
        if isinstance(arrival, Batch) and arrival.stream == stream
        for document in arrival.documents
    ]


def _billed(rest: Rest, lines: Iterable[Document]) -> Iterator[Batch]:
    """Yield the items that lines came from: no event tells that they were billed."""
    invoices = dict.fromkeys(line.get("invoice") for line in lines if _item_of(line))
    for invoice in filter(None, invoices):
        with naming(_ITEMS.object):
            rows = whole(rest, _ITEMS.path, {"invoice": invoice})
        yield Batch(_ITEMS.stream, rows)


def _item_of(line: Document) -> str | None:
    """Return the invoice item that a line came from, if it came from one."""
    parent = line.get("parent") or {}
    for origin in ("invoice_item_details", "subscription_item_details"):
        item = (parent.get(origin) or {}).get("invoice_item")
        if item is not None:
            return str(item)
    return None
