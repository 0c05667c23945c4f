"""The store's and the clock's promises."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from sandbox.clock import Clock
from sandbox.store import REMOVED, Store, Write, WrongCompanyError, column

START = datetime(2026, 11, 1, 12, tzinfo=UTC)
WHO = {"actor": "api", "request_id": "r"}


def small_store(path: Path | None = None) -> Store:
    """Return a store of two customers and an organization."""
    customers = [
        {"id": "a", "created": 2, "metadata": {"x": "1"}},
        {"id": "b", "created": 1, "metadata": {}},
    ]
    organizations = [{"id": 7, "name": "A", "updated_at": "2026-01-01T00:00:00Z"}]
    return Store(
        {"stripe": {"customer": customers}, "zendesk": {"Organization": organizations}},
        Clock(START, running=False),
        path,
    )


def numbered(store: Store, given: list[int]) -> None:
    """Give a number in a transaction that fails."""
    with store.transaction():
        given.append(store.number())
        raise KeyError


def both(store: Store) -> None:
    """Change a record that is there and one that is not."""
    with store.transaction():
        store.update("stripe", "customer", "b", {"name": "undone"}, **WHO)
        store.update("stripe", "customer", "none", {}, **WHO)


def newest(store: Store, **options: object) -> list[str]:
    """Return the customers' ids, newest first; of equal ones the last added first."""
    held = store.collection("stripe", "customer")
    order = f"{column('created')} desc, place desc"
    return [each for (each,) in held.select("id", order=order, **options)]


def test_a_write_moves_the_vendors_stamp() -> None:
    """Whoever reads changes by their stamp sees every write, a person's included."""
    store = small_store()

    after = store.update("zendesk", "organization", 7, {"name": "B"}, **WHO)

    assert after == {"id": 7, "name": "B", "updated_at": "2026-11-01T12:00:00Z"}


def begun_in_vain(store: Store) -> None:
    """Add the first invoice in a transaction that fails."""
    with store.transaction():
        store.create("stripe", "invoice", {"id": "i"}, **WHO)
        raise KeyError


def test_a_collection_begun_in_a_failed_transaction_can_begin_again() -> None:
    """What the failure took back is not remembered: neither the records nor the place.

    A block within another takes back only what began within it.
    """
    store = small_store()

    with pytest.raises(KeyError):
        begun_in_vain(store)
    names = store.objects("stripe")
    with store.transaction():
        store.create("stripe", "charge", {"id": "c"}, **WHO)
        with pytest.raises(KeyError):
            begun_in_vain(store)
    store.create("stripe", "invoice", {"id": "j"}, **WHO)

    assert names == ("customer",)
    assert store.objects("stripe") == ("customer", "charge", "invoice")
    assert store.collection("stripe", "invoice").ids() == ["j"]


def test_the_journal_tells_each_field_with_its_old_value() -> None:
    """A nested key has a line of its own; stamps have none."""
    store = small_store()

    changes = {"metadata.x": REMOVED, "metadata.y.z": "2"}
    store.update("stripe", "customer", "a", changes, **WHO)
    store.update(
        "zendesk", "organization", 7, {"name": "B"}, actor="human", request_id="r2"
    )

    assert [
        (line.object, line.id, line.field, line.old, line.new, line.actor)
        for line in store.journal
    ] == [
        ("customer", "a", "metadata.x", "1", None, "api"),
        ("customer", "a", "metadata.y.z", None, "2", "api"),
        ("organization", "7", "name", "A", "B", "human"),
    ]


def test_the_journal_tells_each_field_of_what_was_created_and_deleted() -> None:
    """A new record's fields come from null, a deleted one's go there; stamps do not."""
    store = small_store()

    new = {"id": "c", "name": "C", "metadata": {"x": "1"}, "phone": None}
    store.create("stripe", "customer", new, **WHO)
    store.delete("stripe", "customer", "c", actor="human", request_id="r2")
    store.delete("zendesk", "organization", 7, **WHO)

    assert [
        (line.number, line.id, line.field, line.old, line.new, line.actor)
        for line in store.journal
    ] == [
        (1, "c", "id", None, "c", "api"),
        (1, "c", "name", None, "C", "api"),
        (1, "c", "metadata.x", None, "1", "api"),
        (2, "c", "id", "c", None, "human"),
        (2, "c", "name", "C", None, "human"),
        (2, "c", "metadata.x", "1", None, "human"),
        (3, "7", "id", 7, None, "api"),
        (3, "7", "name", "A", None, "api"),
    ]


def test_what_a_vendor_derives_is_in_the_journal_and_told_to_nobody() -> None:
    """An event is written down as the system's doing; keys and tokens are not."""
    store = small_store()
    writes: list[Write] = []
    store.observers.append(writes.append)

    store.keep("stripe", "event", {"id": "evt", "left": 1})
    store.keep("stripe", "event", {"id": "evt", "left": 0})
    store.drop("stripe", "event", "evt")
    store.keep("stripe", "_token", {"id": "secret"})
    store.drop("stripe", "_token", "secret")

    assert writes == []
    assert [(line.field, line.old, line.new, line.actor) for line in store.journal] == [
        ("id", None, "evt", "system"),
        ("left", None, 1, "system"),
        ("left", 1, 0, "system"),
        ("id", "evt", None, "system"),
        ("left", 0, None, "system"),
    ]


def test_orders_follow_writes() -> None:
    """A list is right after a creation, a change and a deletion."""
    store = small_store()
    store.collection("stripe", "customer").index("created")

    seen = [newest(store)]
    store.create("stripe", "customer", {"id": "c", "created": 2}, **WHO)
    seen.append(newest(store))
    store.update("stripe", "customer", "b", {"created": 3}, **WHO)
    seen.append(newest(store))
    store.delete("stripe", "customer", "a", **WHO)
    seen.append(newest(store))

    assert seen == [["a", "b"], ["c", "a", "b"], ["b", "c", "a"], ["b", "c"]]


def test_a_filter_finds_a_record_under_its_new_value_only() -> None:
    """Fields within fields can be asked for, and values are never read as SQL."""
    store = small_store()
    held = store.collection("stripe", "customer")
    plan = f"{column('metadata', 'x')} = ?"

    store.update("stripe", "customer", "a", {"metadata.x": "o'1\" or 1=1"}, **WHO)

    assert held.count(plan, ("1",)) == 0
    assert [each["id"] for each in held.find(plan, ("o'1\" or 1=1",))] == ["a"]
    with pytest.raises(ValueError, match="not a field"):
        column('x"')


def test_amounts_keep_their_digits() -> None:
    """A stored amount comes back with its zeros and all its digits."""
    amount = Decimal("12345678901234567.10")
    store = Store({"netsuite": {"invoice": [{"id": 1, "total": amount}]}}, Clock(START))

    assert store.collection("netsuite", "invoice").get(1) == {"id": 1, "total": amount}


def test_observers_see_before_and_after() -> None:
    """Events are made from what was there and what is there now."""
    store = small_store()
    writes: list[Write] = []
    store.observers.append(writes.append)

    store.delete("stripe", "customer", "b", **WHO)
    store.delete("stripe", "customer", "never there", **WHO)

    assert [(each.id, each.before, each.after) for each in writes] == [
        ("b", {"id": "b", "created": 1, "metadata": {}}, None)
    ]


def test_a_failed_transaction_leaves_nothing_and_tells_nobody() -> None:
    """All or none; an inner one that failed takes only its own writes back."""
    store = small_store()
    writes: list[Write] = []
    store.observers.append(writes.append)

    with store.transaction():
        store.update("stripe", "customer", "a", {"name": "kept"}, **WHO)
        with pytest.raises(KeyError):
            both(store)
        assert writes == []

    assert [each.id for each in writes] == ["a"]
    assert [(line.id, line.new) for line in store.journal] == [("a", "kept")]


def test_a_late_commit_shows_an_old_stamp_later() -> None:
    """It is stamped when it began, and readers see it only when it is over."""
    store = small_store()
    place = ("zendesk", "organization", 7)
    store.commit_late(*place, {"name": "late"}, 60, **WHO)
    store.clock.advance(59)
    before = store.collection("zendesk", "organization").get(7)
    began = store.began_at("zendesk", "organization")
    store.clock.advance(1)

    after = store.collection("zendesk", "organization").get(7)

    assert (before["name"], began) == ("A", START)
    assert after == {"id": 7, "name": "late", "updated_at": "2026-11-01T12:00:00Z"}
    assert store.began_at("zendesk", "organization") is None


def test_a_lagging_reader_sees_the_state_of_then() -> None:
    """What was created since is missing, what was deleted or changed is as it was."""
    store = small_store()
    then = START + timedelta(seconds=5)
    store.clock.advance(10)
    store.create("stripe", "customer", {"id": "c", "created": 9}, **WHO)
    store.update("stripe", "customer", "a", {"created": 0}, **WHO)
    store.update("stripe", "customer", "a", {"created": 7}, **WHO)
    store.delete("stripe", "customer", "b", **WHO)

    assert newest(store, as_of=then) == ["a", "b"]
    assert newest(store, as_of=then, where="id = ?", values=("b",)) == ["b"]
    assert newest(store, as_of=START + timedelta(seconds=10)) == ["c", "a"]


def test_a_row_is_locked_for_a_while() -> None:
    """The lock is the record's own and ends by itself."""
    store = small_store()

    store.lock("stripe", "Customer", "a", 10)

    assert store.is_locked("stripe", "customer", "a")
    assert not store.is_locked("stripe", "customer", "b")
    store.clock.advance(10)
    assert not store.is_locked("stripe", "customer", "a")


def test_a_restart_goes_on_where_the_last_process_stopped(tmp_path: Path) -> None:
    """Records, journal, long transactions and numbers outlive the process."""
    first = small_store(tmp_path / "sandbox.sqlite")
    first.remember("company", "7/400")
    first.update("stripe", "customer", "a", {"total": Decimal("1.10")}, **WHO)
    first.keep("stripe", "_job", {"id": "j1", "status": "queued"})
    first.commit_late("stripe", "customer", "b", {"name": "late"}, 60, **WHO)
    given = [first.number() for _ in range(3)]
    journal = first.journal
    first.close()

    second = Store({}, Clock(START), tmp_path / "sandbox.sqlite")
    second.clock.advance(60)

    assert second.belong_to("7/400")
    assert second.collection("stripe", "customer").get("a")["total"] == Decimal("1.10")
    assert second.collection("stripe", "customer").get("b")["name"] == "late"
    assert second.collection("stripe", "_job").count() == 1
    assert second.objects("stripe") == ("customer",)
    assert second.journal[: len(journal)] == journal
    assert second.number() > max(given)


def test_a_number_is_never_given_twice(tmp_path: Path) -> None:
    """Not even where it was given in a transaction that failed before a kill."""
    first = small_store(tmp_path / "sandbox.sqlite")
    given: list[int] = []
    with pytest.raises(KeyError):
        numbered(first, given)
    later = first.number()
    first.close()

    second = Store({}, Clock(START), tmp_path / "sandbox.sqlite")

    assert given[0] < later < second.number()


def test_another_companys_records_are_refused(tmp_path: Path) -> None:
    """Ids are made from the seed: the writes would land on strangers."""
    store = Store({}, Clock(START), tmp_path / "sandbox.sqlite")
    fresh = store.belong_to("7/400")
    store.remember("company", "7/400")

    assert not fresh
    with pytest.raises(WrongCompanyError, match="belong to the company 7/400"):
        store.belong_to("8/400")


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
