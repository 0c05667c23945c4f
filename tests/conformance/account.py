"""Account: one system's account at a vendor, a warehouse of it, and what both hold."""

import json
import random
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import pytest

from ingestion.errors import SystemFault
from ingestion.load import EVERYTHING, Loaded, Outcome, Place, Wanted, load
from ingestion.systems import System, system
from ingestion.transport.budget import Budget
from operations.quarantine import Letter, Totals, held, totals
from operations.store import Store as OperationsStore
from sandbox.clock import Clock
from sandbox.company.features import ALL_FEATURES
from sandbox.credentials import Credentials
from sandbox.faults import Faults
from sandbox.fields import assign
from sandbox.server import application
from sandbox.stamps import key_of
from sandbox.store import Documents, Store
from sandbox.world import build_world
from tests.conformance.passing import Time
from tests.conformance.source import Document, Source
from tests.conformance.wire import Call, Change, Wire, told

AS_OF = date(2026, 10, 31)
_HUMAN = {"actor": "human", "request_id": "1"}
# What a merge gives every row anew, and what it does not say of itself.
_OWN = ("_dlt_load_id", "_dlt_id")


@cache
def company(customers: int) -> Documents:
    """Return what every system says of a small company without mistakes."""
    world = build_world(
        7, customers, 6, AS_OF, disorder=False, features=frozenset(ALL_FEATURES)
    )
    return world.documents


@dataclass
class Account:
    """A vendor's account, what the wire does to it, and a warehouse beside it."""

    source: Source
    store: Store
    clock: Clock
    wire: Wire
    faults: Faults
    environ: Mapping[str, str]
    home: Path
    passing: Time
    kept: duckdb.DuckDBPyConnection | None = None

    @property
    def system(self) -> System:
        """Return the system as the product knows it."""
        return system(self.source.name)

    @property
    def place(self) -> Place:
        """Return where a load works."""
        home = self.home
        return Place(home / "warehouse.duckdb", home, home / "operations.sqlite")

    @contextmanager
    def kept_open(self) -> Iterator[None]:
        """Keep a connection, which makes those of the product and the test cheap."""
        self.kept = duckdb.connect(str(self.place.warehouse))
        yield
        self.let_go()

    def let_go(self) -> None:
        """Let other processes open the warehouse."""
        if self.kept is not None:
            self.kept.close()

    # What the product does.

    def outcome(self, wanted: Wanted = EVERYTHING, **environ: str) -> Outcome:
        """Load, and return what was loaded and what went wrong."""
        self.wire.calls.clear()
        told_otherwise = {**self.environ, **environ}
        return load(self.place, told_otherwise, [self.source.name], wanted)

    def load(self, wanted: Wanted = EVERYTHING) -> dict[str, Loaded]:
        """Load, and return what was done by stream; raise a fault."""
        return {one.stream: one for one in self.outcome(wanted).insist()}

    def wanted(self, *, is_full: bool = False) -> Wanted:
        """Return the wish for the stream on which most is tried, alone."""
        return Wanted(streams=frozenset({self.source.stream}), is_full=is_full)

    def load_stream(self, *, is_full: bool = False) -> Loaded:
        """Load the stream on which most is tried, alone; all of it if `is_full`."""
        return self.load(self.wanted(is_full=is_full))[self.source.stream]

    def read_again(self) -> Loaded:
        """Read all of that stream as a backfill, so that no position is written."""
        long_ago = datetime(2000, 1, 1, tzinfo=UTC)
        wanted = Wanted(frozenset({self.source.stream}), since=long_ago)
        return self.load(wanted)[self.source.stream]

    def fault(self, **environ: str) -> SystemFault:
        """Read all of that stream; return what went wrong.

        It is one thing, and it leaves the tables and positions as they were.
        """
        before = (self.fingerprint(), self.positions())
        outcome = self.outcome(self.wanted(is_full=True), **environ)
        assert outcome.loaded == ()
        [fault] = outcome.faults
        assert fault.system == self.source.name
        assert (self.fingerprint(), self.positions()) == before
        return fault

    def age(self) -> None:
        """Let the last sweep be long ago, so that the next load sweeps."""
        cursors = f"raw_{self.source.name}._cursors"
        self.rows(f"update {cursors} set swept = swept - interval 8 days")

    # What the warehouse holds.

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Return the rows of a query."""
        with duckdb.connect(str(self.place.warehouse)) as connection:
            connection.execute("set TimeZone = 'UTC'")
            found: list[tuple[Any, ...]] = connection.execute(query).fetchall()
            return found

    def counted(self, *columns: str) -> dict[str, tuple[Any, ...]]:
        """Return some aggregates of every raw table."""
        selects = " union all ".join(
            f"select '{one.name}', {', '.join(columns)} from {self.table(one.name)}"
            for one in self.system.streams
        )
        return {name: tuple(values) for name, *values in self.rows(selects)}

    def table(self, stream: str = "") -> str:
        """Return the name of a raw table."""
        return f"raw_{self.source.name}.{stream or self.source.stream}"

    def contents(
        self, *streams: str, alive: bool = False
    ) -> dict[str, list[tuple[Any, ...]]]:
        """Return the rows of raw tables as the vendor's records make them.

        Without the names that a merge gives; `alive` leaves tombstones aside.
        """
        where = "where not is_deleted" if alive else ""
        names = streams or tuple(each.name for each in self.system.streams)
        leave = ", ".join(_OWN)
        with duckdb.connect(str(self.place.warehouse)) as connection:
            connection.execute("set TimeZone = 'UTC'")
            return {
                name: connection.execute(
                    f"select * exclude ({leave}) from {self.table(name)} {where}"
                    " order by id"
                ).fetchall()
                for name in names
            }

    def fingerprint(self) -> dict[str, tuple[Any, ...]]:
        """Return how many rows every raw table has, and what `contents` hash to."""
        selects = " union all ".join(
            f"select '{one.name}', count(*), bit_xor(hash(kept)) from"
            f" (select * exclude ({', '.join(_OWN)}) from {self.table(one.name)}) kept"
            for one in self.system.streams
        )
        return {name: tuple(values) for name, *values in self.rows(selects)}

    def text(self, record_id: str) -> Any:
        """Return the text that people change, as the raw table has it."""
        found = self.rows(
            f"select {self.source.column} from {self.table()} where id ="
            f" '{record_id}' and not is_deleted"
        )
        return found[0][0] if found else None

    def positions(self) -> list[tuple[Any, ...]]:
        """Return from where each stream is read on."""
        return self.rows(
            "select id, position, swept from"
            f" raw_{self.source.name}._cursors order by id"
        )

    def quarantined(self) -> list[Letter]:
        """Return what is in quarantine."""
        with OperationsStore(self.place.operations) as store:
            return [one.letter for one in held(store)]

    def totals(self) -> list[Totals]:
        """Return the control totals, newest load first."""
        with OperationsStore(self.place.operations) as store:
            return totals(store, self.source.name)

    # What people do at the vendor.

    def ids(self, name: str = "") -> list[str]:
        """Return the identifiers of an object's records."""
        return self.store.collection(self.source.name, name or self.source.object).ids()

    def documents(self, name: str = "") -> list[Document]:
        """Return an object's records as the vendor holds them."""
        held_ones = self.store.collection(self.source.name, name or self.source.object)
        return list(held_ones)

    def edit(self, record_id: str, text: str) -> None:
        """Let a colleague change the text of a record."""
        self.update(record_id, {self.source.text: text})

    def update(self, record_id: str, fields: Mapping[str, Any], name: str = "") -> None:
        """Let a colleague change fields of a record."""
        kind = name or self.source.object
        self.store.update(self.source.name, kind, record_id, fields, **_HUMAN)

    def create(self, number: int, name: str = "") -> str:
        """Let a colleague enter a record: a copy of another one; return its id."""
        kind = name or self.source.object
        document = self.copy(number, kind)
        self.store.create(self.source.name, kind, document, **_HUMAN)
        return str(document[key_of(self.source.name)])

    def copy(self, number: int, name: str = "") -> Document:
        """Return a copy of a record with another identifier."""
        document: Document = json.loads(
            json.dumps(self.documents(name)[0], default=_number), parse_float=Decimal
        )
        source = self.source
        other = source.number(number)
        assign(document, {key_of(source.name): other})
        assign(document, dict.fromkeys(source.unique, f"kit{number}"))
        if source.born:
            assign(document, {source.born: self.clock.seconds()})
        if source.name == "hubspot":
            assign(document, {"properties.hs_object_id": other})
        return document

    def delete(self, record_id: str) -> None:
        """Let a colleague delete a record."""
        source = self.source
        if source.deleted is not None:
            self.update(record_id, source.deleted)
        else:
            self.store.delete(source.name, source.object, record_id, **_HUMAN)

    def restore(self, document: Document) -> None:
        """Let a colleague bring a record back that was deleted."""
        source = self.source
        if source.restored is not None:
            self.update(str(document[key_of(source.name)]), source.restored)
        else:
            self.store.create(source.name, source.object, document, **_HUMAN)

    def lose(self, name: str, record_ids: Sequence[str]) -> None:
        """Let records vanish: no event, no trace."""
        for record_id in record_ids:
            self.store.drop(self.source.name, name, record_id)

    @contextmanager
    def moment(self) -> Iterator[None]:
        """Let the vendor's clock stand inside the block."""
        now = self.clock.now()
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(self.clock, "now", lambda: now)
            yield

    # What happens on the way.

    def spoil(self, *faults: Mapping[str, Any]) -> None:
        """Plan faults for the next calls that read the stream."""
        name, path = self.source.name, self.source.path
        where = {"system": name, "path_contains": path}
        self.faults.plan([{**where, **each} for each in faults])

    def alter(self, change: Change, times: int = 1_000_000) -> None:
        """Change the next answers to calls that read the stream."""
        self.wire.alter(self.source.is_read, change, times)

    def alter_records(self, *changes: tuple[str, Mapping[str, Any]]) -> None:
        """Show fields of records otherwise: of one by its identifier, of all by `*`.

        A value of `...` takes the field away.
        """
        source = self.source

        def change(content: Any) -> None:
            for record in source.records(content):
                for record_id, fields in changes:
                    if record_id in ("*", str(record.get(source.key))):
                        for name, value in fields.items():
                            _set(record, name, value)

        self.alter(told(change))

    def reads(self) -> list[Call]:
        """Return the calls that read the stream, in order."""
        return [one for one in self.wire.calls if self.source.is_read(one.asks)]

    def calls(self) -> list[Call]:
        """Return the calls of the last load, without those for a token."""
        return [one for one in self.wire.calls if "/token" not in one.asks]


def _set(record: Document, name: str, value: Any) -> None:
    *path, last = name.split(".")
    for each in path:
        record = record[each]
    if value is ...:
        record.pop(last, None)
    else:
        record[last] = value


def _number(value: Any) -> Any:
    if isinstance(value, Decimal):
        return float(value)
    raise TypeError


@dataclass
class Office:
    """The session's server, and of each source an account that is loaded already."""

    wire: Wire
    environ: Mapping[str, str]
    keys: Credentials
    folder: Path
    loaded: dict[str, Path] = field(default_factory=dict)
    first: dict[str, tuple[list[Call], list[float]]] = field(default_factory=dict)

    def open(self, source: Source, home: Path, patched: pytest.MonkeyPatch) -> Account:
        """Open an account as the company has it, with nothing loaded."""
        clock = Clock()
        budgets: dict[str, Budget] = {}
        passing = Time(clock, budgets=budgets)
        store = Store({source.name: company(source.customers)[source.name]}, clock)
        inner = application(store, self.keys, only=[source.name])
        self.wire.stand_for(inner)
        patched.setattr("ingestion.transport.budget._budgets", budgets)
        patched.setattr("ingestion.transport.budget.Wall.pause", passing.pause)
        patched.setattr("ingestion.transport.budget.Wall.now", passing.now)
        return Account(
            source,
            store,
            clock,
            self.wire,
            inner.state.faults,
            self.environ,
            home,
            passing,
        )

    def beside(self, account: Account) -> Account:
        """Return the same account with a warehouse in which nothing is loaded yet."""
        home = account.home / "beside"
        home.mkdir()
        return replace(account, home=home)

    def opened(
        self, source: Source, home: Path, patched: pytest.MonkeyPatch
    ) -> Account:
        """Open an account of which everything is loaded."""
        if source.name not in self.loaded:
            first = self.folder / source.name
            first.mkdir()
            account = self.open(source, first, patched)
            account.load()
            self.first[source.name] = (account.calls(), list(account.passing.pauses))
            self.loaded[source.name] = first
        account = self.open(source, home, patched)
        before = self.loaded[source.name]
        for name in ("warehouse.duckdb", "operations.sqlite"):
            shutil.copy(before / name, home / name)
        return account


def now() -> datetime:
    """Return our own time."""
    return datetime.now(UTC)


def drawn(seed: str) -> random.Random:
    """Return chance that is the same for the same seed."""
    return random.Random(seed)  # noqa: S311 -- chance need not be secret
