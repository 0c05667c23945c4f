"""Notifications: which records a vendor's message is about.

Nothing else of a message is kept: the records themselves are read from the vendor.
"""

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import orjson

from operations.events import Event, Record

# `…/companies(…)/customers(…)`: the set, and the key where one record is meant.
_RESOURCE = re.compile(r"(\w+)(?:\(([^()]*)\))?/?$")


class NotUnderstood(Exception):  # noqa: N818 -- what happened to the message
    """The message is authentic, but not an event as the vendor documents them."""


def events(system: str, body: bytes) -> tuple[Event, ...]:
    """Return the events that a message of a system holds.

    Raises:
        NotUnderstood: it is no JSON, or an event has no id or names no record's kind.
        KeyError: the system sends no messages.
    """
    read = _READ[system]
    try:
        return tuple(read(orjson.loads(body)))
    except (ValueError, TypeError, KeyError, AttributeError):
        raise NotUnderstood(
            f"the message is no event as {system} writes them"
        ) from None


def _stripe(body: Any) -> Iterator[Event]:
    """Read an event, or one of the thin ones of API v2, which only name the record."""
    thin = body.get("related_object") if body["object"] == "v2.core.event" else None
    if thin is not None:
        record = Record(_text(thin["type"]), _text(thin["id"]))
    elif body["object"] == "event":
        concerned = body["data"]["object"]
        record = Record(_text(concerned["object"]), _id(concerned.get("id")))
    else:
        raise ValueError
    yield Event("stripe", _text(body["id"]), _text(body["type"]), (record,))


def _hubspot(body: Any) -> Iterator[Event]:
    """Read up to a hundred events.

    HubSpot does not promise that an `eventId` is unique, so what happened to which
    record and when is part of ours.
    """
    for each in _list(body):
        kind = _text(each["subscriptionType"])
        parts = ("eventId", "subscriptionId", "objectId", "occurredAt")
        known = [_id(each.get(name)) or "" for name in parts]
        if not known[0]:
            raise ValueError
        records = tuple(dict.fromkeys(_hubspot_records(each, kind)))
        yield Event("hubspot", ":".join(known), kind, records)


def _hubspot_records(each: Mapping[str, Any], kind: str) -> Iterator[Record]:
    name = kind.partition(".")[0]
    # An event of the generic subscription `object.*` has its kind beside it.
    name = _text(each["objectTypeId"]) if name == "object" else name
    if "fromObjectId" in each:
        left, _, right = _text(each["associationType"]).lower().partition("_to_")
        yield Record(left or name, _id(each["fromObjectId"]))
        yield Record(right or name, _id(each["toObjectId"]))
        return
    merged = each.get("mergedObjectIds", ())
    ids = [each.get("objectId"), each.get("primaryObjectId"), *merged]
    found = [number for number in map(_id, ids) if number is not None]
    for number in found or (None,):
        yield Record(name, number)


def _zendesk(body: Any) -> Iterator[Event]:
    """Read an event of an event subscription: `zen:ticket:35436`.

    What a trigger or an automation sends is written by the account's people and has
    no id, so a second delivery could not be told from a second event.
    """
    _, name, number = _text(body["subject"]).split(":", 2)
    record = Record(_text(name), _id(number))
    yield Event("zendesk", _text(body["id"]), _text(body["type"]), (record,))


def _chargebee(body: Any) -> Iterator[Event]:
    """Read an event; its content has the record and those that belong to it."""
    records = tuple(
        Record(name, _id(each["id"]))
        for name, content in body["content"].items()
        for each in (content if isinstance(content, list) else [content])
        if isinstance(each, dict) and each.get("id") is not None
    )
    yield Event("chargebee", _text(body["id"]), _text(body["event_type"]), records)


def _business_central(body: Any) -> Iterator[Event]:
    """Read notifications, which have no id: what changed and when is ours."""
    for each in _list(body["value"]):
        kind, resource = _text(each["changeType"]), _text(each["resource"])
        found = _RESOURCE.search(resource.partition("?")[0])
        if found is None:
            raise ValueError
        # From many changes on, only the set is named.
        number = None if kind == "collection" else found[2]
        told = [
            each.get("subscriptionId"),
            resource,
            kind,
            each.get("lastModifiedDateTime"),
        ]
        event_id = hashlib.sha256(orjson.dumps(told)).hexdigest()
        yield Event(
            "business_central", event_id, kind, (Record(found[1], _id(number)),)
        )


_READ: Mapping[str, Callable[[Any], Iterator[Event]]] = {
    "stripe": _stripe,
    "hubspot": _hubspot,
    "zendesk": _zendesk,
    "chargebee": _chargebee,
    "business_central": _business_central,
}


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value:
        raise TypeError
    return value


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise TypeError
    return value


def _id(value: Any) -> str | None:
    """Return an identifier as text; vendors write them as text or whole numbers."""
    if value is None or value == "":
        return None
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise TypeError
    return str(value)
