"""Wire: what all destinations do with an answer's body."""

from collections.abc import Mapping
from typing import Any

import httpx

from ingestion.errors import Unknown
from ingestion.transport.rest import Rest
from reverse_etl.change import canonical


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
