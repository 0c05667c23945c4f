"""Events: kept once, done only when a load that covers them has committed."""

import os
import signal
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import permutations
from pathlib import Path

import pytest

from operations.events import KEPT, Event, Record, concerned, covered, keep
from operations.intake import Intake, IntakeFullError
from operations.store import Store

NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)
LATER = NOON + timedelta(minutes=5)


def event(number: int, system: str = "stripe", record: str | None = "in_1") -> Event:
    """Return an event about an invoice."""
    records = (Record("invoice", record),)
    return Event(system, f"evt_{number}", "invoice.paid", records)


def kept(store: Store, *events: Event, at: datetime = NOON) -> int:
    """Write events down."""
    with store.transaction() as connection:
        return keep(connection, events, at)


def pending(store: Store) -> list[str]:
    """Return the ids of the events that wait."""
    query = "select event_id from events where done_at is null order by seq"
    return [row["event_id"] for row in store.rows(query)]


@pytest.fixture
def intake(store: Store) -> Iterator[Intake]:
    """An intake on an empty store."""
    with Intake(store) as opened:
        yield opened


def test_an_event_is_kept_once_however_often_it_comes(store: Store) -> None:
    """The same id of another system is another event."""
    first = kept(store, event(1), event(1), event(1, system="chargebee"))
    again = kept(store, event(1), event(2), at=LATER)

    assert (first, again) == (2, 1)
    assert pending(store) == ["evt_1", "evt_1", "evt_2"]


def test_what_is_concerned_does_not_depend_on_the_order(tmp_path: Path) -> None:
    """Every permutation, with every event twice, asks for the same records."""
    asked = []
    events = [event(1), event(2, record="in_2"), event(3), event(4, record=None)]
    for number, order in enumerate(permutations(events)):
        with Store(tmp_path / f"{number}.sqlite") as store:
            kept(store, *order, *reversed(order))
            asked.append(concerned(store))

    (one,) = asked[0]
    assert one.records == {"invoice": frozenset({"in_1", "in_2", None})}
    assert (one.system, one.events, one.oldest_at) == ("stripe", 4, NOON)
    assert asked == [asked[0]] * 24


def test_a_load_covers_what_had_arrived_before_it_began(store: Store) -> None:
    """What arrives while it reads waits for the next; other systems are untouched."""
    kept(store, event(1), event(2, system="zendesk"))

    with covered(store, "stripe", lambda: LATER):
        kept(store, event(3))

    assert pending(store) == ["evt_2", "evt_3"]


def test_a_load_that_fails_covers_nothing(store: Store) -> None:
    """Its events are still pending for the next one."""
    kept(store, event(1))

    def fail() -> None:
        with covered(store, "stripe", lambda: LATER):
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()

    assert pending(store) == ["evt_1"]


def test_a_kill_between_load_and_mark_leaves_them_pending(tmp_path: Path) -> None:
    """The records are read once more, which changes nothing; none is forgotten."""
    path = tmp_path / "operations.sqlite"
    with Store(path) as store:
        kept(store, event(1))
    child = os.fork()
    if child == 0:
        with Store(path) as store, covered(store, "stripe", lambda: LATER):
            os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(child, 0)

    with Store(path) as store:
        assert pending(store) == ["evt_1"]


def test_done_events_are_forgotten_late_and_pending_ones_never(store: Store) -> None:
    """A duplicate is recognised for weeks; what no load covered stays for ever."""
    kept(store, event(1), event(2, system="zendesk"))
    with covered(store, "stripe", lambda: NOON):
        pass
    for at in (NOON + KEPT, NOON + KEPT + timedelta(seconds=1)):
        known = kept(store, event(1)) == 0
        with covered(store, "stripe", lambda at=at: at):  # type: ignore[misc]
            kept(store, event(3))
        assert known

    assert kept(store, event(1)) == 1
    assert "evt_2" in pending(store)


def test_a_taken_delivery_is_on_the_disk(intake: Intake, tmp_path: Path) -> None:
    """When the future says how many are new, another process reads them."""
    new = intake.put([event(1), event(2)], NOON).result(timeout=5)

    with Store(tmp_path / "operations.sqlite") as other:
        assert (new, pending(other)) == (2, ["evt_1", "evt_2"])


def test_deliveries_that_wait_are_committed_together(
    store: Store, intake: Intake
) -> None:
    """Three hundred deliveries behind one long transaction cost few commits."""
    commits = []
    with store.transaction() as connection:
        taken = [intake.put([event(number)], NOON) for number in range(300)]
        connection.set_trace_callback(
            lambda statement: commits.append(statement == "commit")
        )

    assert [one.result(timeout=5) for one in taken] == [1] * 300
    assert sum(commits) <= 3


def test_what_is_too_much_is_refused_whole(store: Store) -> None:
    """Beyond the bound nothing is taken; what was taken before still is."""
    with Intake(store, most_waiting=2) as intake, store.transaction():
        first = intake.put([event(1)], NOON)
        with pytest.raises(IntakeFullError):
            intake.put([event(2), event(3), event(4)], NOON)

    assert (first.result(timeout=5), pending(store)) == (1, ["evt_1"])
    with pytest.raises(IntakeFullError):
        intake.put([event(5)], NOON)


def test_whoever_gave_up_waiting_spoils_nothing(store: Store) -> None:
    """A request that ended before the commit leaves the others alone."""
    with Intake(store) as intake, store.transaction():
        intake.put([event(1)], NOON)
        second = intake.put([event(2)], NOON)
        third = intake.put([event(3)], NOON)
        was_waiting = second.cancel()

    assert third.result(timeout=5) == 1
    assert ("evt_2" in pending(store)) == (not was_waiting)


def test_an_error_of_the_store_reaches_every_sender(store: Store) -> None:
    """Nothing is acknowledged that is not on the disk, and the intake goes on."""
    with store.transaction() as connection:
        connection.execute("alter table events rename to away")
    with Intake(store) as intake:
        failed = intake.put([event(1)], NOON).exception(timeout=5)
        with store.transaction() as connection:
            connection.execute("alter table away rename to events")
        new = intake.put([event(1)], NOON).result(timeout=5)

    assert "no such table" in str(failed)
    assert new == 1
