"""Grouping: groups of records that grow, and what each group knows of itself."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Protocol

KEPT_APART = "a person said that they are two"
KNOWN_TO_BE_TWO = "they have different tax ids, customers or codes"
FAMILY = "one is the other's parent"


class Known(Protocol):
    """What a group takes from a record."""

    @property
    def key(self) -> str: ...  # noqa: D102
    @property
    def kind(self) -> str: ...  # noqa: D102
    @property
    def is_live(self) -> bool: ...  # noqa: D102
    @property
    def value(self) -> tuple[str, str] | None: ...  # noqa: D102
    @property
    def proof(self) -> str | None: ...  # noqa: D102
    @property
    def named(self) -> str | None: ...  # noqa: D102
    @property
    def placed(self) -> str | None: ...  # noqa: D102
    @property
    def parent_key(self) -> str | None: ...  # noqa: D102


class Group:
    """Records that are one, as far as is known."""

    __slots__ = (
        "apart",
        "live",
        "members",
        "name",
        "names",
        "parents",
        "places",
        "proofs",
        "values",
    )

    def __init__(self, record: Known) -> None:
        """Begin with one record."""
        self.name = record.key  # of the least of its members
        self.members = {record.key}
        self.live: dict[str, list[str]] = {}
        if record.is_live:
            self.live[record.kind] = [record.key]
        self.values: dict[str, set[str]] = {}
        if record.value is not None:
            scope, value = record.value
            self.values[scope] = {value}
        self.proofs = _of(record.proof)
        self.parents = _of(record.parent_key)
        self.apart: set[str] = set()
        self.names = _of(record.named)
        self.places = _of(record.placed)

    def is_kept_from(self, other: Group) -> bool:
        """Tell whether a person said that they are two."""
        return not self.apart.isdisjoint(other.members)

    def shares_proof(self, other: Group) -> bool:
        """Tell whether they have something in common that only one can have."""
        return not self.proofs.isdisjoint(other.proofs)

    def difference(self, other: Group) -> str | None:
        """Say what shows that they are two, if anything does."""
        if self.is_kept_from(other):
            return KEPT_APART
        if not self.parents.isdisjoint(other.members):
            return FAMILY
        if not other.parents.isdisjoint(self.members):
            return FAMILY
        for scope, values in self.values.items():
            if values.isdisjoint(other.values.get(scope, values)):
                return KNOWN_TO_BE_TWO
        return None

    def seems_other_than(self, other: Group) -> bool:
        """Tell whether each has a name of its own, or they sit in different places.

        So do the members of a chain, whatever name is over their doors.
        """
        if self.names - other.names and other.names - self.names:
            return True
        known = self.places, other.places
        return all(known) and self.places.isdisjoint(other.places)

    def take_in(self, other: Group) -> None:
        """Take in the records of another group."""
        self.name = min(self.name, other.name)
        self.members |= other.members
        self.parents |= other.parents
        self.apart |= other.apart
        self.names |= other.names
        self.places |= other.places
        self.proofs |= other.proofs
        for kind, keys in other.live.items():
            self.live.setdefault(kind, []).extend(keys)
        for scope, values in other.values.items():
            self.values.setdefault(scope, set()).update(values)


class Groups:
    """All groups; at first each record is one of its own."""

    def __init__(self, records: Iterable[Known]) -> None:
        """Begin with every record by itself."""
        self._of = {each.key: Group(each) for each in records}

    def of(self, key: str) -> Group:
        """Return the group of a record."""
        return self._of[key]

    def join(self, left: Group, right: Group) -> None:
        """Make two groups one."""
        if len(left.members) < len(right.members):
            left, right = right, left
        left.take_in(right)
        for key in right.members:
            self._of[key] = left

    def keep_apart(self, left: str, right: str) -> None:
        """Note that two records are never one."""
        self._of[left].apart.add(right)
        self._of[right].apart.add(left)

    def __iter__(self) -> Iterator[Group]:
        """Yield each group once."""
        seen: dict[int, Group] = defaultdict()
        for group in self._of.values():
            seen.setdefault(id(group), group)
        return iter(seen.values())


def _of(value: str | None) -> set[str]:
    return set() if value is None else {value}
