"""Event log: Dagster's own, on SQLite, whose connections stay open between events.

Dagster opens and closes a connection for each event, compiles its statement anew, and
asks the file which tables, columns and indexes it has: half of what a run of some
hundred assets takes (`docs/performance.md`). The files and what stands in them are
Dagster's.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from dagster._core.storage.event_log.sqlite.sqlite_event_log import (
    SqliteEventLogStorage,
)
from dagster._core.storage.sqlite import SQLITE_BUSY_TIMEOUT_SECONDS
from dagster._serdes import ConfigurableClassData
from sqlalchemy import Connection, Engine, create_engine, event

# One file is a run's, one the index of all; the others belong to runs that ended.
KEPT = 4


class EventLog(SqliteEventLogStorage):
    """Dagster's SQLite storage of events, for `event_log_storage` in dagster.yaml.

    An event is on disk once the operating system writes it: a power failure may lose
    the last ones, never the file. What must not be lost is in the operations store.
    """

    def __init__(
        self, base_dir: str, inst_data: ConfigurableClassData | None = None
    ) -> None:
        """Keep the files below `base_dir`, as Dagster does."""
        self._engines: dict[str, Engine] = {}
        self._seen: set[tuple[str, str]] = set()
        super().__init__(base_dir, inst_data)

    @classmethod
    def from_config_value(
        cls, inst_data: ConfigurableClassData | None, config_value: Any
    ) -> "EventLog":
        """Make the storage that dagster.yaml describes."""
        return cls(inst_data=inst_data, **config_value)

    def dispose(self) -> None:
        """Close the files."""
        super().dispose()
        while self._engines:
            self._engines.popitem()[1].dispose()

    def has_table(self, table_name: str) -> bool:
        """Say whether the index has a table: one that was there stays."""
        return self._once("table", table_name, super().has_table)

    def has_secondary_index(self, name: str) -> bool:
        """Say whether an index was filled: it is never emptied."""
        return self._once("index", name, super().has_secondary_index)

    def _has_asset_key_col_on_connection(
        self, conn: Connection, column_name: str
    ) -> bool:
        asked = super()._has_asset_key_col_on_connection
        return self._once("column", column_name, lambda name: asked(conn, name))

    def _once(self, kind: str, name: str, ask: Callable[[str], bool]) -> bool:
        """Ask until the answer is yes."""
        if (kind, name) not in self._seen and ask(name):
            self._seen.add((kind, name))
        return (kind, name) in self._seen

    @contextmanager
    def _connect(self, shard: str) -> Iterator[Connection]:
        with self._db_lock, self._engine(shard).begin() as connection:
            yield connection

    def _engine(self, shard: str) -> Engine:
        """Return what holds a file's one connection; the lock lets in one at a time."""
        if shard in self._engines:
            return self._engines[shard]
        while len(self._engines) >= KEPT:
            self._engines.pop(next(iter(self._engines))).dispose()
        engine = create_engine(
            self.conn_string_for_shard(shard),
            pool_size=1,
            connect_args={
                "timeout": SQLITE_BUSY_TIMEOUT_SECONDS,
                "check_same_thread": False,
            },
        )
        event.listen(engine, "connect", _hasten)
        if shard not in self._initialized_dbs:
            self._initdb(engine)
            self._initialized_dbs.add(shard)
        self._engines[shard] = engine
        return engine


def _hasten(connection: Any, _: Any) -> None:
    """Wait for no disk: with a write-ahead log, that is safe for the file."""
    connection.execute("pragma synchronous = normal")
