"""Push, interrupted: an outcome nobody heard is read, and one runner goes on."""

from dataclasses import replace
from datetime import timedelta

import pytest

from ingestion.errors import Unknown
from operations.exceptions import open_exceptions
from operations.lease import FencedError, Lease, LeaseHeldError, acquire, this_process
from reverse_etl.ledger import Ledger
from reverse_etl.push import LEASE_TERM, Progress, push
from reverse_etl.runner import LEASE, MAX_ATTEMPTS, Runner
from reverse_etl.steps import OutOfOrderError
from tests.reverse_etl.support import (
    START,
    Clock,
    Script,
    Vendor,
    accounts,
    admit,
    create,
    name_field,
    pushed,
    states,
    update,
)


@pytest.mark.parametrize("applies", [True, False])
def test_a_lost_answer_is_resolved_by_reading(
    ledger: Ledger, clock: Clock, *, applies: bool
) -> None:
    """After the settle window the record is read: done, or sent once more."""
    lost = Unknown("crm", "the answer was lost")
    vendor = Vendor(accounts("a1"), scripts=[Script(whole=lost, applies=applies)])
    admit(ledger, update())

    pushed(ledger, vendor, clock, settle_window=timedelta(seconds=90))

    assert clock.pauses == [90.0]
    assert len(vendor.sent) == (1 if applies else 2)
    assert states(ledger) == {"a1": "confirmed" if applies else "acknowledged"}
    assert vendor.records["Account", "a1"] == {"Name": "Acme Inc."}


def test_while_an_outcome_is_unknown_nothing_else_goes_to_the_record(
    ledger: Ledger, clock: Clock
) -> None:
    """A second change of the same record waits until the first one is read."""
    lost = Unknown("crm", "the answer was lost")
    vendor = Vendor(accounts("a1"), scripts=[Script(whole=lost)])
    vendor.records["Account", "a1"]["Email"] = "old"
    email = name_field(field="Email", theirs="old", ours="new")
    admit(ledger, update(), update(fields=(email,)))

    pushed(ledger, vendor, clock)

    assert vendor.records["Account", "a1"] == {"Name": "Acme Inc.", "Email": "new"}
    assert len(vendor.sent) == 3


def test_an_answer_lost_twice_in_a_run_waits_for_the_next_run(
    ledger: Ledger, clock: Clock
) -> None:
    """A vendor that loses every answer does not hold the run up for ever."""
    lost = Unknown("crm", "the answer was lost")
    vendor = Vendor(accounts("a1"), scripts=[Script(whole=lost)] * 9)
    admit(ledger, update())

    summary = pushed(ledger, vendor, clock)

    assert summary.counts == {"unknown": 1}
    assert len(vendor.sent) == 2


def test_what_never_gets_through_ends_as_a_dead_letter(
    ledger: Ledger, clock: Clock
) -> None:
    """Attempts are bounded; a person finds the change in the inbox."""
    lost = Unknown("crm", "the answer was lost")
    vendor = Vendor(accounts("a1"), scripts=[Script(whole=lost)] * 99)
    change = update()
    admit(ledger, change)

    for _ in range(MAX_ATTEMPTS):
        pushed(ledger, vendor, clock)
        clock.pause(3600)

    (letter,) = ledger.dead_letters()
    (opened,) = open_exceptions(ledger.store)
    assert len(vendor.sent) == MAX_ATTEMPTS
    assert letter["change_id"] == change.change_id
    assert letter["why"].startswith(f"after {MAX_ATTEMPTS} attempts")
    assert opened.broken.kind == "rejected"


def test_an_outcome_that_a_kill_left_open_is_not_read_too_early(
    ledger: Ledger, clock: Clock
) -> None:
    """The dead process's request may still be under way: the settle window first."""
    vendor = Vendor(accounts("a1"))
    admit(ledger, update())
    Runner.start(ledger.store, clock, LEASE_TERM, owner="gone/1/1").intend(
        ledger.rows(("ready",))
    )
    clock.pause(LEASE_TERM.total_seconds() + 1)
    seen: list[Progress] = []

    pushed(
        ledger,
        vendor,
        clock,
        report=seen.append,
        settle_window=LEASE_TERM + timedelta(seconds=11),
    )

    (row,) = ledger.rows(("acknowledged",))
    # Nobody knows how late the dead process still sent: the whole window from now.
    assert clock.pauses[1:] == [LEASE_TERM.total_seconds() + 11]
    assert [progress.step for progress in seen][:2] == ["resolved", "reading"]
    assert (row.attempts, row.first_sent_at) == (2, START)
    assert row.sent_at == clock()


def test_a_lost_creation_is_found_by_our_key(ledger: Ledger, clock: Clock) -> None:
    """The record that was made is adopted; a second one is never made."""
    lost = Unknown("crm", "the answer was lost")
    vendor = Vendor({}, scripts=[Script(whole=lost, applies=True)])
    admit(ledger, create())

    pushed(ledger, vendor, clock)

    (row,) = ledger.rows(("confirmed",))
    assert vendor.sent == [("key:in_1",)]
    assert row.change.record_id == "in_1"


def test_a_creation_that_was_not_carried_out_is_sent_again_under_its_key(
    ledger: Ledger, clock: Clock
) -> None:
    """Where no answer came, the key stays; where a failure came, it is a new one."""
    vendor = Vendor(
        {},
        scripts=[
            Script(whole=Unknown("crm", "no answer")),
            Script(whole=Unknown("crm", "broken", status=500)),
        ],
    )
    change = create()
    admit(ledger, change)

    pushed(ledger, vendor, clock)
    clock.pause(3600)
    pushed(ledger, vendor, clock)

    first, second, third = vendor.keys
    assert first == second == f"{change.change_id}-0"
    assert third == f"{change.change_id}-1"
    assert states(ledger) == {"key:in_1": "acknowledged"}


def test_only_one_push_runs_at_a_time(ledger: Ledger, clock: Clock) -> None:
    """A second runner is turned away while the first one lives."""
    acquire(ledger.store, LEASE, this_process(), clock(), LEASE_TERM)

    with pytest.raises(LeaseHeldError):
        pushed(ledger, Vendor({}), clock)


def test_a_runner_that_was_replaced_sends_nothing_more(
    ledger: Ledger, clock: Clock
) -> None:
    """Between reading and sending another one took over: the intent is refused."""
    vendor = Vendor(accounts("a1"))
    admit(ledger, update())

    def take_over(progress: Progress) -> None:
        if progress.step == "reading":
            clock.pause(LEASE_TERM.total_seconds() + 1)
            acquire(ledger.store, LEASE, "other/1/1", clock(), LEASE_TERM)

    with pytest.raises(FencedError):
        push(ledger, {"crm": vendor}, clock, take_over)

    assert vendor.sent == []
    assert states(ledger) == {"a1": "ready"}


def test_a_replaced_runner_writes_no_outcome(ledger: Ledger, clock: Clock) -> None:
    """Its answer comes too late: the new runner reads the record instead."""
    vendor = Vendor(accounts("a1"))
    admit(ledger, update())

    def take_over(progress: Progress) -> None:
        if progress.step == "answered":
            clock.pause(LEASE_TERM.total_seconds() + 1)
            Runner.start(ledger.store, clock, LEASE_TERM, owner="other/1/1").stop()

    with pytest.raises(FencedError):
        push(ledger, {"crm": vendor}, clock, take_over)
    assert states(ledger) == {"a1": "unknown"}

    pushed(ledger, vendor, clock)
    assert vendor.sent == [("a1",)]
    assert states(ledger) == {"a1": "confirmed"}


def test_an_error_of_our_own_leaves_an_unknown_outcome_that_is_read(
    ledger: Ledger, clock: Clock
) -> None:
    """Whatever ends a push between intent and answer, the next one reads first."""
    vendor = Vendor(accounts("a1"))
    admit(ledger, update())

    def stumble(progress: Progress) -> None:
        if progress.step == "answered":
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        push(ledger, {"crm": vendor}, clock, stumble)
    assert states(ledger) == {"a1": "sending"}

    pushed(ledger, vendor, clock)
    assert vendor.sent == [("a1",)]
    assert states(ledger) == {"a1": "confirmed"}


def test_steps_out_of_order_are_refused(ledger: Ledger, clock: Clock) -> None:
    """Nothing is acknowledged that was never sent."""
    admit(ledger, update())
    runner = Runner.start(ledger.store, clock, LEASE_TERM)

    with pytest.raises(OutOfOrderError, match="cannot become acknowledged"):
        runner.acknowledge([(ledger.rows(("ready",))[0], "a1")])


def test_the_lease_is_prolonged_by_each_step(ledger: Ledger, clock: Clock) -> None:
    """A push longer than the term stays the active one."""
    runner = Runner.start(ledger.store, clock, timedelta(seconds=10))
    clock.pause(9)
    runner.accepted("crm")
    clock.pause(9)

    with pytest.raises(LeaseHeldError):
        acquire(ledger.store, LEASE, this_process(), clock(), LEASE_TERM)
    assert replace(runner.lease, term=LEASE_TERM) == Lease(
        LEASE, this_process(), runner.lease.epoch, LEASE_TERM
    )
