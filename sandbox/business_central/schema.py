"""Business Central's schema: what is said of a set of records."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["string", "guid", "decimal", "date", "datetime", "boolean", "int"]


@dataclass(frozen=True, slots=True)
class Link:
    """A navigation: the records of `target` whose `theirs` equals our `ours`."""

    target: str
    ours: str
    theirs: str
    is_many: bool = True


@dataclass(frozen=True, slots=True)
class EntitySet:
    """One set of records.

    Attributes:
        name: in a path, and of the store's collection.
        type: of one record.
        properties: by name, in the order in which they are written.
        writable: what a caller may set.
        lengths: the most characters of a text.
        links: what may be expanded or followed.
        series: the prefix of the numbers that new records get; empty: none.
        is_open: whether callers add, change and delete.
    """

    name: str
    type: str
    properties: Mapping[str, Kind]
    writable: frozenset[str] = frozenset()
    lengths: Mapping[str, int] = field(default_factory=dict)
    links: Mapping[str, Link] = field(default_factory=dict)
    series: str = ""
    is_open: bool = True


def properties(text: str) -> dict[str, Kind]:
    """Return properties from lines such as `string: number displayName`."""
    found: dict[str, Kind] = {"id": "guid"}
    for line in text.strip().splitlines():
        kind, _, names = line.strip().partition(":")
        for name in names.split():
            found[name] = kind  # type: ignore[assignment]  # written below, checked by tests
    return found | {"lastModifiedDateTime": "datetime"}
