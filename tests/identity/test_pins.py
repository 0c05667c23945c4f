"""Pins are signed, kept, and never contradict each other."""

from datetime import UTC, datetime

import pytest

from operations.audit import verify
from operations.pins import CannotPinError, Kind, Signature, pin, pins, unpin
from operations.store import Store

AT = datetime(2026, 11, 1, tzinfo=UTC)


def say(store: Store, kind: Kind, left: str, right: str, reason: str = "seen") -> None:
    """Pin two records of customers, as ann."""
    pin(store, "customers", kind, (left, right), Signature("ann", AT, reason))


def test_a_pin_stands_until_it_is_withdrawn(store: Store) -> None:
    """With who said it and why; the withdrawn one stays on record."""
    say(store, "same", "b", "a")

    (standing,) = pins(store, "customers")
    assert (standing.kind, standing.left_key, standing.right_key) == ("same", "a", "b")
    assert (standing.pinned_by, standing.pinned_at, standing.reason) == (
        "ann",
        AT,
        "seen",
    )
    unpin(store, "customers", ("a", "b"), Signature("bob", AT, "mistaken"))
    assert pins(store, "customers") == []
    (row,) = store.rows("select withdrawn_by, withdrawn_reason from identity_pins")
    assert tuple(row) == ("bob", "mistaken")
    verify(store)


def test_a_pin_needs_a_name_and_a_reason(store: Store) -> None:
    """Nobody decides anonymously, or without saying why."""
    with pytest.raises(CannotPinError, match="--reason"):
        say(store, "same", "a", "b", reason=" ")

    with pytest.raises(CannotPinError, match="--reason"):
        unpin(store, "customers", ("a", "b"), Signature("", AT, "why"))


def test_a_record_is_itself(store: Store) -> None:
    """There is nothing to say about one record."""
    with pytest.raises(CannotPinError, match="name two"):
        say(store, "same", "a", "a")


def test_two_records_have_one_pin(store: Store) -> None:
    """Whoever thinks otherwise withdraws it first."""
    say(store, "same", "a", "b")

    with pytest.raises(CannotPinError, match="by ann"):
        say(store, "different", "b", "a")


def test_pins_do_not_contradict_each_other_over_others(store: Store) -> None:
    """If a is b and b is c, nobody can say that a is not c; nor the other way round."""
    say(store, "same", "a", "b")
    say(store, "same", "b", "c")
    with pytest.raises(CannotPinError, match="a and c"):
        say(store, "different", "a", "c")

    say(store, "different", "c", "d")
    with pytest.raises(CannotPinError, match="c and d"):
        say(store, "same", "a", "d")
    assert len(pins(store, "customers")) == 3


def test_what_was_not_said_cannot_be_withdrawn(store: Store) -> None:
    """The sentence names both records."""
    with pytest.raises(CannotPinError, match="between a and b"):
        unpin(store, "customers", ("b", "a"), Signature("ann", AT, "why"))
