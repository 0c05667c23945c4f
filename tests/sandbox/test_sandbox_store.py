"""The store's and the clock's promises."""

from datetime import UTC, datetime

import pytest

from sandbox.clock import Clock
from sandbox.store import REMOVED, Store, Write

START = datetime(2026, 11, 1, 12, tzinfo=UTC)


def small_store() -> Store:
    """Return a store of two records."""
    customers = [
        {"id": "a", "created": 2, "metadata": {"x": "1"}},
        {"id": "b", "created": 1, "metadata": {}},
    ]
    organizations = [{"id": 7, "name": "A", "updated_at": "2026-01-01T00:00:00Z"}]
    return Store(
        {"stripe": {"customer": customers}, "zendesk": {"Organization": organizations}},
        Clock(START, running=False),
    )


def test_a_write_moves_the_vendors_stamp() -> None:
    """Whoever reads changes by their stamp sees every write, a person's included."""
    store = small_store()

    after = store.update(
        "zendesk", "organization", "7", {"name": "B"}, actor="human", request_id="r"
    )

    assert after == {"id": 7, "name": "B", "updated_at": "2026-11-01T12:00:00Z"}


def test_the_journal_tells_each_field_with_its_old_value() -> None:
    """A nested key has a line of its own; stamps have none."""
    store = small_store()

    store.update(
        "stripe",
        "customer",
        "a",
        {"metadata.x": REMOVED, "metadata.y": "2"},
        actor="api",
        request_id="r1",
    )
    store.update(
        "zendesk", "organization", "7", {"name": "B"}, actor="human", request_id="r2"
    )

    assert [
        (line.object, line.id, line.field, line.old, line.new, line.actor)
        for line in store.journal
    ] == [
        ("customer", "a", "metadata.x", "1", None, "api"),
        ("customer", "a", "metadata.y", None, "2", "api"),
        ("organization", "7", "name", "A", "B", "human"),
    ]


def test_a_reader_keeps_what_it_has_read() -> None:
    """A write makes a new document; the old one does not change under a reader."""
    store = small_store()
    read = store.collection("stripe", "customer").get("a")

    store.update(
        "stripe", "customer", "a", {"metadata.x": "9"}, actor="api", request_id="r"
    )

    assert read == {"id": "a", "created": 2, "metadata": {"x": "1"}}


def test_orders_follow_writes() -> None:
    """A kept order is kept right: after a creation, a change and a deletion."""
    store = small_store()
    held = store.collection("stripe", "customer")

    def newest() -> list[str]:
        return held.order("newest", lambda document: -document["created"]).ids

    seen = [newest()]
    store.create(
        "stripe", "customer", {"id": "c", "created": 2}, actor="api", request_id="r"
    )
    seen.append(newest())
    store.update("stripe", "customer", "b", {"created": 3}, actor="api", request_id="r")
    seen.append(newest())
    store.delete("stripe", "customer", "a", actor="api", request_id="r")
    seen.append(newest())

    assert seen == [["a", "b"], ["c", "a", "b"], ["b", "c", "a"], ["b", "c"]]


def test_an_index_follows_writes() -> None:
    """A record is found under its new value only."""
    store = small_store()
    held = store.collection("stripe", "customer")
    before = held.having("created", 2)

    store.update("stripe", "customer", "a", {"created": 5}, actor="api", request_id="r")

    assert (before, held.having("created", 2), held.having("created", 5)) == (
        ["a"],
        [],
        ["a"],
    )


def test_observers_see_before_and_after() -> None:
    """Events are made from what was there and what is there now."""
    store = small_store()
    writes: list[Write] = []
    store.observers.append(writes.append)

    store.delete("stripe", "customer", "b", actor="api", request_id="r")

    assert [(each.id, each.before, each.after) for each in writes] == [
        ("b", {"id": "b", "created": 1, "metadata": {}}, None)
    ]


def test_a_clock_goes_forward_only() -> None:
    """Stamps never run backwards."""
    clock = Clock(START, running=False)

    clock.advance(90)

    assert clock.now() == datetime(2026, 11, 1, 12, 1, 30, tzinfo=UTC)
    with pytest.raises(ValueError, match="backwards"):
        clock.advance(-1)


def test_a_running_clock_keeps_the_walls_pace() -> None:
    """A started clock goes on by itself."""
    clock = Clock(START)

    assert START <= clock.now() <= clock.now()
