"""Drift: fields that a vendor suddenly adds, takes away or gives another type.

The condition `drift` of a vendor lists them: `[{"object": …, "field": …, "change":
"added" | "removed" | "retyped", "type": …}]`. A person wrote it: what is not
understood is passed over.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from starlette.responses import Response

from sandbox.journal import parsed
from sandbox.store import Store
from sandbox.wire import answer

_TYPES: Mapping[str, Callable[[Any], Any]] = {
    "string": str,
    "number": lambda value: len(str(value)),
    "boolean": bool,
    "list": lambda value: [value],
}
# Headers that belong to the body as it was.
_OF_THE_BODY = ("content-length", "content-type")


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


def drifted(response: Response, changes: Sequence[Change]) -> Response:
    """Return an answer as it is once the schema has changed; errors stay.

    Wherever a record stands in it, at any depth, its `object` says which it is.
    """
    if not changes or response.status_code >= 400:
        return response
    told = parsed(bytes(response.body))
    _walk(told, changes)
    headers = {
        name: value
        for name, value in response.headers.items()
        if name not in _OF_THE_BODY
    }
    return answer(told, response.status_code, headers)


def _walk(told: Any, changes: Sequence[Change]) -> None:
    if isinstance(told, list):
        for each in told:
            _walk(each, changes)
    if not isinstance(told, dict):
        return
    for change in changes:
        if told.get("object") == change.object:
            _change(told, change)
    for each in told.values():
        _walk(each, changes)


def _change(record: dict[str, Any], change: Change) -> None:
    name = change.field
    if change.change == "added":
        record.setdefault(name, f"drift {record.get('id', '')}".strip())
    elif change.change == "removed":
        record.pop(name, None)
    elif name in record:
        record[name] = _TYPES.get(change.type, str)(record[name])
