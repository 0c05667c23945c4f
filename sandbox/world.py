"""World: a company, what its systems say of it, and which of that is wrong."""

import gc
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date

from sandbox.company.company import Company, build, build_part
from sandbox.disorder.plant import Planted, Short, plant
from sandbox.documents import Documents, documents
from sandbox.identity import identities
from sandbox.shapes import Document
from sandbox.stamps import key_of


@dataclass(frozen=True)
class World:
    """The truth, the records and the mistakes planted in the records."""

    company: Company
    documents: Documents
    planted: tuple[Planted, ...]
    short: tuple[Short, ...] = ()  # of what there was no room for

    def identities(self) -> dict[str, Iterator[Document]]:
        """Return who is who, see `sandbox.identity`."""
        return identities(self.company, self.documents, self.planted)

    def tables(self, system: str) -> dict[str, dict[str, Document]]:
        """Return a system's records by object and id."""
        key = key_of(system)
        return {
            name: {str(record[key]): record for record in records}
            for name, records in self.documents[system].items()
        }


def build_world(
    seed: int,
    customers: int,
    months: int,
    as_of: date,
    *,
    disorder: bool | str | Mapping[str, float] = True,
    features: frozenset[str] = frozenset(),
) -> World:
    """Build the same world for the same arguments.

    Args:
        seed: of all that is drawn.
        customers: how many there are.
        months: of history.
        as_of: the last day.
        disorder: none (False), the demo's (True), or what `plant` takes as rates.
        features: of the company.

    Raises:
        ValueError: the company is too small, or there is no such feature or disorder.
    """
    with _uncollected():
        company = build(seed, customers, months, as_of, features)
        records = documents(company)
        planting = plant(company, records, seed, _rates(disorder))
    return World(company, records, planting.planted, planting.short)


def build_world_part(
    seed: int,
    customers: int,
    months: int,
    as_of: date,
    numbers: range,
    *,
    disorder: bool | str | Mapping[str, float] = True,
    features: frozenset[str] = frozenset(),
) -> World:
    """Build what a large world says of some of its customers, by their numbers."""
    with _uncollected():
        company = build_part(
            seed, customers, months, as_of, features=features, numbers=numbers
        )
        records = documents(company)
        planting = plant(company, records, seed, _rates(disorder), is_part=True)
    return World(company, records, planting.planted, planting.short)


def _rates(disorder: bool | str | Mapping[str, float]) -> str | Mapping[str, float]:  # noqa: FBT001 - as the door has it
    if isinstance(disorder, bool):
        return "default" if disorder else "none"
    return disorder


@contextmanager
def _uncollected() -> Iterator[None]:
    """Keep the collector of cycles away while millions of objects are made to stay.

    It finds none, and its searches took half of the time for 2,000 customers.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
