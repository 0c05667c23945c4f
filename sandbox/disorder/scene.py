"""Scene: the records in which mistakes are planted, and who already has one."""

import random
from collections.abc import Callable, Iterable, Sequence
from copy import deepcopy
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sandbox.company.cast import scaled
from sandbox.company.company import Company
from sandbox.company.facts import Customer, Deal, UsageDay
from sandbox.documents import Documents
from sandbox.shapes import Document
from sandbox.stamps import key_of


@dataclass(frozen=True, slots=True)
class Planted:
    """One mistake: the record holds `wrong` in `field` where `expected` is right.

    Without a field the record as a whole is wrong or missing; `note` says how. It
    begins with who repairs it: `automatic`, `approval` (a person agrees first) or
    `person` (a person decides). `check` is the check of the reconciliation catalogue
    that must find it. `also` are the keys of the other records that differ because of
    it. `customer` is the key of the customer whose records it spoils, if it is one.
    """

    kind: str
    system: str
    object: str
    record_id: str
    field: str | None
    expected: Any
    wrong: Any
    note: str
    check: str = ""
    also: tuple[str, ...] = ()
    customer: str | None = None

    @property
    def record_key(self) -> str:
        """Return how a check names the record."""
        return record_key(self.system, self.object, self.record_id)


def record_key(system: str, name: str, record_id: object) -> str:
    """Return how a check names a record."""
    return f"{system}:{name.lower()}:{record_id}"


def value_at(record: Any, field: str) -> Any:
    """Return a field's value, None if absent; dots lead inwards, also in lists."""
    for part in field.split("."):
        if isinstance(record, list):
            place = int(part)
            record = record[place] if place < len(record) else None
        elif isinstance(record, dict):
            record = record.get(part)
        else:
            return None
    return record


def put_at(record: Any, field: str, value: Any) -> None:
    """Put a value into a field whose way is there."""
    *way, last = field.split(".")
    held = value_at(record, ".".join(way)) if way else record
    if isinstance(held, list):
        held[int(last)] = value
    else:
        held[last] = value


class Scene:
    """The company's records, each found by its id, and the customers still unhurt."""

    def __init__(self, company: Company, documents: Documents, seed: int) -> None:
        """Take the documents: what is planted changes them in place."""
        self.company = company
        self.documents = documents
        self.seed = seed
        self.rng = random.Random(f"{seed}:disorder")
        self.touched: dict[tuple[str, str, str], None] = {}
        self._contracts: int | None = None
        self._hurt: set[str] = set()
        self._places: dict[tuple[str, str], dict[str, int]] = {}

    @cached_property
    def books(self) -> Company:
        """The company as Stripe and NetSuite know it."""
        return self.company.using("stripe").using("netsuite")

    @cached_property
    def grouped_deals(self) -> dict[str, list[Deal]]:
        """The deals of each contract, by the contract's key."""
        groups: dict[str, list[Deal]] = {}
        for deal in self.company.deals:
            groups.setdefault(deal.contract_key or "", []).append(deal)
        return groups

    @cached_property
    def parents(self) -> dict[str, Customer]:
        """A child of each customer that has some, by the parent's key."""
        people = (*self.company.customers, *self.company.prospects)
        return {each.parent_key: each for each in people if each.parent_key}

    @cached_property
    def prices_of(self) -> dict[tuple[str, str], list[Document]]:
        """The recurring prices in Stripe, by product and currency."""
        groups: dict[tuple[str, str], list[Document]] = {}
        for price in self.documents["stripe"]["price"]:
            if price["recurring"] is not None:
                place = price["product"], price["currency"]
                groups.setdefault(place, []).append(price)
        return groups

    @cached_property
    def usage_of(self) -> dict[str, list[UsageDay]]:
        """The days on which each customer used something, by the customer's key."""
        groups: dict[str, list[UsageDay]] = {}
        for day in self.company.usage:
            groups.setdefault(day.customer.key, []).append(day)
        return groups

    @cached_property
    def superseded_lines(self) -> frozenset[str]:
        """The keys of the order lines that a later one follows."""
        return frozenset(
            line.supersedes
            for order in self.company.orders
            for line in order.lines
            if line.supersedes is not None
        )

    def next_contract_number(self) -> int:
        """Return the number of a contract that the company did not sign."""
        if self._contracts is None:
            self._contracts = max(each.number for each in self.company.contracts)
        self._contracts += 1
        return self._contracts

    def pick(
        self, kind: str, per_400: int, suits: Callable[[Customer], bool]
    ) -> list[Customer]:
        """Return customers nobody picked before. ValueError if too few of them suit.

        A customer with a missing cross reference is spared: with a second mistake on
        top nobody could tell any more to whom its records belong.
        """
        count = scaled(per_400, len(self.company.customers))
        free: Sequence[Customer] = [
            each
            for each in self.books.customers
            if each.key not in self._hurt and not each.missing_links and suits(each)
        ]
        if len(free) < count:
            raise ValueError(
                f"{count} customers are needed for {kind} and {len(free)} suit;"
                " build a larger company or a longer history"
            )
        picked = self.rng.sample(free, count)
        self._hurt.update(each.key for each in picked)
        return picked

    def look(self, system: str, name: str, record_id: object) -> Document:
        """Return the record with this id, only to look at. KeyError: there is none."""
        place = self._index(system, name)[str(record_id)]
        return self.documents[system][name][place]

    def record(self, system: str, name: str, record_id: object) -> Document:
        """Return the record with this id, to be changed. KeyError if there is none."""
        place = self._index(system, name)[str(record_id)]
        # A copy: some vendors' records hold parts of each other.
        document = deepcopy(self.documents[system][name][place])
        self.documents[system][name][place] = document
        self._touch(system, name, record_id)
        return document

    def add(self, system: str, name: str, document: Document) -> None:
        """Add a record."""
        self.documents[system].setdefault(name, []).append(document)
        self._places.pop((system, name), None)
        self._touch(system, name, document[key_of(system)])

    def put(self, system: str, name: str, document: Document) -> None:
        """Put a record in the place of the one with the same id."""
        record_id = str(document[key_of(system)])
        place = self._index(system, name)[record_id]
        if self.documents[system][name][place] != document:
            self.documents[system][name][place] = document
            self._touch(system, name, record_id)

    def remove(self, system: str, name: str, record_id: object) -> Document:
        """Take a record away and return it. KeyError if there is none."""
        place = self._index(system, name)[str(record_id)]
        self._places.pop((system, name), None)
        self._touch(system, name, record_id)
        return self.documents[system][name].pop(place)

    def has(self, system: str, name: str, record_id: object) -> bool:
        """Return whether there is a record with this id."""
        return name in self.documents[system] and str(record_id) in self._index(
            system, name
        )

    def where(self, system: str, name: str, field: str, *values: object) -> list[str]:
        """Return the ids of the records that have one of the values in the field."""
        key = key_of(system)
        return [
            str(each[key])
            for each in self.documents[system].get(name, ())
            if each.get(field) in values
        ]

    def changed(  # noqa: PLR0917 - the place of a record is three words
        self,
        system: str,
        name: str,
        record_id: object,
        field: str,
        wrong: Any,
        note: str,
    ) -> Planted:
        """Put a wrong value into a field and label it."""
        document = self.record(system, name, record_id)
        expected = value_at(document, field)
        put_at(document, field, wrong)
        return Planted("", system, name, str(record_id), field, expected, wrong, note)

    def lost(self, system: str, name: str, record_id: object, note: str) -> Planted:
        """Take a record away and label it."""
        self.remove(system, name, record_id)
        return Planted("", system, name, str(record_id), None, None, None, note)

    def added(self, system: str, name: str, document: Document, note: str) -> Planted:
        """Add a record that should not be there and label it."""
        self.add(system, name, document)
        identity = str(document[key_of(system)])
        return Planted("", system, name, identity, None, None, None, note)

    def _touch(self, system: str, name: str, record_id: object) -> None:
        self.touched[system, name, str(record_id)] = None

    def _index(self, system: str, name: str) -> dict[str, int]:
        places = self._places.get((system, name))
        if places is None:
            records: Iterable[Document] = self.documents[system][name]
            key = key_of(system)
            places = {str(each[key]): place for place, each in enumerate(records)}
            self._places[system, name] = places
        return places
