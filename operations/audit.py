"""Audit: a chain of hashes over every state change, so that no row can be altered.

Each row's hash covers the row and the hash before it. Whoever keeps the head (the
last sequence number and hash) elsewhere also notices that the end was cut off.
"""

import hashlib
import json
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from operations.store import Store, text

_GENESIS = "0" * 64


@dataclass(frozen=True, slots=True)
class Entry:
    """What one actor did to one subject."""

    actor: str
    action: str
    subject: str
    detail: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Head:
    """The end of the chain: keep it outside the store to notice a cut."""

    seq: int
    hash: str


class TamperedError(Exception):
    """The chain does not hold: a row was altered, inserted, removed or reordered."""


def append(
    connection: sqlite3.Connection, entries: Iterable[Entry], at: datetime
) -> None:
    """Add entries to the chain inside the caller's transaction."""
    end = _head(connection)
    rows = []
    for entry in entries:
        detail = json.dumps(entry.detail, sort_keys=True, ensure_ascii=False)
        row = (end.seq + 1, text(at), entry.actor, entry.action, entry.subject, detail)
        rows.append((*row, end.hash, _hash(end.hash, row)))
        end = Head(end.seq + 1, rows[-1][-1])
    connection.executemany("insert into audit values (?, ?, ?, ?, ?, ?, ?, ?)", rows)


def head(store: Store) -> Head:
    """Return the end of the chain."""
    with store.transaction() as connection:
        return _head(connection)


def verify(store: Store, anchor: Head | None = None) -> Head:
    """Walk the chain from its start and return its end.

    Args:
        store: The operations store.
        anchor: A head kept elsewhere; the chain must still contain it.

    Raises:
        TamperedError: Naming the first row that does not fit.
    """
    end = Head(0, _GENESIS)
    anchored = anchor is None or anchor == end
    for row in store.rows("select * from audit order by seq"):
        content = tuple(row)[:6]
        if row["seq"] != end.seq + 1 or row["previous_hash"] != end.hash:
            raise TamperedError(f"Audit row {row['seq']} does not follow {end.seq}.")
        end = Head(row["seq"], _hash(end.hash, content))
        if row["hash"] != end.hash:
            raise TamperedError(f"Audit row {row['seq']} was altered.")
        anchored = anchored or end == anchor
    if not anchored:
        raise TamperedError(f"The audit chain no longer contains {anchor}.")
    return end


def _head(connection: sqlite3.Connection) -> Head:
    row = connection.execute(
        "select seq, hash from audit order by seq desc limit 1"
    ).fetchone()
    return Head(row["seq"], row["hash"]) if row else Head(0, _GENESIS)


def _hash(previous: str, row: tuple[Any, ...]) -> str:
    content = json.dumps([previous, *row], ensure_ascii=False)
    return hashlib.sha256(content.encode()).hexdigest()
