"""Business Central's query options: what `$filter`, `$select` and the others ask."""

import base64
import binascii
from dataclasses import dataclass
from typing import Any

import orjson

from sandbox.business_central.books import Books
from sandbox.business_central.entities import EntitySet
from sandbox.business_central.filters import Sql, condition
from sandbox.business_central.shapes import Call, bad
from sandbox.wire import whole

_OPTIONS = (
    "$filter",
    "$select",
    "$expand",
    "$orderby",
    "$top",
    "$skip",
    "$count",
    "$skiptoken",
    "$schemaversion",
    "tenant",
    "company",
)


@dataclass(frozen=True, slots=True)
class Options:
    """What a query asks for."""

    where: Sql | None
    select: tuple[str, ...]
    expand: tuple[str, ...]
    order: tuple[tuple[str, str], ...]
    top: int | None
    skip: int
    is_counted: bool
    after: tuple[Any, str] | None


def options_of(call: Call, books: Books, entity: EntitySet) -> Options:
    """Read the options of a query."""
    asked = call.query
    for name in asked:
        if name.lower() not in _OPTIONS and name.startswith("$"):
            raise bad(f"The query option '{name}' is not known.")
    properties = books.properties(entity)
    text = asked.get("$filter", "").strip()
    select = _names(asked.get("$select", ""))
    for name in select:
        if name not in properties:
            raise _unknown(name, entity)
    expand = _names(asked.get("$expand", ""))
    for name in expand:
        if name not in entity.links:
            raise _unknown(name, entity)
    order = []
    for part in _names(asked.get("$orderby", "")):
        name, _, way = part.partition(" ")
        if name not in properties:
            raise _unknown(name, entity)
        if way.strip() not in ("", "asc", "desc"):
            raise bad(f"'{way.strip()}' is no order.")
        order.append((name, " desc" if way.strip() == "desc" else ""))
    return Options(
        condition(text, properties) if text else None,
        select,
        expand,
        tuple(order),
        _number(asked, "$top"),
        _number(asked, "$skip") or 0,
        asked.get("$count") == "true",
        _after(asked.get("$skiptoken")),
    )


def _unknown(name: str, entity: EntitySet) -> Exception:
    sentence = (
        f"Could not find a property named '{name}' on type"
        f" 'Microsoft.NAV.{entity.type}'."
    )
    return bad(sentence, "BadRequest_InvalidRequestUrl")


def _names(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _number(asked: Any, name: str) -> int | None:
    text = asked.get(name)
    if text is None:
        return None
    number = whole(text)
    if number is None:
        raise bad(f"Invalid value '{text[:40]}' for {name} query option found.")
    return number


def _after(token: str | None) -> tuple[Any, str] | None:
    """Return the place that a skip token stands behind."""
    if token is None:
        return None
    try:
        text = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
        value, key = orjson.loads(text)
    except (binascii.Error, ValueError, TypeError) as broken:
        raise bad("The skip token is invalid.") from broken
    if not isinstance(key, str) or isinstance(value, list | dict):
        raise bad("The skip token is invalid.")
    return value, key
