"""Store: committed is on the disk, and nothing is half done."""

import os
import signal
import sqlite3
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from operations.schema import MIGRATIONS
from operations.store import Store, StoreTooNewError, text


def leases(store: Store) -> int:
    """Count the rows of a table."""
    return store.rows("select count(*) from leases")[0][0]


def add(connection: sqlite3.Connection, name: str) -> None:
    """Add a row to a table."""
    connection.execute("insert or ignore into leases values (?, 'me', 1, '')", [name])


def test_a_new_store_has_every_table_and_is_durable(tmp_path: Path) -> None:
    """Also in a folder that does not exist; WAL, FULL and foreign keys are on."""
    with Store(tmp_path / "new" / "operations.sqlite") as store:
        assert leases(store) == 0
        assert store.rows("pragma journal_mode")[0][0] == "wal"
        assert store.rows("pragma synchronous")[0][0] == 2
        assert store.rows("pragma foreign_keys")[0][0] == 1


def test_opening_again_keeps_everything(tmp_path: Path) -> None:
    """Migrations run once."""
    with Store(tmp_path / "operations.sqlite") as store, store.transaction() as write:
        add(write, "a")
    with Store(tmp_path / "operations.sqlite") as store:
        assert leases(store) == 1
        assert store.rows("pragma user_version")[0][0] == len(MIGRATIONS)


def test_a_store_of_a_later_version_is_left_alone(tmp_path: Path) -> None:
    """An old program must not write what it does not understand."""
    path = tmp_path / "operations.sqlite"
    with Store(path) as store, store.transaction() as connection:
        connection.execute("pragma user_version = 99")

    with pytest.raises(StoreTooNewError, match="schema 99"):
        Store(path)


def test_a_transaction_is_all_or_nothing(store: Store) -> None:
    """An error takes back what was done before it."""

    def stumble() -> None:
        with store.transaction() as connection:
            add(connection, "a")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        stumble()

    assert leases(store) == 0


def test_a_commit_survives_a_kill(tmp_path: Path) -> None:
    """The process dies right after the transaction; a second one was under way."""
    path = tmp_path / "operations.sqlite"
    child = os.fork()
    if child == 0:
        store = Store(path)
        with store.transaction() as connection:
            add(connection, "kept")
        with store.transaction() as connection:
            add(connection, "lost")
            os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(child, 0)

    with Store(path) as store:
        assert [row["name"] for row in store.rows("select name from leases")] == [
            "kept"
        ]


def test_instants_are_text_that_sorts() -> None:
    """UTC, whatever zone they come in; an instant without a zone is a mistake."""
    noon = datetime(2026, 10, 31, 12, tzinfo=UTC)
    east = noon.astimezone(timezone(timedelta(hours=9)))

    assert text(noon) == text(east) == "2026-10-31T12:00:00.000000+00:00"
    with pytest.raises(ValueError, match="no time zone"):
        text(noon.replace(tzinfo=None))
