"""Lifecycle: an exception has an owner, a state and a term, and forgets nothing."""

import sqlite3
from datetime import UTC, datetime, timedelta

import pytest

from operations.assignments import assign
from operations.audit import verify
from operations.decisions import CannotDecideError
from operations.exceptions import Break, Result, open_exceptions, sync
from operations.lifecycle import advance, history
from operations.standing import accept
from operations.store import Store, text

AT = datetime(2026, 10, 31, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
TARGET = {
    "target_system": "stripe",
    "target_object": "Customer",
    "target_record_id": "cus_1",
}


def broken(fingerprint: str = "M04:a", **given: object) -> Break:
    """Make a break that a change of a Stripe customer would repair."""
    detail = {"left_value": "Acme", "right_value": "Acmee", **TARGET}
    detail |= given.pop("detail", {})
    said = {"hours": 4, "detail": detail} | given
    return Break(fingerprint, "M04", "A name differs.", **said)


def result(status: str = "passed", breaks: int = 0) -> Result:
    """Say what became of the check."""
    because = "stripe was never loaded" if status == "not_run" else None
    return Result("M04", status, because, 40, breaks, 0, 0)


def plan(store: Store, state: str, at: datetime = AT, change_id: str = "c1") -> None:
    """Put a change that repairs the break into a state."""
    with store.transaction() as connection:
        connection.execute(
            "insert or ignore into plans values ('p', '', '', '', 1, 0, 0, 1, 0)"
        )
        connection.execute(
            "insert into changes (change_id, plan_id, content_hash, system, object,"
            " target, record_id, entity, entity_id, action, fields, approval, reason,"
            " state, created_at, changed_at) values (:id, 'p', 'h', 'stripe',"
            " 'customer', :id, 'cus_1', 'e', 'i', 'update', '[]', 1, 'why', :state,"
            " :at, :at) on conflict (change_id) do update set state = :state,"
            " changed_at = :at",
            {"id": change_id, "state": state, "at": text(at)},
        )
        advance(connection, at)


def states(store: Store) -> list[str]:
    """Return the states of all exceptions, as they were opened."""
    rows = store.rows("select state from exceptions order by exception_id")
    return [row["state"] for row in rows]


def told(store: Store, fingerprint: str = "M04:a") -> list[str]:
    """Return what happened, without the word that all of it begins with."""
    return [
        each.action.removeprefix("exception ") for each in history(store, fingerprint)
    ]


def test_a_break_goes_all_the_way_and_closes_itself(store: Store) -> None:
    """From open to confirmed; each step is told, and the last says what shows it."""
    sync(store, [broken()], AT, results=[result("failed", 1)])
    assign(store, "M04:a", "ann", "ann", AT, seen="")
    plan(store, "waiting")
    plan(store, "ready")
    plan(store, "settled", AT + HOUR)

    sync(store, [], AT + 2 * HOUR, results=[result()])

    assert told(store) == [
        *("opened", "assign", "acknowledged"),
        *("proposed", "approved", "repaired", "closed"),
    ]
    assert states(store) == ["confirmed"]
    assert history(store, "M04:a")[-1].detail == {
        "resolution": "no longer reported",
        "state": "confirmed",
        "left_value": "Acme",
        "right_value": "Acmee",
        "last_seen_at": text(AT),
        "compared": 40,
        "breaks_left": 0,
        "repaired_by": ["c1"],
    }
    verify(store)


def test_a_check_that_did_not_run_closes_nothing(store: Store) -> None:
    """What nobody looked for is not gone."""
    sync(store, [broken()], AT, results=[result("failed", 1)])

    synced = sync(store, [], AT + HOUR, results=[result("not_run")])

    assert synced.closed == 0
    assert states(store) == ["open"]


def test_a_break_that_became_explained_is_not_called_repaired(store: Store) -> None:
    """It is still there, as the consequence of another one."""
    sync(store, [broken()], AT)

    sync(store, [], AT + HOUR, explained={"M04:a": "known_exception"})

    (row,) = store.rows("select state, resolution, evidence from exceptions")
    assert tuple(row) == ("accepted", "explained: known_exception", None)


def test_what_comes_back_is_counted(store: Store) -> None:
    """Each time it is a further exception, and knows how many there were."""
    for hour in range(3):
        sync(store, [broken()], AT + hour * HOUR)
        sync(store, [], AT + hour * HOUR)
    sync(store, [broken()], AT + 3 * HOUR)

    (found,) = open_exceptions(store)
    assert (found.state, found.reopened, found.opened_at) == (
        "reopened",
        3,
        AT + 3 * HOUR,
    )
    # Repaired three times in vain: somebody else has to look, at once.
    assert found.escalation == 1


@pytest.mark.parametrize(
    ("age", "escalation", "whom"),
    [(3, 0, []), (4, 1, ["ap"]), (8, 2, ["Controller"]), (99, 3, ["CFO"])],
)
def test_what_is_late_is_taken_further(
    store: Store, age: int, escalation: int, whom: list[str]
) -> None:
    """Once for each of its terms that is over, up to the third."""
    sync(store, [broken(owner="ap")], AT)

    sync(store, [broken(owner="ap")], AT + age * HOUR)
    sync(store, [broken(owner="ap")], AT + age * HOUR)

    (found,) = open_exceptions(store)
    assert found.escalation == escalation
    assert found.is_late(AT + age * HOUR) is (age >= 4)
    assert [
        each.detail["to"]
        for each in history(store, "M04:a")
        if each.action == "exception escalated"
    ] == whom


def test_what_is_accepted_waits_for_nobody(store: Store) -> None:
    """It stays, is not late, and stands in nobody's list."""
    sync(store, [broken()], AT)
    accept(store, ["M04:a"], "ann", AT, "the customer asked for it")

    sync(store, [broken()], AT + 99 * HOUR)

    assert open_exceptions(store) == []
    assert states(store) == ["accepted"]
    assert told(store) == ["opened", "accepted"]


def test_what_was_accepted_and_changed_is_opened_anew(store: Store) -> None:
    """Nobody has agreed to what it says now."""
    sync(store, [broken()], AT)
    accept(store, ["M04:a"], "ann", AT, "the customer asked for it")

    sync(store, [broken(detail={"right_value": "Other"})], AT + HOUR)

    assert states(store) == ["accepted", "reopened"]
    (found,) = open_exceptions(store)
    assert (found.reopened, found.due_at) == (1, AT + 5 * HOUR)


def test_only_what_is_open_can_be_accepted(store: Store) -> None:
    """By name, with a reason, once; nothing happens to the others either."""
    sync(store, [broken(), broken("M04:b")], AT)
    accept(store, ["M04:a"], "ann", AT, "small")

    with pytest.raises(CannotDecideError, match="accepted already"):
        accept(store, ["M04:b", "M04:a"], "bob", AT, "fine")
    with pytest.raises(CannotDecideError, match="no open exception M04:c"):
        accept(store, ["M04:c"], "bob", AT, "fine")
    with pytest.raises(CannotDecideError, match="name and a reason"):
        accept(store, ["M04:b"], "bob", AT, " ")

    assert states(store) == ["accepted", "open"]


def test_a_change_that_is_withdrawn_leaves_the_break_open(store: Store) -> None:
    """Nothing repairs it any more; what arrived before it was opened does not count."""
    plan(store, "settled", AT - HOUR)
    sync(store, [broken()], AT)
    assert states(store) == ["open"]

    plan(store, "waiting", change_id="c2")
    plan(store, "declined", change_id="c2")

    assert states(store) == ["open"]
    assert told(store) == ["opened", "proposed", "open"]


def test_an_exception_is_as_far_as_its_last_repair(store: Store) -> None:
    """One of two changes arrived: the other still has to."""
    sync(store, [broken()], AT)
    plan(store, "settled", AT + HOUR)
    plan(store, "waiting", AT + HOUR, change_id="c2")

    assert states(store) == ["proposed"]


def test_what_a_check_found_is_kept_for_good(store: Store) -> None:
    """One row per check and run, and nobody rewrites it."""
    sync(store, [broken()], AT, results=[result("failed", 1)])
    sync(store, [], AT + HOUR, results=[result()])

    rows = store.rows("select at, status, breaks from check_results order by at")
    assert [tuple(row) for row in rows] == [
        (text(AT), "failed", 1),
        (text(AT + HOUR), "passed", 0),
    ]
    for statement in (
        "update check_results set breaks = 0",
        "delete from check_results",
    ):
        with (
            pytest.raises(sqlite3.IntegrityError, match="only ever added to"),
            store.transaction() as connection,
        ):
            connection.execute(statement)
