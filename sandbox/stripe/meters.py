"""Meters: what is counted, the events that count, and their sums."""

from collections import defaultdict
from decimal import Decimal, InvalidOperation
from typing import Any

from starlette.responses import Response

from sandbox.collection import column
from sandbox.store import Document
from sandbox.stripe.books import Books
from sandbox.stripe.lists import embedded, page, window
from sandbox.stripe.parameters import (
    EXPAND,
    MAX_TEXT,
    PAGING,
    checked,
    choice,
    group,
    instant,
    text,
)
from sandbox.stripe.shapes import Params, invalid, missing
from sandbox.stripe.usage import EVENTS, aggregated, values
from sandbox.wire import made

# docs.stripe.com/api/billing/meter-event/create: within the past 35 calendar days, or
# up to five minutes in the future; an identifier is unique for at least 24 hours.
PAST_SECONDS = 35 * 86_400
FUTURE_SECONDS = 5 * 60
UNIQUE_SECONDS = 24 * 3600
_UNITS = {"day": 86_400, "hour": 3_600}
MAX_VALUE = Decimal(10) ** 15
MAX_DIGITS = 12
NAME = "billing.meter"


def create(books: Books, given: Params) -> Document:
    """Add a meter."""
    params = checked(
        given,
        {
            **EXPAND,
            "customer_mapping": group(
                {"event_payload_key!": text(longest=100), "type!": choice("by_id")}
            ),
            "default_aggregation!": group({"formula!": choice("count", "last", "sum")}),
            "display_name!": text(longest=250),
            "event_name!": text(longest=100),
            "event_time_window": choice("day", "hour"),
            "value_settings": group({"event_payload_key!": text(longest=100)}),
        },
    )
    name = params["event_name"]
    if _by_event(books, name) is not None:
        sentence = f"An active meter already exists for the event name '{name}'."
        raise invalid(sentence, "event_name", "resource_already_exists")
    mapping = {"event_payload_key": "stripe_customer_id", "type": "by_id"}
    return books.create(
        {
            "id": books.new_id("mtr_"),
            "object": NAME,
            "created": books.now,
            "customer_mapping": params.get("customer_mapping") or mapping,
            "default_aggregation": params["default_aggregation"],
            "display_name": params["display_name"],
            "event_name": name,
            "event_time_window": params.get("event_time_window"),
            "livemode": False,
            "status": "active",
            "status_transitions": {"deactivated_at": None},
            "updated": books.now,
            "value_settings": params.get("value_settings")
            or {"event_payload_key": "value"},
        }
    )


def _by_event(books: Books, name: str) -> Document | None:
    """Return the active meter that counts events of a name."""
    found = books.find(NAME, event_name=name, status="active")
    return found[0] if found else None


def update(books: Books, given: Params, meter_id: str) -> Document:
    """Rename a meter."""
    params = checked(given, {**EXPAND, "display_name": text(longest=250)})
    meter = books.need(NAME, meter_id)
    shown = params.get("display_name") or meter["display_name"]
    return books.update(meter, display_name=shown, updated=books.now)


def deactivate(books: Books, given: Params, meter_id: str) -> Document:
    """Stop counting."""
    return _turned(books, given, meter_id, "inactive")


def reactivate(books: Books, given: Params, meter_id: str) -> Document:
    """Count again."""
    return _turned(books, given, meter_id, "active")


def _turned(books: Books, given: Params, meter_id: str, status: str) -> Document:
    checked(given, EXPAND)
    meter = books.need(NAME, meter_id)
    if meter["status"] == status:
        sentence = f"The meter is already {status}."
        raise invalid(sentence)
    if status == "active" and _by_event(books, meter["event_name"]) is not None:
        sentence = "Another active meter counts events of this name."
        raise invalid(sentence, "event_name", "resource_already_exists")
    at = books.now if status == "inactive" else None
    return books.update(
        meter,
        status=status,
        status_transitions={"deactivated_at": at},
        updated=books.now,
    )


def record(books: Books, given: Params) -> Document:
    """Count an event."""
    params = checked(
        given,
        {
            **EXPAND,
            "event_name!": text(longest=100),
            "identifier": text(longest=100),
            "payload!": _payload,
            "timestamp": instant(),
        },
    )
    name, payload = params["event_name"], params["payload"]
    meter = _by_event(books, name)
    if meter is None:
        sentence = f"No active meter found for event name {name}."
        raise invalid(sentence, "event_name", "no_meter")
    mapped = meter["customer_mapping"]["event_payload_key"]
    customer_id = payload.get(mapped)
    customer = books.get("customer", customer_id) if customer_id else None
    if customer is None:
        raise missing("customer", customer_id or "", f"payload[{mapped}]")
    value = _value(meter, payload)
    now = books.time_of(customer)
    at = now if params.get("timestamp") is None else params["timestamp"]
    if at < now - PAST_SECONDS:
        sentence = "The event timestamp must be within the past 35 calendar days."
        raise invalid(sentence, "timestamp", "timestamp_too_far_in_past")
    if at > now + FUTURE_SECONDS:
        sentence = "The event timestamp must be at most 5 minutes in the future."
        raise invalid(sentence, "timestamp", "timestamp_in_future")
    identifier = params.get("identifier") or made("", books.store.number())
    _check_unique(books, identifier)
    event: Document = {
        "object": "billing.meter_event",
        "created": books.now,
        "event_name": name,
        "identifier": identifier,
        "livemode": False,
        "payload": payload,
        "timestamp": at,
    }
    books.keep(
        EVENTS,
        {
            **event,
            "id": books.new_id("mtrevt_"),
            "canceled": 0,
            "customer": customer_id,
            "meter": meter["id"],
            "value": format(value, "f"),
        },
    )
    return event


def _payload(value: Any, name: str) -> dict[str, str]:
    if not isinstance(value, dict) or not value:
        raise invalid("Invalid object", name)
    for key, each in value.items():
        if not isinstance(each, str) or len(key) > 100 or len(each) > MAX_TEXT:
            raise invalid("Invalid string", f"{name}[{key[:100]}]")
    return value


def _value(meter: Document, payload: dict[str, str]) -> Decimal:
    """Return what an event counts; a meter that counts events needs no value."""
    key = meter["value_settings"]["event_payload_key"]
    if meter["default_aggregation"]["formula"] == "count" and key not in payload:
        return Decimal(1)
    try:
        number = Decimal(payload.get(key, ""))
    except InvalidOperation:
        number = Decimal("NaN")
    exponent = number.as_tuple().exponent
    if not number.is_finite() or abs(number) > MAX_VALUE or int(exponent) < -MAX_DIGITS:
        sentence = f"Invalid value for payload key {key}: it must be a number."
        raise invalid(sentence, f"payload[{key}]", "meter_event_invalid_value")
    return number


def _check_unique(books: Books, identifier: str) -> None:
    found = books.table(EVENTS).count(
        f"{column('identifier')} = ? and {column('created')} > ?",
        (identifier, books.now - UNIQUE_SECONDS),
    )
    if found:
        sentence = f"An event already exists with identifier {identifier}."
        raise invalid(sentence, "identifier", "duplicate_meter_event")


def adjust(books: Books, given: Params) -> Document:
    """Take an event of the last day back."""
    params = checked(
        given,
        {
            **EXPAND,
            "cancel": group({"identifier!": text(longest=100)}),
            "event_name!": text(longest=100),
            "type!": choice("cancel"),
        },
    )
    if not params.get("cancel"):
        sentence = "Missing required param: cancel."
        raise invalid(sentence, "cancel", "parameter_missing")
    identifier = params["cancel"]["identifier"]
    found = books.table(EVENTS).find(
        f"{column('identifier')} = ? and {column('created')} > ?"
        f" and {column('event_name')} = ? and {column('canceled')} = 0",
        (identifier, books.now - UNIQUE_SECONDS, params["event_name"]),
    )
    if not found:
        raise missing("meter event", identifier, "cancel[identifier]")
    books.keep(EVENTS, found[0] | {"canceled": 1})
    return {
        "object": "billing.meter_event_adjustment",
        "cancel": {"identifier": identifier},
        "event_name": params["event_name"],
        "livemode": False,
        "status": "pending",
        "type": "cancel",
    }


def summaries(books: Books, given: Params, meter_id: str) -> Response:
    """Answer with what one customer used, by window or for the whole time."""
    params = checked(
        given,
        {
            **PAGING,
            "customer!": text(),
            "start_time!": instant(),
            "end_time!": instant(),
            "value_grouping_window": choice("day", "hour"),
        },
    )
    meter = books.need(NAME, meter_id)
    customer, start, end = (
        params[name] for name in ("customer", "start_time", "end_time")
    )
    books.need("customer", customer, "customer")
    unit = _UNITS.get(params.get("value_grouping_window") or "", 60)
    for name in ("start_time", "end_time"):
        if params[name] % unit:
            sentence = f"{name} must align with {unit // 60} minute boundaries."
            raise invalid(sentence, name)
    url = f"/v1/billing/meters/{meter_id}/event_summaries"
    events = values(books, meter_id, customer, start, end)
    held = _stored(meter_id, customer, start, end)
    grouped = params.get("value_grouping_window") is not None
    if grouped and not events:
        # What the company used is stored by day: a page costs what is on it.
        rows, more = window(
            books, "billing.meter_event_summary", "start_time", held, params
        )
        return page(books, url, rows, [], more=more)
    days = _days(books, held)
    sums = _windows(meter, days, events, unit if grouped else end - start, start)
    shown = [
        {
            "id": made("mtrusg_", meter_id, customer, begins, unit, length=24),
            "object": "billing.meter_event_summary",
            "aggregated_value": value,
            "end_time": begins + (unit if grouped else end - start),
            "livemode": False,
            "meter": meter_id,
            "start_time": begins,
        }
        for begins, value in sorted(sums.items(), reverse=True)
    ]
    paging = {name: given[name] for name in PAGING if name in given}
    return embedded(books, url, "billing meter event summary", shown, paging)


Where = list[tuple[str, tuple[Any, ...]]]


def _stored(meter_id: str, customer: str, start: int, end: int) -> Where:
    return [
        (f"{column('_customer')} = ?", (customer,)),
        (f"{column('meter')} = ?", (meter_id,)),
        (f"{column('start_time')} >= ?", (start,)),
        (f"{column('end_time')} <= ?", (end,)),
    ]


def _days(books: Books, held: Where) -> list[tuple[int, Decimal]]:
    where = " and ".join(clause for clause, _ in held)
    given = tuple(value for _, some in held for value in some)
    at = column("start_time")
    return [
        (start, Decimal(str(value)))
        for start, value in books.table("billing.meter_event_summary").select(
            f"{at}, {column('aggregated_value')}", where, given, order=at
        )
    ]


def _windows(
    meter: Document,
    days: list[tuple[int, Decimal]],
    events: list[tuple[int, Decimal]],
    unit: int,
    start: int,
) -> dict[int, Decimal]:
    """Return the value of each window in which anything was used."""
    held: dict[int, list[Decimal]] = defaultdict(list)
    for at, value in [*days, *events]:
        held[start + (at - start) // max(unit, 1) * unit].append(value)
    return {begins: aggregated(meter, some) for begins, some in held.items()}
