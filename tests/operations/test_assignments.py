"""Assignments: one person has an item, and what rests wakes when it changes."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from operations.assignments import CannotAssignError, assign, handling, snooze
from operations.audit import verify
from operations.exceptions import Break, sync
from operations.store import Store

NOON = datetime(2026, 10, 31, 12, tzinfo=UTC)
TODAY = NOON.date()
BROKEN = Break(
    "B01:invoice:1",
    "B01",
    "Invoice 1 is not in the ERP",
    difference_minor=1200,
    currency="USD",
    detail={"left_value": "12.00"},
)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A store in which one item is open."""
    with Store(tmp_path / "operations.sqlite") as store:
        sync(store, [BROKEN], NOON)
        yield store


def test_the_second_of_two_people_is_told(store: Store) -> None:
    """Whoever takes an item that somebody took meanwhile learns who has it."""
    assign(store, BROKEN.fingerprint, "anna", "anna", NOON, seen="")

    with pytest.raises(CannotAssignError, match="anna gave B01:invoice:1 to anna"):
        assign(store, BROKEN.fingerprint, "bea", "bea", NOON, seen="")

    assert handling(store)[BROKEN.fingerprint].assignee == "anna"


def test_an_item_is_handed_over_and_back(store: Store) -> None:
    """The last word holds, and the chain keeps every one with its author."""
    for to, by, seen in (("bea", "anna", ""), ("", "bea", "bea")):
        assign(store, BROKEN.fingerprint, to, by, NOON, seen=seen)

    assert handling(store)[BROKEN.fingerprint].assignee == ""
    rows = store.rows("select actor from audit where action = 'assign' order by seq")
    assert [row["actor"] for row in rows] == ["anna", "bea"]
    verify(store)


def test_what_rests_wakes_on_its_day(store: Store) -> None:
    """An item put to rest until a day is back on that day."""
    until = TODAY + timedelta(days=3)

    snooze(store, BROKEN.fingerprint, "anna", NOON, "the bank is closed", until=until)

    said = handling(store)[BROKEN.fingerprint]
    assert said.is_resting(BROKEN, TODAY)
    assert said.is_resting(BROKEN, until - timedelta(days=1))
    assert not said.is_resting(BROKEN, until)


@pytest.mark.parametrize(
    "changed",
    [
        replace(BROKEN, difference_minor=1300),
        replace(BROKEN, currency="EUR"),
        replace(BROKEN, detail={"left_value": "13.00"}),
    ],
)
def test_what_rests_wakes_when_it_changes(store: Store, changed: Break) -> None:
    """Somebody granted rest to what was seen, not to whatever may come of it."""
    snooze(store, BROKEN.fingerprint, "anna", NOON, "known", until=date(2027, 1, 1))

    said = handling(store)[BROKEN.fingerprint]

    assert not said.is_resting(changed, TODAY)


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"fingerprint": "gone"}, "no open item gone"),
        ({"until": TODAY}, "not a day to come"),
        ({"reason": " "}, "a name and a reason"),
        ({"by": " "}, "a name and a reason"),
    ],
)
def test_no_rest_without_a_day_a_name_and_a_reason(
    store: Store, wrong: dict[str, Any], told: str
) -> None:
    """What is incomplete changes nothing and says what is missing."""
    given: dict[str, Any] = {
        "fingerprint": BROKEN.fingerprint,
        "by": "anna",
        "reason": "known",
        "until": date(2027, 1, 1),
    }

    with pytest.raises(CannotAssignError, match=told):
        snooze(store, at=NOON, **given | wrong)

    assert handling(store) == {}


def test_nobody_is_given_what_is_not_open(store: Store) -> None:
    """An item that was closed meanwhile has no one to look after it."""
    sync(store, [], NOON)

    with pytest.raises(CannotAssignError, match="any more"):
        assign(store, BROKEN.fingerprint, "anna", "anna", NOON, seen="")
