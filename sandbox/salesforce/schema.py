"""Salesforce's objects and fields, as `describe` tells them and queries check them.

The fields that the invented company uses; a real organisation has more. The condition
`drift` changes them while the sandbox runs, as an administrator would.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache

from sandbox.drift import Change
from sandbox.salesforce.catalogue import OBJECTS
from sandbox.salesforce.field import Field, SObject

__all__ = ["FIELDS", "OBJECTS", "Field", "SObject", "drifted", "spelled"]

FIELDS: Mapping[str, Mapping[str, str]] = {
    name: {field.name: field.type for field in each.fields.values()}
    for name, each in OBJECTS.items()
}


def drifted(changes: Sequence[Change]) -> Mapping[str, SObject]:
    """Return the objects after the changes of an administrator."""
    return _drifted(tuple(changes)) if changes else _BASE


@lru_cache(maxsize=32)
def _drifted(changes: tuple[Change, ...]) -> Mapping[str, SObject]:
    objects = dict(OBJECTS)
    for each in changes:
        held = objects.get(each.object)
        if held is None:
            continue
        fields = dict(held.fields)
        if each.change == "removed":
            fields.pop(each.field, None)
        elif each.change == "added":
            fields[each.field] = Field(each.field, each.type or "string", length=255)
        elif each.field in fields:
            fields[each.field] = replace(
                fields[each.field], type=each.type or "string", picklist=()
            )
        objects[each.object] = replace(held, fields=fields)
    return spelled(objects)


class _Spelled(dict[str, SObject]):
    """Objects by the name in lower case: Salesforce doesn't mind the case."""


def spelled(objects: Mapping[str, SObject]) -> Mapping[str, SObject]:
    """Return the objects by their names in lower case."""
    return _Spelled({name.lower(): each for name, each in objects.items()})


_BASE = spelled(OBJECTS)
