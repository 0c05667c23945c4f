"""A hard company, loaded over real HTTP, and the truth about who is who in it."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from shutil import copyfile
from typing import Any

import duckdb
import pytest

from identity.entities import ENTITIES
from identity.model import Model, load
from identity.run import Ran, run
from operations.store import Store
from tests.identity.company import filled, truth_of

SEED, CUSTOMERS, MONTHS, AS_OF = 7, 200, 6, date(2026, 10, 31)
AT = datetime(2026, 11, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Place:
    """A warehouse and a store, to resolve one entity in."""

    warehouse: Path
    operations: Path
    model: Model

    def run(self, *, is_full: bool = False, at: datetime = AT) -> Ran:
        """Resolve what changed, or everything."""
        with Store(self.operations) as store:
            return run(self.warehouse, store, self.model, at, is_full=is_full)

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Return all rows of a query."""
        with closing(duckdb.connect(str(self.warehouse), read_only=True)) as opened:
            opened.execute("set TimeZone = 'UTC'")
            return list(opened.execute(query).fetchall())

    def execute(self, *statements: str) -> None:
        """Change the raw tables as a load would."""
        with closing(duckdb.connect(str(self.warehouse))) as opened:
            for statement in statements:
                opened.execute(statement)

    def copied(self, folder: Path) -> "Place":
        """Return the same place once more."""
        folder.mkdir()
        for path in (self.warehouse, self.operations):
            copyfile(path, folder / path.name)
        return Place(
            folder / self.warehouse.name, folder / self.operations.name, self.model
        )

    def golden_ids(self) -> dict[str, str]:
        """Return each record's golden id, of those that are not deleted."""
        return dict(
            self.rows(
                f"select record_key, golden_id from identity.{self.prefix}links"
                " where is_live"
            )
        )

    def of(self, entity: str) -> "Place":
        """Return the same place, to resolve something else in."""
        return replace(self, model=load(entity))

    @property
    def prefix(self) -> str:
        """Return what stands before the names of the entity's tables."""
        return self.model.resolves.prefix


@pytest.fixture(scope="session")
def model() -> Model:
    """The model that comes with Concord; it was learned from another company."""
    return load()


@pytest.fixture(scope="session")
def truth() -> Mapping[str, str]:
    """Each record's customer, as the company was drawn."""
    return truth_of("customers", SEED, CUSTOMERS, MONTHS, AS_OF)


@pytest.fixture(scope="session")
def resolved(tmp_path_factory: pytest.TempPathFactory, model: Model) -> Place:
    """The company after a first run, which the session shares: change nothing."""
    folder = tmp_path_factory.mktemp("identity")
    warehouse = filled(folder, SEED, CUSTOMERS, MONTHS, AS_OF)
    place = Place(warehouse, folder / "golden.sqlite", model)
    for entity in ENTITIES:
        place.of(entity).run()
    return place


@pytest.fixture
def place(resolved: Place, tmp_path: Path) -> Place:
    """A copy of it, to change at will."""
    return resolved.copied(tmp_path / "place")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """An empty operations store."""
    with Store(tmp_path / "operations.sqlite") as opened:
        yield opened


@pytest.fixture
def empty(resolved: Place, tmp_path: Path, model: Model) -> Callable[[], Place]:
    """Return a function that gives a place whose raw tables are there and empty."""

    def made() -> Place:
        place = resolved.copied(tmp_path / "empty")
        place.operations.unlink()
        tables = place.rows(
            "select table_schema, table_name from information_schema.tables"
            " where table_schema like 'raw_%'"
        )
        place.execute(
            "drop schema identity cascade",
            *(f"truncate {schema}.{table}" for schema, table in tables),
        )
        return Place(place.warehouse, place.operations, model)

    return made
