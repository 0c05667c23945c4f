"""Stamps: how each vendor writes down when a record last changed.

A stamp has the vendor's own resolution: several writes within a second are equal to
whoever reads Salesforce, and only their ids tell them apart.
"""

from collections.abc import Callable, Mapping
from datetime import datetime

Fields = dict[str, object]

# The field in which a vendor's records have their id, where it isn't `id`.
_KEYS = {"salesforce": "Id"}


def key_of(system: str) -> str:
    """Return the name of the field that holds a record's id."""
    return _KEYS.get(system, "id")


def stamps(system: str, name: str, at: datetime, number: int) -> Fields:
    """Return the fields that a write sets besides its own; empty where there are none.

    Args:
        system: the vendor.
        name: the object in lower case.
        at: when the record was written.
        number: of the write, for vendors that count versions.

    Stripe has no such field, which is why its readers follow events.
    """
    rule = _RULES.get(system)
    return rule(name, at, number) if rule else {}


def _salesforce(_name: str, at: datetime, _number: int) -> Fields:
    text = at.strftime("%Y-%m-%dT%H:%M:%S.000+0000")
    return {"LastModifiedDate": text, "SystemModstamp": text}


def _zendesk(_name: str, at: datetime, _number: int) -> Fields:
    return {"updated_at": at.strftime("%Y-%m-%dT%H:%M:%SZ")}


def _netsuite(_name: str, at: datetime, _number: int) -> Fields:
    return {"lastmodifieddate": at.strftime("%Y-%m-%d %H:%M:%S")}


_RULES: Mapping[str, Callable[[str, datetime, int], Fields]] = {
    "salesforce": _salesforce,
    "zendesk": _zendesk,
    "netsuite": _netsuite,
}
