"""Database: SQLite, what the sandbox remembers in it, and who holds which row."""

import json
import sqlite3
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sandbox.clock import Clock
from sandbox.collection import Value
from sandbox.journal import micros
from sandbox.wire import dump

# Numbers are reserved in blocks: after a kill none is given a second time.
NUMBER_BLOCK = 1000
_SCHEMA = """
create table if not exists objects (system text, name text, shown text);
create table if not exists settings (name text primary key, value text);
create table if not exists writes (
    number integer primary key, at integer, system text, object text, id text,
    place integer, before text, after text, actor text, request_id text
);
create index if not exists writes_of on writes (system, object, at);
create index if not exists writes_ends on writes (system, object, place)
    where before is null or after is null;
create table if not exists counts (
    system text, name text, held integer, primary key (system, name)
);
create table if not exists pending (
    due integer, at integer, system text, object text, id text, fields text,
    actor text, request_id text
);
create table if not exists locks (
    system text, object text, id text, until integer, primary key (system, object, id)
);
"""


class Database:
    """One database, in memory or in a file; all of its users take turns."""

    def __init__(self, clock: Clock, path: Path | None = None) -> None:
        """Open the database at `path`, or one in memory."""
        self.clock = clock
        self._held = threading.RLock()
        self._depth = 0
        self._connection = sqlite3.connect(
            path or ":memory:", isolation_level=None, check_same_thread=False
        )
        self._connection.executescript(
            f"pragma journal_mode = wal; pragma synchronous = normal; {_SCHEMA}"
        )
        self._numbered = self._reserved = int(self.setting("numbered") or 0)
        self.conditions: dict[str, dict[str, Any]] = json.loads(
            self.setting("conditions") or "{}"
        )

    def close(self) -> None:
        """Close the database."""
        self._connection.close()

    def rows(self, text: str, values: Sequence[Value] = ()) -> list[tuple[Any, ...]]:
        """Return what a SELECT finds."""
        with self._held:
            return self._connection.execute(text, values).fetchall()

    def run(self, text: str, values: Sequence[Value] = ()) -> None:
        """Carry out a statement."""
        with self._held:
            self._connection.execute(text, values)

    def run_many(self, text: str, values: Iterator[Sequence[Value]]) -> None:
        """Carry out a statement for each row of values."""
        with self._held:
            self._connection.executemany(text, values)

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """Keep all that the block changes or, if it fails, nothing; blocks nest."""
        with self._held:
            name = f"level{self._depth}"
            self._connection.execute(f"savepoint {name}")
            self._depth += 1
            try:
                yield
            except BaseException:
                self._connection.execute(f"rollback to {name}")
                # A reservation of numbers went too; the next one reserves anew.
                self._reserved = int(self.setting("numbered") or 0)
                raise
            finally:
                self._depth -= 1
                self._connection.execute(f"release {name}")

    def extend(self, add: Callable[[sqlite3.Connection], None]) -> None:
        """Let a vendor add the SQL functions that its query language has."""
        with self._held:
            add(self._connection)

    def setting(self, name: str) -> str | None:
        """Return what was remembered under a name."""
        found = self.rows("select value from settings where name = ?", (name,))
        return found[0][0] if found else None

    def remember(self, name: str, value: str) -> None:
        """Remember a text under a name."""
        self.run("insert or replace into settings values (?, ?)", (name, value))

    def condition(self, system: str, name: str, default: Any) -> Any:
        """Return how things stand at a vendor: a lag, a budget, a latency.

        The vendor gives the default; `set_conditions` changes it.
        """
        return self.conditions.get(system, {}).get(name, default)

    def set_conditions(self, wanted: Mapping[str, Mapping[str, Any]]) -> None:
        """Change conditions by system and name; null goes back to the default."""
        for system, changes in wanted.items():
            held = self.conditions.setdefault(system, {})
            held.update(changes)
            for name in [name for name, value in changes.items() if value is None]:
                del held[name]
        self.remember("conditions", dump(self.conditions).decode())

    def number(self) -> int:
        """Return a number that this store never gave before: the seed of a new id."""
        with self._held:
            self._numbered += 1
            if self._numbered > self._reserved:
                self._reserved = self._numbered + NUMBER_BLOCK
                self.remember("numbered", str(self._reserved))
            return self._numbered

    def lock(self, system: str, name: str, record_id: object, seconds: float) -> None:
        """Hold a record's row, as another transaction would, for so many seconds."""
        until = micros(self.clock.now()) + int(seconds * 1e6)
        self.run(
            "insert or replace into locks values (?, ?, ?, ?)",
            (system, name.lower(), str(record_id), until),
        )

    def is_locked(self, system: str, name: str, record_id: object) -> bool:
        """Say whether somebody holds a record's row."""
        return bool(
            self.rows(
                "select 1 from locks where system = ? and object = ? and id = ?"
                " and until > ?",
                (system, name.lower(), str(record_id), micros(self.clock.now())),
            )
        )
