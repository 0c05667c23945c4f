"""A sandbox inside the test's process, whose store a test can reach, and a place."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from ingestion.load import EVERYTHING, Loaded, Outcome, Wanted, load
from ingestion.load import Place as Workplace
from operations.quarantine import Letter, held
from operations.store import Store as OperationsStore
from sandbox.clock import Clock
from sandbox.control import enter
from sandbox.credentials import Credentials, credentials
from sandbox.server import application, running
from sandbox.store import Store
from sandbox.world import World, build_world

AS_OF = date(2026, 10, 31)


@dataclass(frozen=True, slots=True)
class Place:
    """A warehouse of one's own beside a running sandbox."""

    warehouse: Path
    home: Path
    environ: Mapping[str, str]
    store: Store
    clock: Clock

    @property
    def workplace(self) -> Workplace:
        """Return where a load works."""
        return Workplace(self.warehouse, self.home, self.home / "operations.sqlite")

    def outcome(self, *only: str, wanted: Wanted = EVERYTHING) -> Outcome:
        """Load, and return what was loaded and what went wrong."""
        return load(self.workplace, self.environ, only or None, wanted)

    def load(
        self, *only: str, wanted: Wanted = EVERYTHING
    ) -> dict[tuple[str, str], Loaded]:
        """Load, and return what was done by system and stream; raise a fault."""
        loaded = self.outcome(*only, wanted=wanted).insist()
        return {(one.system, one.stream): one for one in loaded}

    def age(self, system: str) -> None:
        """Let the last sweep be two days ago, so that the next load sweeps."""
        self.rows(f"update raw_{system}._cursors set swept = swept - interval 2 days")

    def quarantined(self) -> list[Letter]:
        """Return what is in quarantine."""
        with OperationsStore(self.workplace.operations) as store:
            return [one.letter for one in held(store)]

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Return the rows of a query."""
        with duckdb.connect(str(self.warehouse)) as connection:
            connection.execute("set TimeZone = 'UTC'")
            return connection.execute(query).fetchall()

    def contents(self, system: str) -> dict[str, list[tuple[Any, ...]]]:
        """Return all rows of a system's raw tables, cursors included."""
        tables = self.rows(
            "select table_name from information_schema.tables"
            f" where table_schema = 'raw_{system}' and table_name not like '\\_dlt%'"
            " escape '\\'"
        )
        return {
            table: self.rows(f'select * from raw_{system}."{table}" order by id')
            for (table,) in tables
        }

    def any_id(self, system: str, name: str) -> str:
        """Return the identifier of some document."""
        return self.store.collection(system, name).ids()[0]


@pytest.fixture(scope="session")
def world() -> World:
    """A small company; documents are never changed in place, so all may share it."""
    return build_world(7, 25, 6, AS_OF)


@pytest.fixture(scope="session")
def keys() -> Credentials:
    """One set of credentials: making an RSA key takes longer than a load."""
    return credentials(7)


@pytest.fixture
def place(world: World, keys: Credentials, tmp_path: Path) -> Iterator[Place]:
    """An empty warehouse and a sandbox at its beginning."""
    clock = Clock()
    store = Store({}, clock)
    enter(store, world)
    # Tests load more often in a minute than Zendesk's ten exports allow, and faster
    # than Stripe's 25 requests a second.
    a_second = ("requests_per_second", "endpoint_requests_per_second")
    store.set_conditions(
        {
            "stripe": dict.fromkeys(a_second, 10_000),
            "zendesk": {"export_calls_per_minute": 1000},
        }
    )
    with running(application(store, keys), tmp_path / "keys") as served:
        environ = dict(served.environment)
        yield Place(tmp_path / "warehouse.duckdb", tmp_path, environ, store, clock)
