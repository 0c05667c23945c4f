"""What a second look must see: odd answers, open creations, older plans, long waits."""

from collections.abc import Sequence
from datetime import timedelta

import pytest

from ingestion.errors import Rejected, Transient
from reverse_etl.change import Change
from reverse_etl.destinations import Held
from reverse_etl.known import place_of
from reverse_etl.ledger import Ledger, StalePlanError
from reverse_etl.push import SETTLE_WINDOW, push
from reverse_etl.read_back import read_back
from reverse_etl.runner import Runner
from tests.reverse_etl.support import (
    START,
    Clock,
    Script,
    Vendor,
    accounts,
    admit,
    create,
    plan_of,
    pushed,
    states,
    update,
)


class Odd(Vendor):
    """A vendor that answers one record's read in a shape nobody documented."""

    def read(self, changes: Sequence[Change]) -> dict[str, Held]:
        """Stumble over record a1 as a destination's own code would."""
        if any(change.target == "a1" for change in changes):
            raise KeyError("job_status")
        return super().read(changes)


def test_an_odd_answer_stops_one_record_and_no_system(
    ledger: Ledger, clock: Clock
) -> None:
    """The record goes to a person, the rest and the other systems are written."""
    odd = Odd(accounts("a1", "a2"), system="aaa")
    other = Vendor(accounts("a1"))
    admit(ledger, update("a1", system="aaa"), update("a2", system="aaa"), update("a1"))

    push(ledger, {"aaa": odd, "crm": other}, clock, pause=clock.pause)

    assert ledger.outcomes() == {
        "aaa:account:a1": "rejected",
        "aaa:account:a2": "acknowledged",
        "crm:account:a1": "acknowledged",
    }


def test_an_odd_answer_to_a_write_is_an_unknown_outcome(
    ledger: Ledger, clock: Clock
) -> None:
    """It may have been carried out: it is read, and found, before anything else."""

    class Mumbling(Vendor):
        def send(self, batch: object) -> object:  # type: ignore[override]
            super().send(batch)  # type: ignore[arg-type]
            raise KeyError("id")

    vendor = Mumbling(accounts("a1"))
    admit(ledger, update())

    pushed(ledger, vendor, clock)

    assert vendor.sent == [("a1",)]
    assert states(ledger) == {"a1": "confirmed"}


def test_a_lost_outcome_is_read_a_whole_window_after_it_was_lost(
    ledger: Ledger, clock: Clock
) -> None:
    """A long batch does not use the window up: a late effect could follow the look."""
    vendor = Vendor({})
    admit(ledger, create())
    runner = Runner.start(ledger.store, clock, timedelta(minutes=5))
    runner.intend(ledger.rows(("ready",)))
    clock.at += timedelta(minutes=30)  # the call went on, then its process was killed

    pushed(ledger, vendor, clock, term=timedelta(minutes=5))

    assert clock.pauses == [SETTLE_WINDOW.total_seconds()]


def test_a_wait_of_an_hour_is_left_to_the_next_run(
    ledger: Ledger, clock: Clock
) -> None:
    """A day's spent budget does not hold the warehouse and the lease."""
    busy = Transient("crm", "the day's calls are spent", retry_after=3600.0)
    vendor = Vendor(accounts("a1"), scripts=[Script(whole=busy)])
    admit(ledger, update())

    summary = pushed(ledger, vendor, clock)

    assert clock.pauses == []
    assert summary.away == {"crm": busy}
    assert states(ledger) == {"a1": "ready"}


def test_a_record_that_cannot_be_read_back_has_not_diverged(
    ledger: Ledger, clock: Clock
) -> None:
    """It stays acknowledged, and the system's own words are told."""
    vendor = Vendor(accounts("a1", "a2"))
    admit(ledger, update("a1"), update("a2"))
    pushed(ledger, vendor, clock)
    twice = Rejected("crm", "two records have this reference", "cancel one of them")
    vendor.unreadable["a1"] = twice

    back = read_back(ledger, {"crm": vendor}, clock)

    assert (back.confirmed, back.diverged, back.unread) == (1, 0, {"crm": twice})
    assert states(ledger) == {"a1": "acknowledged", "a2": "confirmed"}


def test_a_made_record_keeps_its_place_until_it_is_confirmed(
    ledger: Ledger, clock: Clock
) -> None:
    """A plan between push and read-back must not ask for the same record again."""
    admit(ledger, create("in_1"))
    pushed(ledger, Vendor({}), clock)

    (row,) = ledger.rows(("acknowledged",))

    assert row.change.record_id == "in_1"
    assert place_of(row) == ("crm", "Invoice", "key:in_1")


def test_an_older_plan_is_not_taken_in_after_a_newer_one(ledger: Ledger) -> None:
    """A run that is repeated from its middle carries a plan that was overtaken."""
    newer = plan_of(update("a1"), made_at=START + timedelta(minutes=1))
    ledger.record(newer, {}, START)

    with pytest.raises(StalePlanError, match="plan again"):
        ledger.record(plan_of(update("a2")), {}, START)

    assert [row.change.record_id for row in ledger.rows(("held",))] == ["a1"]
