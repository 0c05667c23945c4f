"""Wanted: what a request, or one item of a batch, wants of one record."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Call:
    """What a request, or one item of a batch, wants of one record.

    Attributes:
        method: the HTTP method.
        record: the record type's name.
        key: an internal id or `eid:` with an external one; empty for a new record.
        part: a sublist of the record.
        query: the query parameters.
        body: the JSON object.
        root: the address of the account's host.
        strict: names that the record has not are refused.
    """

    method: str
    record: str
    key: str = ""
    part: str = ""
    query: Mapping[str, str] = field(default_factory=dict)
    body: Mapping[str, Any] = field(default_factory=dict)
    root: str = ""
    strict: bool = True


def names_in(text: str | None) -> tuple[str, ...]:
    """Return the names that a query parameter lists with commas."""
    return tuple(name.strip() for name in (text or "").split(",") if name.strip())
