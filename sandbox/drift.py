"""Drift: fields that a vendor suddenly adds, takes away or gives another type.

The condition `drift` of a vendor lists them: `[{"object": …, "field": …, "change":
"added" | "removed" | "retyped", "type": …}]`. A person wrote it: what is not
understood is passed over.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from sandbox.store import Store


@dataclass(frozen=True, slots=True)
class Change:
    """One change of a field; the type is empty where none is named."""

    object: str
    field: str
    change: str
    type: str


def drift(store: Store, system: str) -> list[Change]:
    """Return what has changed in a vendor's schema, in the order of the list."""
    listed = store.condition(system, "drift", None)
    return list(_understood(listed)) if isinstance(listed, list | tuple) else []


def _understood(listed: list[object] | tuple[object, ...]) -> Iterator[Change]:
    for each in listed:
        if isinstance(each, dict):
            names = (each.get(name) for name in ("object", "field", "change", "type"))
            yield Change(*("" if name is None else str(name) for name in names))
