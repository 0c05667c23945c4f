"""Vitally's drift: fields and traits that appear, vanish or change their type."""

from collections.abc import Callable, Mapping
from copy import deepcopy
from typing import Any

from sandbox.drift import Change, drift
from sandbox.fields import REMOVED, assign
from sandbox.journal import Document
from sandbox.store import Store

# What becomes of a value whose field gets another type.
_TYPES: Mapping[str, Callable[[Any], Any]] = {
    "string": str,
    "number": lambda value: len(str(value)),
    "boolean": bool,
    "list": lambda value: [value],
}


class Drift:
    """The changes of one kind's fields, as they stand now; none of them is stored."""

    def __init__(self, store: Store, name: str) -> None:
        """Read the condition."""
        self.changes = [each for each in drift(store, "vitally") if each.object == name]

    def shown(self, record: Document) -> Document:
        """Return a record as it goes out."""
        seen = deepcopy(record) if self.changes else record
        for each in self.changes:
            _change(seen, each)
        return seen

    def writable(self, fields: tuple[str, ...]) -> set[str]:
        """Return the fields that may be written, of those that usually may."""
        found = set(fields)
        for each in self.changes:
            if each.change == "removed":
                found.discard(each.field)
            elif each.change == "added":
                found.add(each.field)
        return found


def _change(record: Document, change: Change) -> None:
    way, _, name = change.field.rpartition(".")
    held = record.get(way) if way else record
    if not isinstance(held, dict) or not name:
        return
    is_there = held.get(name) is not None
    if change.change == "added" and not is_there:
        assign(record, {change.field: f"drift {record.get('id', '')}"})
    elif change.change == "removed":
        assign(record, {change.field: REMOVED})
    elif change.change == "retyped" and is_there:
        retyped = _TYPES.get(change.type, str)
        assign(record, {change.field: retyped(held[name])})
