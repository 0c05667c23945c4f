"""Lease: one holder at a time, and whoever was replaced is fenced off."""

import os
import socket
from datetime import UTC, datetime, timedelta

import pytest

from operations.lease import (
    FencedError,
    Lease,
    LeaseHeldError,
    acquire,
    hold,
    is_alive,
    release,
    this_process,
)
from operations.store import Store

AT = datetime(2026, 10, 31, 12, tzinfo=UTC)
TERM = timedelta(minutes=5)
ELSEWHERE = "another-machine/1/1"


def test_the_holder_excludes_others_until_it_expires(store: Store) -> None:
    """A holder on another machine is alive until its term is over."""
    first = acquire(store, "push", ELSEWHERE, AT, TERM)

    with pytest.raises(LeaseHeldError, match="another-machine"):
        acquire(store, "push", this_process(), AT + TERM / 2, TERM)
    second = acquire(store, "push", this_process(), AT + TERM, TERM)

    assert (first.epoch, second.epoch) == (1, 2)


def test_other_names_are_other_leases(store: Store) -> None:
    """They do not exclude each other."""
    acquire(store, "push", ELSEWHERE, AT, TERM)

    assert acquire(store, "load", ELSEWHERE, AT, TERM).epoch == 1


def test_a_returned_lease_can_be_taken_at_once(store: Store) -> None:
    """With the next epoch."""
    first = acquire(store, "push", ELSEWHERE, AT, TERM)
    release(store, first, AT)

    assert acquire(store, "push", this_process(), AT, TERM).epoch == 2


def test_holding_prolongs_and_being_replaced_fences_off(store: Store) -> None:
    """The replaced one can neither hold nor give back what is not its own."""
    first = acquire(store, "push", ELSEWHERE, AT, TERM)
    with store.transaction() as connection:
        hold(connection, first, AT + TERM)
    with pytest.raises(LeaseHeldError):
        acquire(store, "push", this_process(), AT + TERM, TERM)
    second = acquire(store, "push", this_process(), AT + 2 * TERM, TERM)

    with pytest.raises(FencedError, match="Epoch 1"), store.transaction() as connection:
        hold(connection, first, AT + 2 * TERM)
    release(store, first, AT + 2 * TERM)
    with store.transaction() as connection:
        hold(connection, second, AT + 2 * TERM)


def test_an_expired_lease_that_nobody_took_is_still_held(store: Store) -> None:
    """The epoch decides, not the clock."""
    first = acquire(store, "push", ELSEWHERE, AT, TERM)

    with store.transaction() as connection:
        hold(connection, first, AT + 10 * TERM)

    assert first == Lease("push", ELSEWHERE, 1, TERM)


def test_a_dead_process_holds_nothing(store: Store) -> None:
    """Its lease is taken over at once, also while nobody has reaped it yet."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(writing, this_process().encode())
        os._exit(0)
    owner = os.read(reading, 100).decode()
    os.waitid(os.P_PID, child, os.WEXITED | os.WNOWAIT)
    acquire(store, "push", this_process(), AT, TERM)
    with store.transaction() as connection:
        connection.execute("update leases set owner = ?", [owner])

    assert not is_alive(owner)  # a zombie
    assert acquire(store, "push", this_process(), AT, TERM).epoch == 2
    os.waitpid(child, 0)
    assert not is_alive(owner)  # gone
    os.close(reading)
    os.close(writing)


def test_a_process_number_used_again_is_another_process() -> None:
    """The start tells them apart."""
    me = this_process()

    assert is_alive(me)
    assert not is_alive(f"{socket.gethostname()}/{os.getpid()}/1")
    assert is_alive(f"elsewhere/{os.getpid()}/1")
