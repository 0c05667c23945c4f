"""Audit: whoever alters the chain is found out."""

import json
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from operations.audit import Entry, Head, TamperedError, append, head, verify
from operations.store import Store

AT = datetime(2026, 10, 31, 12, tzinfo=UTC)


def filled(store: Store, count: int) -> Head:
    """Add so many entries, in two batches."""
    entries = [
        Entry("ann", "approve", f"change {number}", {"number": number})
        for number in range(count)
    ]
    with store.transaction() as connection:
        append(connection, entries[: count // 2], AT)
    with store.transaction() as connection:
        append(connection, entries[count // 2 :], AT)
    return head(store)


def unlocked(store: Store) -> None:
    """Take the triggers away, as somebody with the file in hands could."""
    with store.transaction() as connection:
        connection.execute("drop trigger audit_is_never_changed")
        connection.execute("drop trigger audit_is_never_cut")


def test_the_chain_holds_from_its_start(store: Store) -> None:
    """Empty, and after two batches."""
    assert verify(store) == head(store) == Head(0, "0" * 64)
    assert verify(store, Head(0, "0" * 64)).seq == 0

    end = filled(store, 5)

    assert verify(store) == end
    assert end.seq == 5
    assert verify(store, end) == end


@pytest.mark.parametrize(
    "statement", ["update audit set actor = 'x'", "delete from audit"]
)
def test_the_chain_is_only_ever_added_to(store: Store, statement: str) -> None:
    """Our own code cannot do otherwise by mistake."""
    filled(store, 2)

    with (
        pytest.raises(Exception, match="only ever added to"),
        store.transaction() as connection,
    ):
        connection.execute(statement)


def test_a_cut_end_is_noticed_by_whoever_kept_the_head(store: Store) -> None:
    """Without an anchor the shorter chain looks whole."""
    end = filled(store, 4)
    unlocked(store)
    with store.transaction() as connection:
        connection.execute("delete from audit where seq = 4")

    assert verify(store).seq == 3
    with pytest.raises(TamperedError, match="no longer contains"):
        verify(store, end)


@settings(max_examples=40, deadline=None)
@given(
    row=st.integers(1, 5),
    column=st.sampled_from(
        ["at", "actor", "action", "subject", "detail", "previous_hash", "hash"]
    ),
    value=st.text(min_size=1, max_size=8),
)
def test_any_altered_cell_is_found(row: int, column: str, value: str) -> None:
    """Whichever row and column, whatever the new value."""
    with tempfile.TemporaryDirectory() as home, Store(Path(home) / "o.sqlite") as store:
        filled(store, 5)
        unlocked(store)
        with store.transaction() as connection:
            connection.execute(
                f"update audit set {column} = ? where seq = ?", [value, row]
            )

        with pytest.raises(TamperedError):
            verify(store)


@pytest.mark.parametrize(
    "statement",
    [
        "delete from audit where seq = 3",
        "delete from audit where seq = 1",
        "update audit set seq = case seq when 2 then 30 when 3 then 2 else seq end",
        (
            "insert into audit select 6, at, actor, action, subject, detail, hash, hash"
            " from audit where seq = 5"
        ),
    ],
)
def test_removed_moved_and_inserted_rows_are_found(
    store: Store, statement: str
) -> None:
    """The order is part of the chain."""
    filled(store, 5)
    unlocked(store)
    with store.transaction() as connection:
        connection.execute(statement)

    with pytest.raises(TamperedError):
        verify(store)


def test_details_are_kept_as_they_were(store: Store) -> None:
    """Also in other scripts."""
    with store.transaction() as connection:
        append(
            connection, [Entry("ann", "approve", "c1", {"name": "Müller 株式会社"})], AT
        )

    (row,) = store.rows("select detail from audit")
    assert json.loads(row["detail"]) == {"name": "Müller 株式会社"}
    verify(store)
