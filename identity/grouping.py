"""Grouping: groups of records that grow, and what each group knows of itself."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Protocol

KEPT_APART = "a person said that they are two"
TAX_IDS = "they have different tax ids"
FAMILY = "one is the other's parent"


class Known(Protocol):
    """What a group takes from a record."""

    @property
    def key(self) -> str: ...  # noqa: D102
    @property
    def system(self) -> str: ...  # noqa: D102
    @property
    def is_live(self) -> bool: ...  # noqa: D102
    @property
    def tax_id(self) -> tuple[str, str] | None: ...  # noqa: D102
    @property
    def first_word(self) -> str | None: ...  # noqa: D102
    @property
    def country(self) -> str | None: ...  # noqa: D102
    @property
    def parent_key(self) -> str | None: ...  # noqa: D102


class Group:
    """Records that are one customer, as far as is known."""

    __slots__ = (
        "apart",
        "countries",
        "first_words",
        "live",
        "members",
        "name",
        "parents",
        "tax_ids",
    )

    def __init__(self, record: Known) -> None:
        """Begin with one record."""
        self.name = record.key  # of the least of its members
        self.members = {record.key}
        self.live: dict[str, list[str]] = {}
        if record.is_live:
            self.live[record.system] = [record.key]
        self.tax_ids: dict[str, set[str]] = {}
        if record.tax_id is not None:
            country, number = record.tax_id
            self.tax_ids[country] = {number}
        self.parents = _of(record.parent_key)
        self.apart: set[str] = set()
        self.first_words = _of(record.first_word)
        self.countries = _of(record.country)

    def is_kept_from(self, other: Group) -> bool:
        """Tell whether a person said that they are two."""
        return not self.apart.isdisjoint(other.members)

    def shares_tax_id(self, other: Group) -> bool:
        """Tell whether a tax id of theirs is the same."""
        return any(
            not numbers.isdisjoint(other.tax_ids.get(country, ()))
            for country, numbers in self.tax_ids.items()
        )

    def difference(self, other: Group) -> str | None:
        """Say what shows that they are two, if anything does."""
        if self.is_kept_from(other):
            return KEPT_APART
        if not self.parents.isdisjoint(other.members):
            return FAMILY
        if not other.parents.isdisjoint(self.members):
            return FAMILY
        for country, numbers in self.tax_ids.items():
            if numbers.isdisjoint(other.tax_ids.get(country, numbers)):
                return TAX_IDS
        return None

    def seems_other_than(self, other: Group) -> bool:
        """Tell whether each has a name of its own, or they sit in different countries.

        So do the members of a chain, whatever name is over their doors.
        """
        named = (
            self.first_words - other.first_words,
            other.first_words - self.first_words,
        )
        if all(named):
            return True
        known = self.countries, other.countries
        return all(known) and self.countries.isdisjoint(other.countries)

    def take_in(self, other: Group) -> None:
        """Take in the records of another group."""
        self.name = min(self.name, other.name)
        self.members |= other.members
        self.parents |= other.parents
        self.apart |= other.apart
        self.first_words |= other.first_words
        self.countries |= other.countries
        for system, keys in other.live.items():
            self.live.setdefault(system, []).extend(keys)
        for country, numbers in other.tax_ids.items():
            self.tax_ids.setdefault(country, set()).update(numbers)


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
        """Note that two records are never one customer."""
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
