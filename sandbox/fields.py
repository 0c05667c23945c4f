"""Fields: a document's fields set in place, nested ones and those taken away too."""

from collections.abc import Mapping
from typing import Any

from sandbox.journal import Document


class _Removed:
    """The type of REMOVED."""


REMOVED = _Removed()


def assign(document: Document, fields: Mapping[str, Any]) -> None:
    """Set fields of a document in place; `a.b` is the key `b` within the field `a`."""
    for name, value in fields.items():
        inner, (key, _, nested) = document, name.partition(".")
        if nested:
            if not isinstance(document.get(key), dict):
                document[key] = {}
            inner, key = document[key], nested
        if value is REMOVED:
            inner.pop(key, None)
        else:
            inner[key] = value
