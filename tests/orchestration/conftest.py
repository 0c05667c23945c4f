"""A home whose systems are a sandbox in the test's process, as a command finds it."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, TypeAlias

import duckdb
import pytest

from ingestion.systems import SYSTEMS
from operations.quarantine import Held, held
from operations.store import Store
from orchestration.home import Home, open_home
from sandbox.clock import Clock
from sandbox.credentials import Credentials, credentials
from sandbox.world import World, build_world
from tests.sandbox.doors import Doors, opened


@dataclass(frozen=True, slots=True)
class House:
    """A home, and the vendors behind their doors."""

    home: Home
    doors: Doors

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Return the rows of a query to the warehouse."""
        with duckdb.connect(str(self.home.warehouse)) as connection:
            connection.execute("set TimeZone = 'UTC'")
            found: list[tuple[Any, ...]] = connection.execute(query).fetchall()
            return found

    def held(self) -> list[Held]:
        """Return what is in quarantine."""
        with Store(self.home.operations) as store:
            return held(store)

    def ids(self, system: str, name: str) -> list[str]:
        """Return the identifiers of an object's documents."""
        return self.doors.store.collection(system, name).ids()

    def edit(self, system: str, name: str, record_id: str, **fields: Any) -> None:
        """Change fields of a record as a person at that vendor's screen would."""
        human = {"actor": "human", "request_id": "1"}
        self.doors.store.update(system, name, record_id, fields, **human)


OpenHouse: TypeAlias = Callable[..., House]


@pytest.fixture(scope="session")
def world() -> World:
    """A small company; documents are never changed in place, so all may share it."""
    return build_world(7, 25, 6, date(2026, 10, 31))


@pytest.fixture(scope="session")
def keys() -> Credentials:
    """One set of credentials: making an RSA key takes longer than a load."""
    return credentials(7)


@pytest.fixture
def open_house(
    world: World, keys: Credentials, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[OpenHouse]:
    """Give a function that opens a home connected to some systems, and no others."""
    with ExitStack() as stack:

        def open_one(*only: str) -> House:
            doors = stack.enter_context(opened(world, keys, Clock(), only=only))
            plenty = {"zendesk": {"export_calls_per_minute": 1000}}
            doors.control("conditions", {n: plenty[n] for n in only if n in plenty})
            for each in SYSTEMS:
                for name in each.required:
                    monkeypatch.delenv(name, raising=False)
            vendors = [each.name.upper() for each in SYSTEMS if each.name not in only]
            for name, value in doors.environment.items():
                if not name.startswith(tuple(vendors)):
                    monkeypatch.setenv(name, value)
            monkeypatch.setenv("CONCORD_HOME", str(tmp_path))
            monkeypatch.setenv("CONCORD_ENV", "test")
            return House(open_home(), doors)

        yield open_one
