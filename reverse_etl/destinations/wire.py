"""Wire: what all destinations do with the answers of a vendor."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import fields
from decimal import Decimal
from typing import Any, TypeVar

import httpx

from ingestion.errors import Conflict, Refused, Rejected, SystemFault, Unknown
from ingestion.transport.redaction import redacted
from ingestion.transport.rest import Classifier, Rest
from reverse_etl.change import Change, canonical
from reverse_etl.destinations import GONE, Answer, Held

_T = TypeVar("_T")


def body_of(rest: Rest, response: httpx.Response, kind: type[Any]) -> Any:
    """Return the body of an answered write, which must be of a kind.

    Raises:
        Unknown: The answer cannot be read, so that its outcome has to be.
    """
    body = rest.parsed(response) if response.content else None
    if not isinstance(body, kind):
        raise Unknown(
            rest.system,
            f"{response.request.method} {response.request.url.path} was answered"
            f" {response.status_code} in a form that is not the documented one",
        )
    return body


def at(document: Mapping[str, Any], path: str) -> str | None:
    """Return the value at a dotted path as canonical text."""
    value: Any = document
    for part in path.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    return canonical(value)


def json_number(system: str, amount: Decimal) -> float | int:
    """Return an amount for JSON, whose numbers are floats; it must survive as text.

    Raises:
        Rejected: It has more digits than a float keeps.
    """
    if amount == amount.to_integral_value():
        return int(amount)
    if Decimal(repr(float(amount))) != amount:
        raise Rejected(system, f"{amount} has too many digits for its API")
    return float(amount)


def nested(values: Mapping[str, str | None]) -> dict[str, Any]:
    """Make a document of dotted paths."""
    document: dict[str, Any] = {}
    for path, value in values.items():
        *parents, name = path.split(".")
        place = document
        for parent in parents:
            place = place.setdefault(parent, {})
        place[name] = value
    return document


def part_fault(
    classify: Classifier, status: int, body: Any, *, wrote: bool = True
) -> SystemFault:
    """Return the fault of one part of an answer, as if it had been answered alone."""
    content = json.dumps(body, default=str).encode()
    fault = classify(httpx.Response(status, content=content), wrote=wrote)
    fault.reason = redacted(fault.reason)
    return fault


_FIELD_STEP = (
    "add the field there and let our user write it, or take it out of the contract,"
    " then let the change be retried"
)
_ROW_STEP = "let our user write this record, then let the change be retried"


def failed(change: Change, fault: SystemFault) -> Answer:
    """Return the answer of a record that was not written, which its fault names.

    What one record is refused is a matter of that record: others were written.
    """
    if isinstance(fault, Refused):
        fault = _rejected(fault, _FIELD_STEP if fault.field else _ROW_STEP)
    fault.object = change.object
    fault.record_id = change.record_id or change.external_key
    return Answer(fault=fault)


@contextmanager
def about(*changes: Change) -> Iterator[None]:
    """Name a single record in a fault; an unknown field does not stop a system.

    Whoever wants that field is found by halving; all others go on.
    """
    try:
        yield
    except SystemFault as fault:
        told = fault
        lets_in = fault.status not in (
            httpx.codes.UNAUTHORIZED,
            httpx.codes.FORBIDDEN,
        )
        if isinstance(fault, Refused) and fault.field and lets_in:
            told = _rejected(fault, _FIELD_STEP)
        if len(changes) == 1:
            [change] = changes
            told.object = change.object
            told.record_id = change.record_id or change.external_key
        raise told from fault.__cause__


def _rejected(fault: SystemFault, step: str) -> Rejected:
    told = {each.name: getattr(fault, each.name) for each in fields(fault)}
    return Rejected(**{**told, "next_step": step})


def unmoved(change: Change, held: Held | None) -> Held:
    """Return what a record holds, if that is still what the change was planned on.

    Raises:
        Conflict: it is gone, or somebody changed it.
    """
    if held is None:
        raise Conflict(change.system, GONE)
    for field in change.fields:
        there = held.fields.get(field.field)
        if there not in (field.theirs, field.ours):
            raise Conflict(
                change.system,
                f"{field.field} holds {there!r} and no longer {field.theirs!r}",
                field=field.field,
            )
    return held


def chunks(rows: Sequence[_T], size: int) -> Iterator[Sequence[_T]]:
    """Cut into pieces of at most so many."""
    for start in range(0, len(rows), size):
        yield rows[start : start + size]
