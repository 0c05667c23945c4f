"""Decisions: signed, bound to a content, all or none."""

from datetime import UTC, datetime

import pytest

from operations.decisions import (
    CannotDecideError,
    approve,
    is_approved,
    overwrite,
    reject,
    retry,
    waiting,
)
from operations.exceptions import Break, open_exceptions, sync
from operations.store import Store, text

AT = datetime(2026, 10, 31, 12, tzinfo=UTC)


def put(
    store: Store,
    change_id: str,
    state: str,
    hold: str | None = None,
    fields: str = "[]",
) -> None:
    """Put a change into the store."""
    with store.transaction() as connection:
        connection.execute(
            "insert or ignore into plans values ('p', '', '', '', 1, 0, 0, 1, 0)"
        )
        connection.execute(
            "insert into changes (change_id, plan_id, content_hash, system, object,"
            " target, record_id, entity, entity_id, customer_id, action, fields,"
            " approval, amount_minor, currency, reason, state, hold, created_at,"
            " changed_at) values (?, 'p', 'h', 's', 'o', ?, 'r', 'e', 'i', 'c',"
            " 'update', ?, 1, 5, 'USD', 'why', ?, ?, ?, ?)",
            [change_id, change_id, fields, state, hold, text(AT), text(AT)],
        )


def state(store: Store, change_id: str) -> str:
    """Return a change's state."""
    rows = store.rows("select state from changes where change_id = ?", [change_id])
    return rows[0]["state"]


def test_what_waits_is_shown_with_all_that_a_person_needs(store: Store) -> None:
    """Other states on request."""
    put(store, "a", "waiting")
    put(store, "b", "held", "limit")

    (found,) = waiting(store)

    assert (found.change_id, found.content_hash, found.state) == ("a", "h", "waiting")
    assert (found.system, found.object, found.record_id) == ("s", "o", "r")
    assert (found.customer_id, found.amount_minor, found.currency) == ("c", 5, "USD")
    assert (found.fields, found.reason, found.why, found.since) == (
        "[]",
        "why",
        None,
        AT,
    )
    assert [each.change_id for each in waiting(store, "held", "waiting")] == ["a", "b"]


def test_an_approval_is_signed_and_bound_to_the_content(store: Store) -> None:
    """Name and reason are on record; another content is not approved."""
    put(store, "a", "waiting")
    put(store, "b", "held", "limit")

    approve(store, ["a", "b"], "ann", AT, "checked the invoice")

    (signed, _) = store.rows("select * from decisions order by subject")
    assert (signed["decided_by"], signed["reason"]) == ("ann", "checked the invoice")
    assert (state(store, "a"), state(store, "b")) == ("ready", "ready")
    with store.transaction() as connection:
        assert is_approved(connection, "a", "h", AT)
        assert not is_approved(connection, "a", "other", AT)
        assert not is_approved(connection, "c", "h", AT)
    assert [row["actor"] for row in store.rows("select actor from audit")] == [
        "ann"
    ] * 2


@pytest.mark.parametrize(("by", "reason"), [("", "x"), ("ann", " "), (" ", "")])
def test_a_decision_needs_a_name_and_a_reason(
    store: Store, by: str, reason: str
) -> None:
    """Nobody approves anonymously."""
    put(store, "a", "waiting")

    with pytest.raises(CannotDecideError, match="name and a reason"):
        approve(store, ["a"], by, AT, reason)
    with pytest.raises(CannotDecideError, match="name and a reason"):
        overwrite(store, ["x"], by, AT, reason)
    assert state(store, "a") == "waiting"


@pytest.mark.parametrize(
    ("decide", "current", "hold", "after"),
    [
        (approve, "waiting", "approval", "ready"),
        (approve, "held", "limit", "ready"),
        (approve, "held", "frozen", None),
        (approve, "ready", None, None),
        (approve, "sending", None, None),
        (reject, "waiting", "approval", "declined"),
        (reject, "held", "frozen", "declined"),
        (reject, "ready", None, "declined"),
        (reject, "sending", None, None),
        (reject, "settled", None, None),
        (retry, "rejected", None, "ready"),
        (retry, "diverged", None, None),
    ],
)
def test_only_what_can_still_be_decided_is(
    store: Store, decide: object, current: str, hold: str | None, after: str | None
) -> None:
    """What is on its way or done is not taken back by a click."""
    put(store, "a", current, hold)

    if after is None:
        with pytest.raises(CannotDecideError, match="is not there to"):
            decide(store, ["a"], "ann", AT, "because")
    else:
        decide(store, ["a"], "ann", AT, "because")
    assert state(store, "a") == (after or current)


def test_several_are_decided_together_or_not_at_all(store: Store) -> None:
    """A list that is partly out of date approves nothing."""
    put(store, "a", "waiting")

    with pytest.raises(CannotDecideError):
        approve(store, ["a", "gone"], "ann", AT, "because")

    assert state(store, "a") == "waiting"
    assert store.rows("select * from decisions") == []


def test_only_an_open_edit_can_be_overwritten(store: Store) -> None:
    """A reconciliation break is no edit of a field."""
    detail = {
        "system": "crm",
        "object": "Account",
        "record_id": "a1",
        "field": "Name",
        "theirs": "Edited",
    }
    sync(
        store,
        [Break("edit", "user_edit", "An edit.", detail=detail), Break("m", "M04", "x")],
        AT,
    )

    with pytest.raises(CannotDecideError, match="no open edit"):
        overwrite(store, ["edit", "m"], "ann", AT, "because")
    assert store.rows("select * from base") == []
    overwrite(store, ["edit"], "ann", AT, "because")

    (base,) = store.rows("select * from base")
    assert tuple(base)[:6] == ("crm", "Account", "a1", "Name", "Edited", 1)
    assert [each.broken.fingerprint for each in open_exceptions(store)] == ["m"]


def test_whoever_overwrites_an_edit_does_not_approve_the_change(store: Store) -> None:
    """One person says that a colleague's edit yields, another lets the change out."""
    detail = {"system": "s", "object": "o", "record_id": "r", "field": "Name"}
    edit = Break("e1", "user_edit", "Edited there", detail={**detail, "theirs": "x"})
    sync(store, [edit], AT)
    overwrite(store, ["e1"], "Ann ", AT, "the contract says otherwise")
    put(store, "own", "waiting", fields='[{"field": "Name"}]')
    put(store, "other", "waiting", fields='[{"field": "Email"}]')

    with pytest.raises(CannotDecideError, match="somebody else has to approve"):
        approve(store, ["own"], "ann", AT, "fine")
    approve(store, ["other"], "ann", AT, "fine")
    approve(store, ["own"], "bea", AT, "fine")

    assert (state(store, "own"), state(store, "other")) == ("ready", "ready")


def test_an_overwrite_that_was_carried_out_binds_nobody(store: Store) -> None:
    """Once the record holds another value, its next change is a new question."""
    detail = {"system": "s", "object": "o", "record_id": "r", "field": "Name"}
    edit = Break("e1", "user_edit", "Edited there", detail={**detail, "theirs": "x"})
    sync(store, [edit], AT)
    overwrite(store, ["e1"], "ann", AT, "the contract says otherwise")
    with store.transaction() as connection:
        connection.execute("update base set value = 'ours', at = '2026-11-01'")
    put(store, "next", "waiting", fields='[{"field": "Name"}]')

    approve(store, ["next"], "ann", AT, "fine")

    assert state(store, "next") == "ready"
