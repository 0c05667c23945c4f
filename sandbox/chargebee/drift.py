"""Drift: fields of records that appear, vanish or change their type in answers."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from starlette.responses import Response

from sandbox.drift import Change
from sandbox.journal import parsed
from sandbox.wire import answer

_TYPES: Mapping[str, Callable[[Any], Any]] = {
    "string": str,
    "number": lambda value: len(str(value)),
    "boolean": bool,
    "list": lambda value: [value],
}


def drifted(response: Response, changes: Sequence[Change]) -> Response:
    """Return an answer as it is once the schema has changed; errors stay."""
    if not changes or response.status_code >= 400:
        return response
    told = parsed(bytes(response.body))
    _walk(told, changes)
    headers = {
        name: value
        for name, value in response.headers.items()
        if name.startswith("chargebee")
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
