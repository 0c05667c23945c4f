"""A system's walks go on at the same time, those of one table one after the other."""

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestion.raw.abreast import AT_ONCE, abreast, chains
from ingestion.raw.spool import Spool, Walk, values_part
from ingestion.readings import Page, Reading

NOW = datetime(2026, 10, 31, tzinfo=UTC)


def reading(name: str, *fills: str) -> Reading:
    """Return a reading that nobody fetches."""
    return Reading(name, fills or (name,), lambda _step: Page(()))


def test_walks_of_different_tables_wait_for_each_other() -> None:
    """As many as may be at once meet, which no walk could do alone."""
    many = [reading(str(number)) for number in range(AT_ONCE)]
    meeting = threading.Barrier(AT_ONCE)

    came = abreast(many, lambda one: (one.name, meeting.wait(30) >= 0), AT_ONCE)

    assert came == [(one.name, True) for one in many]


def test_no_more_walk_at_once_than_the_system_takes() -> None:
    """Whose budget is one call at a time is walked as ever."""
    under_way: list[str] = []
    most: list[int] = []

    def follow(one: Reading) -> None:
        under_way.append(one.name)
        most.append(len(under_way))
        under_way.remove(one.name)

    abreast([reading(str(number)) for number in range(20)], follow, 1)

    assert max(most) == 1


def test_a_walk_that_fails_is_told_once_all_have_ended() -> None:
    """What others bring meanwhile is kept all the same."""
    ended: list[str] = []

    def follow(one: Reading) -> None:
        if one.name == "bad":
            raise KeyboardInterrupt
        ended.append(one.name)

    with pytest.raises(KeyboardInterrupt):
        abreast([reading("bad"), reading("good"), reading("fine")], follow, 2)

    assert sorted(ended) == ["fine", "good"]


@given(st.lists(st.sets(st.sampled_from("abcdef"), min_size=1, max_size=3), max_size=7))
def test_readings_of_one_table_stay_in_their_order(tables: list[set[str]]) -> None:
    """Each reading is in one chain; none in another fills what it does."""
    readings = [
        reading(f"{number:02}", *sorted(fills)) for number, fills in enumerate(tables)
    ]

    found = chains(readings)

    names = [[one.name for one in chain] for chain in found]
    assert sorted(name for chain in names for name in chain) == [
        one.name for one in readings
    ]
    filled = [{name for one in chain for name in one.fills} for chain in found]
    assert sum(map(len, filled)) == len(set().union(*filled))
    for first in readings:
        for second in readings:
            if first.name < second.name and set(first.fills) & set(second.fills):
                assert _follows(found, first, second)


def _follows(
    found: Sequence[Sequence[Reading]], first: Reading, second: Reading
) -> bool:
    [chain] = [each for each in found if first in each]
    return chain.index(first) < chain.index(second)


def test_pages_of_many_threads_are_kept_each_as_a_whole(tmp_path: Path) -> None:
    """A page and its place are one change, whoever else keeps one."""
    names = [f"walk{number}" for number in range(AT_ONCE)]
    with Spool(tmp_path / "spool.sqlite") as spool:
        spool.begin(dict.fromkeys(names, "all"), NOW)

        def keep(name: str) -> None:
            for number in range(40):
                parts = [values_part(name, "keys", [f"{number}-{each}"]) for each in ab]
                following = None if number == 39 else number
                walk = Walk(NOW, following, None, number + 1, following is None)
                assert spool.keep(name, walk, parts)
                assert spool.walk(name) == walk

        ab = ("a", "b")
        with ThreadPoolExecutor(len(names)) as pool:
            for kept in [pool.submit(keep, name) for name in names]:
                kept.result()

        for name in names:
            held = [value for _, value in spool.values(name, "keys")]
            assert held == [f"{number}-{each}" for number in range(40) for each in ab]
