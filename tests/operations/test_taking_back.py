"""Taking back: what came to nothing yet is undone; the chain keeps both."""

from datetime import UTC, datetime, timedelta

import pytest

from operations.assignments import CannotAssignError, handling, snooze, wake
from operations.audit import verify
from operations.decisions import (
    CannotDecideError,
    approve,
    is_approved,
    reject,
    retry,
    waiting,
)
from operations.exceptions import Break, accepted_exceptions, open_exceptions, sync
from operations.standing import accept
from operations.store import Store
from operations.taking_back import standing, take_back
from tests.operations.test_decisions import put, state

AT = datetime(2026, 10, 31, 12, tzinfo=UTC)
LATER = AT + timedelta(minutes=5)


@pytest.mark.parametrize(
    ("decide", "before"),
    [(approve, "waiting"), (reject, "waiting"), (retry, "rejected")],
)
def test_a_change_stands_again_where_it_stood(
    store: Store, decide: object, before: str
) -> None:
    """Once; the decision stays on record, with what takes it back after it."""
    put(store, "a", before)
    assert callable(decide)
    decide(store, ["a"], "ann", AT, "in a hurry")

    take_back(store, ["a"], "bea", LATER, "the amount is wrong")

    assert state(store, "a") == before
    assert standing(store, LATER) == []
    actors = [row["actor"] for row in store.rows("select actor from audit")]
    assert actors == ["ann", "bea"]
    verify(store)
    with pytest.raises(CannotDecideError, match="taken back already"):
        take_back(store, ["a"], "bea", LATER, "again")


def test_an_approval_that_was_taken_back_lets_nothing_out(store: Store) -> None:
    """Not even where two people are asked, and both had said yes; they say it anew."""
    put(store, "a", "waiting")
    with store.transaction() as connection:
        connection.execute("update changes set people = 2")
    approve(store, ["a"], "ann", AT, "fine")
    approve(store, ["a"], "bea", AT, "fine")

    take_back(store, ["a"], "bea", LATER, "no")
    approve(store, ["a"], "ann", LATER + timedelta(minutes=1), "fine again")

    assert state(store, "a") == "waiting"
    with store.transaction() as connection:
        assert not is_approved(connection, "a", "h", LATER + timedelta(minutes=2))
    assert [each.by for each in standing(store, LATER + timedelta(minutes=2))] == [
        "ann"
    ]


@pytest.mark.parametrize("sent", ["sending", "acknowledged", "settled"])
def test_what_was_sent_is_not_taken_back(store: Store, sent: str) -> None:
    """The sentence says what undoes it instead; nothing is changed, not of others."""
    put(store, "a", "waiting")
    put(store, "b", "waiting")
    approve(store, ["a", "b"], "ann", AT, "fine")
    with store.transaction() as connection:
        connection.execute("update changes set state = ? where change_id = 'b'", [sent])

    with pytest.raises(CannotDecideError, match="concord sync revert"):
        take_back(store, ["a", "b"], "ann", LATER, "no")

    assert (state(store, "a"), state(store, "b")) == ("ready", sent)
    assert [each.subject for each in standing(store, LATER)] == ["a"]


def test_an_accepted_break_is_open_again(store: Store) -> None:
    """With the reason why; nobody needs to wait until it changes."""
    sync(store, [Break("m", "M04", "x")], AT)
    accept(store, ["m"], "ann", AT, "agreed")
    assert [each.broken.fingerprint for each in accepted_exceptions(store)] == ["m"]

    take_back(store, ["m"], "bea", LATER, "not agreed")

    assert [each.state for each in open_exceptions(store)] == ["open"]
    rows = store.rows("select actor, action from audit where actor <> 'concord'")
    assert [tuple(row) for row in rows] == [
        ("ann", "exception accepted"),
        ("bea", "take back"),
        ("bea", "exception open"),
    ]


def test_a_rest_is_ended_before_its_day(store: Store) -> None:
    """What does not rest cannot be woken."""
    broken = Break("m", "M04", "x")
    sync(store, [broken], AT)
    until = (AT + timedelta(days=3)).date()
    snooze(store, "m", "ann", AT, "known", until=until)

    wake(store, "m", "bea", LATER)

    assert not handling(store)["m"].is_resting(broken, AT.date())
    with pytest.raises(CannotAssignError, match="does not rest"):
        wake(store, "m", "bea", LATER)


@pytest.mark.parametrize(("by", "reason"), [("", "x"), ("ann", "")])
def test_taking_back_needs_a_name_and_a_reason(
    store: Store, by: str, reason: str
) -> None:
    """As every decision does."""
    put(store, "a", "waiting")
    approve(store, ["a"], "ann", AT, "fine")

    with pytest.raises(CannotDecideError, match="a name and a reason"):
        take_back(store, ["a"], by, LATER, reason)

    assert waiting(store) == []
