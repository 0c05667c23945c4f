"""Stamps: how each vendor writes down when a record last changed.

A stamp has the vendor's own resolution: several writes within a second are equal to
whoever reads Salesforce, and only their ids tell them apart.
"""

from collections.abc import Callable, Mapping
from datetime import datetime

from sandbox.business_central.marks import etag
from sandbox.instants import to_milliseconds, to_seconds, with_a_blank
from sandbox.salesforce.users import user_of

Fields = dict[str, object]

# The field in which a vendor's records have their id, where it isn't `id`.
_KEYS = {"salesforce": "Id"}


def key_of(system: str) -> str:
    """Return the name of the field that holds a record's id."""
    return _KEYS.get(system, "id")


def stamps(
    system: str, name: str, at: datetime, number: int, actor: str = "api"
) -> Fields:
    """Return the fields that a write sets besides its own; empty where there are none.

    Args:
        system: the vendor.
        name: the object in lower case.
        at: when the record was written.
        number: of the write, for vendors that count versions.
        actor: who wrote: a person (human), a program (api) or the vendor (system).

    Stripe has no such field, which is why its readers follow events.
    """
    rule = _RULES.get(system)
    return rule(name, at, number) | _signed(system, actor) if rule else {}


def _signed(system: str, actor: str) -> Fields:
    """Return who changed the record, where a vendor keeps that on it."""
    if system != "salesforce" or actor == "system":
        return {}
    return {"LastModifiedById": user_of(actor)}


def _salesforce(_name: str, at: datetime, _number: int) -> Fields:
    text = at.strftime("%Y-%m-%dT%H:%M:%S.000+0000")
    return {"LastModifiedDate": text, "SystemModstamp": text}


def _zendesk(name: str, at: datetime, _number: int) -> Fields:
    stamp: Fields = {"updated_at": to_seconds(at)}
    if name == "ticket":
        stamp["generated_timestamp"] = int(at.timestamp())
    return stamp


def _netsuite(_name: str, at: datetime, _number: int) -> Fields:
    return {"lastmodifieddate": with_a_blank(at)}


# Chargebee's objects that keep no time of their last change.
_CHARGEBEE_UNSTAMPED = ("comment", "event", "webhook_endpoint")


def _chargebee(name: str, at: datetime, number: int) -> Fields:
    if name in _CHARGEBEE_UNSTAMPED:
        return {}
    # Milliseconds there; the number tells two writes of one millisecond apart.
    version = int(at.timestamp() * 1000) + number
    return {"updated_at": int(at.timestamp()), "resource_version": version}


def _vitally(_name: str, at: datetime, _number: int) -> Fields:
    return {"updatedAt": to_milliseconds(at)}


# HubSpot's property that tells when a record last changed; other objects have none.
_HUBSPOT = {"contacts": "lastmodifieddate"} | dict.fromkeys(
    (
        *("companies", "deals", "tickets", "products", "line_items", "quotes", "leads"),
        *("campaigns", "marketing_events"),
    ),
    "hs_lastmodifieddate",
)


def _hubspot(name: str, at: datetime, _number: int) -> Fields:
    if name not in _HUBSPOT:
        return {}
    text = to_milliseconds(at)
    return {"updatedAt": text, f"properties.{_HUBSPOT[name]}": text}


def _business_central(_name: str, at: datetime, number: int) -> Fields:
    return {"_etag": etag(number), "lastModifiedDateTime": to_milliseconds(at)}


_RULES: Mapping[str, Callable[[str, datetime, int], Fields]] = {
    "salesforce": _salesforce,
    "zendesk": _zendesk,
    "hubspot": _hubspot,
    "netsuite": _netsuite,
    "business_central": _business_central,
    "chargebee": _chargebee,
    "vitally": _vitally,
}
