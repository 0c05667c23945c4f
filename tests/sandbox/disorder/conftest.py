"""A company with all features, and its records with and without a mistake."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache

import pytest

from sandbox.company.company import Company, build
from sandbox.company.features import ALL_FEATURES
from sandbox.disorder.plant import Planting, plant
from sandbox.disorder.scene import Scene, record_key
from sandbox.documents import Documents, documents
from sandbox.shapes import Document
from sandbox.stamps import key_of

# 36 months, because few disputes are lost; with the second seed everything happens.
SEED, CUSTOMERS, MONTHS, AS_OF = 2, 200, 36, date(2026, 10, 31)

Records = dict[str, Document]  # by the key by which a check names a record
Planter = Callable[[Mapping[str, float] | str], "Spoiled"]


def records_of(written: Documents) -> Records:
    """Return every record by its key."""
    return {
        record_key(system, name, each[key_of(system)]): each
        for system, objects in written.items()
        for name, records in objects.items()
        for each in records
    }


@dataclass(frozen=True)
class Spoiled:
    """What was planted and the records as they are since."""

    planting: Planting
    before: Records
    after: Records

    def differing(self) -> set[str]:
        """Return the keys of the records that were added, changed or taken away."""
        return {
            key
            for key in self.before.keys() | self.after.keys()
            if self.before.get(key) is not self.after.get(key)
            and self.before.get(key) != self.after.get(key)
        }


@pytest.fixture(scope="package")
def company() -> Company:
    """The company to which everything can happen."""
    return build(SEED, CUSTOMERS, MONTHS, AS_OF, ALL_FEATURES)


@pytest.fixture(scope="package")
def written(company: Company) -> Documents:
    """Its records without mistakes; who plants takes other lists of them."""
    return documents(company)


@pytest.fixture(scope="package")
def scene(company: Company, written: Documents) -> Scene:
    """The untouched records, to look for subjects in."""
    return Scene(company, written, SEED)


@pytest.fixture(scope="package")
def spoiled(company: Company, written: Documents) -> Planter:
    """Return what plants by rates; the same rates are planted once."""
    before = records_of(written)

    @cache
    def planted(rates: tuple[tuple[str, float], ...] | str) -> Spoiled:
        # Planting changes copies of records: the lists alone must be new.
        copied = {
            system: {name: list(records) for name, records in objects.items()}
            for system, objects in written.items()
        }
        wanted = rates if isinstance(rates, str) else dict(rates)
        planting = plant(company, copied, SEED, wanted)
        return Spoiled(planting, before, records_of(copied))

    def plant_once(rates: Mapping[str, float] | str) -> Spoiled:
        return planted(rates if isinstance(rates, str) else tuple(rates.items()))

    return plant_once
