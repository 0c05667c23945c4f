"""Lease: who may act now, with an epoch that fences off whoever acted before."""

import os
import socket
import sqlite3
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from operations.store import Store, text


class LeaseHeldError(Exception):
    """Somebody else is active: come back when they are done."""


class FencedError(Exception):
    """This runner was replaced: it must stop, and may not write any more."""


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to act under a name, until it expires or a higher epoch exists."""

    name: str
    owner: str
    epoch: int
    term: timedelta


def this_process() -> str:
    """Name this process so that another one can see whether it still lives."""
    return f"{socket.gethostname()}/{os.getpid()}/{_started(os.getpid())}"


def is_alive(owner: str) -> bool:
    """Say whether the process that owns a lease may still be running.

    A process of another machine counts as alive: its lease has to expire.
    """
    host, pid, started = owner.split("/")
    return host != socket.gethostname() or _started(int(pid)) == started


def _started(pid: int) -> str:
    """Return the process's start in clock ticks, or nothing when it is gone.

    Process numbers are used again; number and start together are not. A zombie
    (killed, not yet reaped) runs no more.
    """
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    except OSError:
        return ""
    # The name in brackets may contain blanks; the state is the first word after it.
    state, *rest = stat.rpartition(")")[2].split()
    return "" if state in "ZX" else rest[18]


def acquire(
    store: Store, name: str, owner: str, at: datetime, term: timedelta
) -> Lease:
    """Become the one active holder of `name`, with the next epoch.

    Raises:
        LeaseHeldError: Another living owner holds it and it has not expired.
    """
    with store.transaction() as connection:
        return take(connection, Lease(name, owner, 0, term), at)


def take(connection: sqlite3.Connection, wanted: Lease, at: datetime) -> Lease:
    """Acquire inside the caller's transaction; see `acquire`."""
    row = connection.execute(
        "select owner, epoch, expires_at from leases where name = ?", [wanted.name]
    ).fetchone()
    held = row is not None and row["expires_at"] > text(at) and is_alive(row["owner"])
    if held:
        raise LeaseHeldError(
            f"{row['owner']} holds the lease {wanted.name} until {row['expires_at']}."
        )
    epoch = (row["epoch"] if row else 0) + 1
    connection.execute(
        "insert or replace into leases values (?, ?, ?, ?)",
        [wanted.name, wanted.owner, epoch, text(at + wanted.term)],
    )
    return Lease(wanted.name, wanted.owner, epoch, wanted.term)


def hold(connection: sqlite3.Connection, lease: Lease, at: datetime) -> None:
    """Check inside the caller's transaction that the lease is still ours; extend it.

    An expired lease that nobody took is still ours: the epoch decides.

    Raises:
        FencedError: A later epoch exists.
    """
    updated = connection.execute(
        "update leases set expires_at = ? where name = ? and epoch = ?",
        [text(at + lease.term), lease.name, lease.epoch],
    )
    if updated.rowcount == 0:
        raise FencedError(f"Epoch {lease.epoch} of {lease.name} is over; stop.")


def release(store: Store, lease: Lease, at: datetime) -> None:
    """Give the lease back; whoever was fenced off has nothing to give back."""
    with store.transaction() as connection:
        connection.execute(
            "update leases set expires_at = ? where name = ? and epoch = ?",
            [text(at), lease.name, lease.epoch],
        )
