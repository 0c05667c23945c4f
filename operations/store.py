"""Store: the one SQLite file that must not be lost, and its transactions."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from threading import RLock
from types import TracebackType
from typing import Any, Self

from operations.schema import MIGRATIONS

# A writer waits this long for another process's transaction; ours take milliseconds.
_WAIT_SECONDS = 30.0


class StoreTooNewError(Exception):
    """The file was written by a later version of this program: update the program."""


def text(instant: datetime) -> str:
    """Write an instant as the store keeps it: UTC, microseconds, one fixed width."""
    if instant.tzinfo is None:
        raise ValueError(f"{instant} names no time zone; pass an aware datetime.")
    return instant.astimezone(UTC).isoformat(timespec="microseconds")


class Store:
    """A connection to the operations file; the threads of one process may share it.

    Committed means on the disk: WAL with `synchronous=FULL`. With NORMAL, an intent
    was not yet durable when its request had already left.
    """

    def __init__(self, path: Path) -> None:
        """Open the file, create it where it does not exist, and migrate it."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self._lock = RLock()
        self._connection = sqlite3.connect(
            path, isolation_level=None, timeout=_WAIT_SECONDS, check_same_thread=False
        )
        self._connection.row_factory = sqlite3.Row
        self._connection.execute("pragma journal_mode = wal")
        self._connection.execute("pragma synchronous = full")
        self._connection.execute("pragma foreign_keys = on")
        try:
            self._migrate()
        except BaseException:
            self._connection.close()
            raise

    def _migrate(self) -> None:
        with self.transaction() as connection:
            (version,) = connection.execute("pragma user_version").fetchone()
            if version > len(MIGRATIONS):
                raise StoreTooNewError(
                    f"{self.path} has schema {version}, "
                    f"this program knows {len(MIGRATIONS)}."
                )
            for statements in MIGRATIONS[version:]:
                for statement in statements:
                    connection.execute(statement)
            connection.execute(f"pragma user_version = {len(MIGRATIONS)}")

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Do all of it or nothing; no other writer comes between."""
        with self._lock:
            self._connection.execute("begin immediate")
            try:
                yield self._connection
            except BaseException:
                self._connection.execute("rollback")
                raise
            self._connection.execute("commit")

    def rows(self, query: str, parameters: Sequence[Any] = ()) -> list[sqlite3.Row]:
        """Read rows; the names of the columns are their keys."""
        with self._lock:
            return self._connection.execute(query, parameters).fetchall()

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()

    def __enter__(self) -> Self:
        """Use the store in a with statement."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close it, whatever happened."""
        self.close()
