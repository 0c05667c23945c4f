"""Endpoints: what a request is about, by which calls are counted and failures too."""

import re
from collections.abc import Mapping
from typing import Any

# A part of a path that holds a digit is an identifier, unless it is a version.
_IDENTIFIER = re.compile(r"(?!v\d+(?:\.\d+)?$)[^/]*\d[^/]*")
_TABLE = re.compile(r"\bfrom\s+(\w+)", re.IGNORECASE)


def endpoint(method: str, path: str, *asked: Mapping[str, Any] | None) -> str:
    """Return the method and the path without identifiers: `GET /v1/invoices/-/lines`.

    A query goes to one path whatever it asks for: there the table it reads is added.
    """
    parts = path.partition("?")[0].split("/")
    named = "/".join("-" if _IDENTIFIER.fullmatch(part) else part for part in parts)
    for each in asked:
        statement = each.get("q") if isinstance(each, Mapping) else None
        table = _TABLE.search(statement) if isinstance(statement, str) else None
        if table:
            return f"{method} {named} {table[1]}"
    return f"{method} {named}"
