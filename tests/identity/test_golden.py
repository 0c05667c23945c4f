"""Golden ids stay with their founders: through merges, splits, deletions, rebuilds."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import md5
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from operations.audit import verify
from operations.golden import Assigned, assign, history, members, redirects
from operations.store import Store

AT = datetime(2026, 11, 1, tzinfo=UTC)
KEYS = tuple("abcdefgh")


def named(
    store: Store, *groups: str, days: int = 0, gone: Iterable[str] = ()
) -> Assigned:
    """Assign ids to groups of one-letter records, the oldest first."""
    at = AT + timedelta(days=days)
    return assign(store, "customers", [tuple(g) for g in groups], at, list(gone))


def state(store: Store) -> tuple[dict[str, str], dict[str, str]]:
    """Return whose every record is, and which id leads where."""
    return members(store, "customers"), redirects(store, "customers")


def id_of(founder: str) -> str:
    """Return the id that canonical has always made of a record's key."""
    return "C-" + md5(founder.encode(), usedforsecurity=False).hexdigest()[:12]


def test_an_id_is_that_of_the_oldest_record(store: Store) -> None:
    """The same that the canonical layer made before there was a store."""
    named(store, "ab", "c")

    assert state(store) == ({"a": id_of("a"), "b": id_of("a"), "c": id_of("c")}, {})


def test_a_merge_leaves_a_redirect_and_its_undoing_leaves_nothing(store: Store) -> None:
    """Every id, member and redirect is as it was; the audit tells of both."""
    named(store, "ab", "cde", days=0)
    before = state(store)

    merged = named(store, "abcde", days=1)

    assert merged.merged == {id_of("c"): id_of("a")}
    assert set(members(store, "customers").values()) == {id_of("a")}
    undone = named(store, "ab", "cde", days=2)
    assert state(store) == before
    assert undone.revived == [id_of("c")]
    assert undone.minted == 0
    verify(store)


def test_the_larger_part_does_not_take_the_id_with_it(store: Store) -> None:
    """A split leaves the id where its founder is; the other part has one of its own."""
    named(store, "abcd")

    named(store, "a", "bcd")

    held = members(store, "customers")
    assert (held["a"], held["b"], held["d"]) == (id_of("a"), id_of("b"), id_of("b"))


def test_an_older_record_that_comes_later_changes_no_id(store: Store) -> None:
    """What was published stays, whoever is found to be older."""
    named(store, "b")

    named(store, "ab")

    assert set(members(store, "customers").values()) == {id_of("b")}


def test_an_id_outlives_its_founder(store: Store) -> None:
    """When the oldest record is gone, the customer is still the same customer."""
    named(store, "abc")

    named(store, "bc", gone=["a"])

    assert members(store, "customers") == {"b": id_of("a"), "c": id_of("a")}
    # And the record that comes back is not given what others have by now.
    named(store, "bc", "a")
    assert members(store, "customers")["a"] not in {id_of("a"), id_of("b")}


def test_an_id_whose_founder_is_gone_leads_to_where_its_records_are(
    store: Store,
) -> None:
    """Two customers are merged in the run in which one loses its oldest record."""
    named(store, "ab", "cd")

    named(store, "bcd", gone=["a"])

    assert set(members(store, "customers").values()) == {id_of("a")}
    assert redirects(store, "customers") == {id_of("c"): id_of("a")}


def test_the_history_of_a_record_is_kept(store: Store) -> None:
    """Whose it was, from when and until when; nothing is overwritten."""
    named(store, "a", "b", days=0)
    named(store, "ab", days=1)
    named(store, "a", "b", days=2)

    spans = [
        (each.golden_id, each.valid_from, each.valid_to)
        for each in history(store, "customers", "b")
    ]

    day = timedelta(days=1)
    assert spans == [
        (id_of("b"), AT, AT + day),
        (id_of("a"), AT + day, AT + 2 * day),
        (id_of("b"), AT + 2 * day, None),
    ]


def test_a_second_run_writes_nothing(store: Store) -> None:
    """Not an id, not a span, not a row of the audit."""
    named(store, "ab", "c")
    rows = store.rows("select count(*) as n from audit")[0]["n"]

    again = named(store, "ab", "c", days=1)

    assert (again.minted, again.merged, again.revived) == (0, {}, [])
    assert store.rows("select count(*) as n from audit")[0]["n"] == rows
    assert len(history(store, "customers", "a")) == 1


@some.composite
def divided(draw: some.DrawFn) -> list[str]:
    """Draw a division of all records into groups."""
    places = draw(some.lists(some.integers(0, 4), min_size=8, max_size=8))
    groups: dict[int, str] = {}
    for key, place in zip(KEYS, places, strict=True):
        groups[place] = groups.get(place, "") + key
    return list(groups.values())


@settings(max_examples=25, deadline=None)
@given(divided(), some.lists(divided(), max_size=4))
def test_whatever_happens_in_between_is_undone(
    first: list[str], between: list[Sequence[str]]
) -> None:
    """After any merges and splits, the former groups have their former ids again."""
    with TemporaryDirectory() as folder, Store(Path(folder) / "o.sqlite") as store:
        named(store, *first)
        before = members(store, "customers")

        for day, groups in enumerate(between):
            named(store, *groups, days=day)
        named(store, *first, days=9)

        assert members(store, "customers") == before


@settings(max_examples=25, deadline=None)
@given(divided(), divided(), some.integers())
def test_order_and_parts_change_nothing(
    first: list[str], second: list[str], seed: int
) -> None:
    """Groups in any order, all at once or those that touch each other by themselves."""
    with TemporaryDirectory() as folder:
        states = []
        for way in ("sorted", "shuffled"):
            with Store(Path(folder) / f"{way}.sqlite") as store:
                for groups in (first, second):
                    given_groups = list(groups)
                    if way == "shuffled":
                        Random(seed).shuffle(given_groups)  # noqa: S311 - any order
                    named(store, *given_groups)
                states.append(state(store))

        assert states[0] == states[1]


@settings(max_examples=25, deadline=None)
@given(some.lists(divided(), min_size=1, max_size=5))
def test_a_redirect_leads_to_an_id_that_somebody_has(runs: list[list[str]]) -> None:
    """In one step: nobody has to follow a chain, nothing leads nowhere."""
    with TemporaryDirectory() as folder, Store(Path(folder) / "o.sqlite") as store:
        for day, groups in enumerate(runs):
            named(store, *groups, days=day)

        held, led = state(store)
        assert set(led.values()) <= set(held.values())
        assert not led.keys() & set(held.values())


@pytest.mark.parametrize("count", [1, 40_000])
def test_many_records_are_no_other_case(store: Store, count: int) -> None:
    """More records than one statement of SQLite takes are assigned alike."""
    groups = [f"r{at:06}" for at in range(count)]

    assign(store, "customers", [(key,) for key in groups], AT)
    again = assign(store, "customers", [(key,) for key in groups], AT)

    assert again.minted == 0
    assert len(set(members(store, "customers").values())) == count
