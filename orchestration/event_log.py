"""Event log: Dagster's own, on SQLite, whose connections stay open between events.

Dagster opens and closes a connection for each event, and compiles its statement anew:
half of what a run of some hundred assets takes (`docs/performance.md`). The files and
what stands in them are Dagster's.
"""

from collections.abc import Iterator
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
