"""Fields: how the record API writes and reads one field of a record."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal

from sandbox.netsuite.books import CODES, CURRENCIES
from sandbox.netsuite.shapes import error
from sandbox.netsuite.tables import STATUS_CODES
from sandbox.store import Document, Store, column
from sandbox.wire import Refusal

Kind = Literal[
    "text",
    "email",
    "day",
    "instant",
    "number",
    "credit",
    "flag",
    "currency",
    "link",
    "status",
]
MAX_TEXT = 300
# NetSuite's amounts have no more digits; a JSON number could not carry them either.
MAX_DIGITS = 15
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+")


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a record.

    Attributes:
        name: what the record API calls it.
        column: what SuiteQL, and the store, call it.
        kind: what it holds; a `link` is another record's internal id.
        target: the store's object that a link points to.
        shown: the target's column that stands for it.
        required: a record without it is refused.
        read_only: NetSuite fills it; what a caller sends is refused.
        unique: the code of the refusal of a second one, if two may not be equal.
    """

    name: str
    column: str
    kind: Kind = "text"
    target: str = ""
    shown: str = ""
    required: bool = False
    read_only: bool = False
    unique: str = ""


def wrong(path: str, value: Any) -> Refusal:
    """Return the refusal of a value that a field cannot hold."""
    sentence = (
        "Error while accessing a resource. You have entered an Invalid Field Value"
        f" {value} for the following field: {path}"
    )
    return Refusal(error(400, sentence[:400], "INVALID_CONTENT", path=path))


def missing(path: str) -> Refusal:
    """Return the refusal of a record without a field that it needs."""
    sentence = f"Error while accessing a resource. Please enter value(s) for: {path}."
    return Refusal(error(400, sentence, "USER_ERROR", path=path))


def unknown(path: str) -> Refusal:
    """Return the refusal of a name that the record has not."""
    sentence = (
        "Error while accessing a resource. Unknown reference or field"
        f" '{path[:100]}' in the request body."
    )
    return Refusal(error(400, sentence, "INVALID_CONTENT", path=path[:100]))


def taken(store: Store, field: Field, value: Any, path: str) -> Any:
    """Return what the store keeps for a value on the wire."""
    if field.read_only:
        raise Refusal(
            error(
                400,
                f"Error while accessing a resource. The field '{path}' is read-only.",
                "INVALID_CONTENT",
                path=path,
            )
        )
    if value is None:
        if field.required:
            raise missing(path)
        return None
    if field.kind == "link":
        return _link(store, field, value, path)
    if field.kind == "currency":
        return _currency(value, path)
    if field.kind == "flag":
        if not isinstance(value, bool):
            raise wrong(path, value)
        return "T" if value else "F"
    if field.kind == "number":
        return amount(value, path)
    return _words(field, value, path)


def amount(value: Any, path: str) -> Decimal:
    """Return a number of the wire, exactly."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise wrong(path, value)
    number = Decimal(value)
    if not number.is_finite() or abs(number.adjusted()) >= MAX_DIGITS:
        raise wrong(path, str(value)[:50])
    if len(number.normalize().as_tuple().digits) > MAX_DIGITS:
        raise wrong(path, str(value)[:50])
    return number


def _words(field: Field, value: Any, path: str) -> str:
    if not isinstance(value, str) or len(value) > MAX_TEXT or "\x00" in value:
        raise wrong(path, value)
    if field.kind == "day":
        try:
            return date.fromisoformat(value).isoformat()
        except ValueError as broken:
            raise wrong(path, value) from broken
    if field.kind == "instant":
        try:
            at = datetime.fromisoformat(value)
        except ValueError as broken:
            raise wrong(path, value) from broken
        return at.strftime("%Y-%m-%d %H:%M:%S")
    if field.kind == "email" and not _EMAIL.fullmatch(value):
        sentence = (
            "Error while accessing a resource. Invalid email address:"
            " please enter a valid email address."
        )
        raise Refusal(error(400, sentence, "USER_ERROR", path=path))
    try:
        value.encode()
    except UnicodeEncodeError as broken:
        raise wrong(path, "(not text)") from broken
    return value


def _link(store: Store, field: Field, value: Any, path: str) -> str:
    """Return the internal id of the record that a reference means."""
    held = store.collection("netsuite", field.target)
    if isinstance(value, dict):
        for key in ("id", "externalId", "refName"):
            given = value.get(key)
            if isinstance(given, bool) or not isinstance(given, str | int):
                continue
            if key == "id":
                found = held.get(given)
            else:
                name = "externalid" if key == "externalId" else field.shown
                matching = held.find(f"{column(name)} = ?", (str(given),), limit=1)
                found = matching[0] if matching else None
            if found is None:
                sentence = (
                    "Error while accessing a resource. Invalid Field Value"
                    f" {str(given)[:50]} for the following field: {path}"
                )
                raise Refusal(error(400, sentence, "USER_ERROR", path=path))
            return str(found["id"])
    raise wrong(path, value)


def _currency(value: Any, path: str) -> str:
    if isinstance(value, dict):
        name, number = value.get("refName"), value.get("id")
        if isinstance(name, str) and name in CURRENCIES:
            return name
        if str(number) in CODES:
            return CODES[str(number)]
    raise wrong(path, value)


def shown(store: Store, field: Field, document: Mapping[str, Any], root: str) -> Any:
    """Return what the wire shows of a document's field; None is left out."""
    value = document.get(field.column)
    if value is None:
        return None
    if field.kind == "link":
        return _reference(store, field, str(value), root)
    show = _SHOWN.get(field.kind)
    return show(value) if show else value


_SHOWN: Mapping[str, Callable[[Any], Any]] = {
    "flag": lambda value: value == "T",
    # SuiteQL shows what lowers the receivable with a minus, the record without.
    "credit": lambda value: -value,
    "instant": lambda value: str(value).replace(" ", "T") + "Z",
    "currency": lambda value: {"id": CURRENCIES.get(value, value), "refName": value},
    "status": lambda value: {"id": STATUS_CODES.get(value, value), "refName": value},
}


def _reference(store: Store, field: Field, number: str, root: str) -> Document:
    held = store.collection("netsuite", field.target).get(number)
    href = f"{root}/services/rest/record/v1/{field.target}/{number}"
    reference: Document = {"links": [{"rel": "self", "href": href}], "id": number}
    name = None if held is None else held.get(field.shown)
    return reference if name is None else reference | {"refName": str(name)}
