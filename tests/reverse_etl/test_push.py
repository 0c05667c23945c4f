"""Push: one effect per change, whatever the vendor or the process does in between."""

from dataclasses import replace
from datetime import timedelta

import pytest

from ingestion.errors import Conflict, Refused, Rejected, Transient, Unknown
from operations.decisions import approve, retry
from operations.exceptions import open_exceptions
from operations.lease import FencedError, Lease, LeaseHeldError, acquire, this_process
from reverse_etl.destinations import Caps
from reverse_etl.ledger import Ledger
from reverse_etl.mirror import Base
from reverse_etl.push import LEASE_TERM, Progress, PushSummary, push
from reverse_etl.read_back import read_back
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
    states,
    update,
)


def pushed(ledger: Ledger, vendor: Vendor, clock: Clock, **more: object) -> PushSummary:
    """Push to one vendor, waiting on the test's clock."""
    return push(ledger, {"crm": vendor}, clock, pause=clock.pause, **more)


def test_a_ready_change_is_sent_once_and_then_read_back(
    ledger: Ledger, clock: Clock
) -> None:
    """An update reaches the record, is acknowledged, then confirmed by reading."""
    vendor = Vendor(accounts("a1"))
    admit(ledger, update())

    summary = pushed(ledger, vendor, clock)
    again = pushed(ledger, vendor, clock)
    back = read_back(ledger, {"crm": vendor}, clock)

    assert summary.counts == {"acknowledged": 1}
    assert again == PushSummary({}, {}, {}, ())
    assert (back.confirmed, back.diverged, back.unread) == (1, 0, {})
    assert vendor.records["Account", "a1"] == {"Name": "Acme Inc."}
    assert vendor.sent == [("a1",)]
    assert states(ledger) == {"a1": "confirmed"}
    assert ledger.base("crm", "Account") == [
        Base("crm", "Account", "a1", "Name", "Acme Inc.")
    ]


def test_a_record_that_changed_after_planning_is_left_alone(
    ledger: Ledger, clock: Clock
) -> None:
    """What a colleague corrected by hand is not overwritten by an older plan."""
    vendor = Vendor(accounts("a1", "a2"))
    admit(ledger, update("a1"), update("a2"))
    vendor.records["Account", "a1"]["Name"] = "Acme Corporation"

    pushed(ledger, vendor, clock)

    assert vendor.sent == [("a2",)]
    assert states(ledger) == {"a1": "conflict", "a2": "acknowledged"}
    assert Base("crm", "Account", "a1", "Name", "Acme") in ledger.base("crm", "Account")


def test_a_conflict_keeps_the_base_that_was_known(ledger: Ledger, clock: Clock) -> None:
    """What was confirmed before stays the base of the next comparison."""
    vendor = Vendor(accounts("a1", name="Edited"))
    admit(ledger, update(fields=(name_field(base="Old", base_known=True),)))

    pushed(ledger, vendor, clock)

    assert ledger.base("crm", "Account") == [
        Base("crm", "Account", "a1", "Name", "Old")
    ]


def test_a_record_that_already_holds_the_values_is_not_written(
    ledger: Ledger, clock: Clock
) -> None:
    """Somebody else was faster: nothing is sent, and the change is confirmed."""
    vendor = Vendor(accounts("a1", name="Acme Inc."))
    admit(ledger, update())

    summary = pushed(ledger, vendor, clock)

    assert vendor.sent == []
    assert summary.counts == {"confirmed": 1}


def test_a_record_that_is_gone_is_planned_again(ledger: Ledger, clock: Clock) -> None:
    """An update of a deleted record is never sent."""
    vendor = Vendor({})
    admit(ledger, update())

    pushed(ledger, vendor, clock)

    assert vendor.sent == []
    assert states(ledger) == {"a1": "conflict"}


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


def test_an_edit_made_while_the_outcome_was_unknown_is_not_overwritten(
    ledger: Ledger, clock: Clock
) -> None:
    """Reading finds neither the old value nor ours: plan again."""
    lost = Unknown("crm", "the answer was lost")
    vendor = Vendor(accounts("a1"), scripts=[Script(whole=lost)])
    admit(ledger, update())

    def pause(seconds: float) -> None:
        clock.pause(seconds)
        vendor.records["Account", "a1"]["Name"] = "Edited"

    push(ledger, {"crm": vendor}, clock, pause=pause)

    assert len(vendor.sent) == 1
    assert states(ledger) == {"a1": "conflict"}


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


def test_a_dead_letter_can_be_retried_by_a_person(ledger: Ledger, clock: Clock) -> None:
    """After its cause is gone it is sent, and its exception is closed."""
    no = Rejected("crm", "the name is reserved")
    vendor = Vendor(accounts("a1"), bad={"a1": no})
    change = update()
    admit(ledger, change)
    pushed(ledger, vendor, clock)
    assert states(ledger) == {"a1": "rejected"}

    vendor.bad.clear()
    retry(ledger.store, [change.change_id], "ann", clock(), "the name was released")
    pushed(ledger, vendor, clock)

    assert states(ledger) == {"a1": "acknowledged"}
    assert open_exceptions(ledger.store) == []
    assert ledger.dead_letters() == []


def test_each_record_of_a_batch_has_its_own_outcome(
    ledger: Ledger, clock: Clock
) -> None:
    """Done, later, unknown, plan again and no are told apart within one call."""
    ids = ["a1", "a2", "a3", "a4", "a5"]
    vendor = Vendor(
        accounts(*ids),
        scripts=[
            Script(
                single={
                    "a2": Transient("crm", "the row is locked"),
                    "a3": Unknown("crm", "no result"),
                    "a4": Conflict("crm", "the entity is deleted"),
                    "a5": Rejected("crm", "no such picklist value"),
                }
            )
        ],
    )
    admit(ledger, *(update(record_id) for record_id in ids))

    pushed(ledger, vendor, clock)

    assert states(ledger) == {
        "a1": "acknowledged",
        "a2": "ready",
        "a3": "acknowledged",  # read after the window, proved not done, sent again
        "a4": "conflict",
        "a5": "rejected",
    }
    assert vendor.sent == [tuple(ids), ("a3",)]


def test_the_one_record_for_which_a_call_fails_is_found(
    ledger: Ledger, clock: Clock
) -> None:
    """A call refused whole is halved until the culprit stands alone."""
    ids = [f"a{number}" for number in range(8)]
    vendor = Vendor(accounts(*ids), bad={"a5": Rejected("crm", "malformed id")})
    admit(ledger, *(update(record_id) for record_id in ids))

    pushed(ledger, vendor, clock)

    assert {key for key, state in states(ledger).items() if state == "rejected"} == {
        "a5"
    }
    assert all(
        vendor.records["Account", record_id]["Name"] == "Acme Inc."
        for record_id in ids
        if record_id != "a5"
    )
    # Attempts that failed for another record's sake do not count.
    assert {row.attempts for row in ledger.rows(("acknowledged", "rejected"))} == {1}


def test_a_call_that_conflicts_for_one_record_conflicts_for_that_one(
    ledger: Ledger, clock: Clock
) -> None:
    """A Conflict of a whole call is halved like a rejection."""
    vendor = Vendor(accounts("a1", "a2"), bad={"a2": Conflict("crm", "changed since")})
    admit(ledger, update("a1"), update("a2"))

    pushed(ledger, vendor, clock)

    assert states(ledger) == {"a1": "acknowledged", "a2": "conflict"}


def test_a_record_that_cannot_be_read_does_not_stop_the_others(
    ledger: Ledger, clock: Clock
) -> None:
    """Reading is halved, too, and the unreadable record is a dead letter."""
    vendor = Vendor(accounts("a1", "a2", "a3"))
    vendor.unreadable["a2"] = Rejected("crm", "malformed id")
    admit(ledger, *(update(record_id) for record_id in ("a1", "a2", "a3")))

    pushed(ledger, vendor, clock)

    assert states(ledger) == {
        "a1": "acknowledged",
        "a2": "rejected",
        "a3": "acknowledged",
    }


def test_a_system_that_refuses_us_is_left_and_the_others_go_on(
    ledger: Ledger, clock: Clock
) -> None:
    """One expired credential stops one system, and opens one exception."""
    crm = Vendor(accounts("a1"), scripts=[Script(whole=Refused("crm", "expired"))])
    erp = Vendor(accounts("e1"), system="erp")
    admit(ledger, update("a1"), update("e1", system="erp"))

    summary = push(ledger, {"crm": crm, "erp": erp}, clock, pause=clock.pause)

    (opened,) = open_exceptions(ledger.store)
    assert states(ledger) == {"a1": "ready", "e1": "acknowledged"}
    assert list(summary.refused) == ["crm"]
    assert opened.broken.fingerprint == "refused:crm"
    assert [row.attempts for row in ledger.rows(("ready",))] == [0]

    push(ledger, {"crm": crm, "erp": erp}, clock, pause=clock.pause)

    assert states(ledger)["a1"] == "acknowledged"
    assert open_exceptions(ledger.store) == []


def test_a_refusal_of_one_record_stops_the_system_after_all_answers_are_kept(
    ledger: Ledger, clock: Clock
) -> None:
    """A missing permission is the system's matter; what was done stays done."""
    no = Refused("crm", "field Name is not writable")
    vendor = Vendor(accounts("a1", "a2"), scripts=[Script(single={"a1": no})])
    admit(ledger, update("a1"), update("a2"))

    summary = pushed(ledger, vendor, clock)

    assert states(ledger) == {"a1": "ready", "a2": "acknowledged"}
    assert list(summary.refused) == ["crm"]


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
    assert clock.pauses[1:] == [10.0]
    assert [progress.step for progress in seen][:2] == ["resolved", "reading"]
    assert (row.attempts, row.first_sent_at) == (2, START)
    assert row.sent_at == clock()


def test_a_change_turned_away_is_not_sent_again_in_a_later_pass(
    ledger: Ledger, clock: Clock
) -> None:
    """Another one's open outcome makes the run go round once more."""
    vendor = Vendor(
        accounts("a1", "a2"),
        scripts=[
            Script(whole=Transient("crm", "locked")),
            Script(whole=Unknown("crm", "lost")),
        ],
        caps=Caps(read_size=1, write_size=1),
    )
    admit(ledger, update("a1"), update("a2"))

    pushed(ledger, vendor, clock)

    assert vendor.sent == [("a1",), ("a2",), ("a2",)]


def test_a_record_that_holds_some_of_the_values_gets_the_rest(
    ledger: Ledger, clock: Clock
) -> None:
    """One field was corrected by hand as we want it; that is no conflict."""
    vendor = Vendor({("Account", "a1"): {"Name": "Acme Inc.", "Email": "old"}})
    email = name_field(field="Email", theirs="old", ours="new")
    admit(ledger, update(fields=(name_field(), email)))

    pushed(ledger, vendor, clock)

    assert vendor.records["Account", "a1"] == {"Name": "Acme Inc.", "Email": "new"}


def test_only_calls_in_a_row_give_a_system_up(ledger: Ledger, clock: Clock) -> None:
    """A call that succeeds in between starts the count anew."""
    busy = Script(whole=Transient("crm", "busy"))
    ids = [f"a{number}" for number in range(5)]
    vendor = Vendor(
        accounts(*ids),
        scripts=[busy, busy, Script(), busy, busy],
        caps=Caps(read_size=1, write_size=1),
    )
    admit(ledger, *(update(record_id) for record_id in ids))

    summary = pushed(ledger, vendor, clock)

    assert summary.away == {}
    assert clock.pauses == [1.0, 2.0, 1.0, 2.0]


def test_a_busy_system_is_asked_again_after_a_pause_and_then_given_up(
    ledger: Ledger, clock: Clock
) -> None:
    """Three calls turned away in a row end this run for the system."""
    busy = Transient("crm", "too many requests", retry_after=7.0)
    vendor = Vendor(
        accounts("a1", "a2", "a3", "a4"),
        scripts=[Script(whole=busy)] * 3,
        caps=Caps(read_size=1, write_size=1),
    )
    admit(ledger, *(update(f"a{number}") for number in range(1, 5)))

    summary = pushed(ledger, vendor, clock)

    assert clock.pauses == [7.0, 7.0]
    assert list(summary.away) == ["crm"]
    assert set(states(ledger).values()) == {"ready"}
    assert len(vendor.sent) == 3


def test_a_change_turned_away_is_left_for_the_next_run(
    ledger: Ledger, clock: Clock
) -> None:
    """The others go on after the pause; it is sent when push is called again."""
    vendor = Vendor(
        accounts("a1", "a2"),
        scripts=[Script(whole=Transient("crm", "locked"))],
        caps=Caps(read_size=1, write_size=1),
    )
    admit(ledger, update("a1"), update("a2"))

    pushed(ledger, vendor, clock)
    assert states(ledger) == {"a1": "ready", "a2": "acknowledged"}
    assert clock.pauses == [1.0]

    pushed(ledger, vendor, clock)
    assert states(ledger) == {"a1": "acknowledged", "a2": "acknowledged"}


def test_a_system_that_is_away_while_reading_sends_nothing(
    ledger: Ledger, clock: Clock
) -> None:
    """An outage is noticed before an intent is written; attempts do not count up."""
    vendor = Vendor(accounts("a1"), read_faults=[Transient("crm", "it is away")])
    admit(ledger, update())

    summary = pushed(ledger, vendor, clock)

    assert list(summary.away) == ["crm"]
    assert [row.attempts for row in ledger.rows(("ready",))] == [0]


def test_a_system_without_connection_keeps_its_changes(
    ledger: Ledger, clock: Clock
) -> None:
    """Its changes stay ready, and the summary names it."""
    admit(ledger, update())

    summary = push(ledger, {}, clock)

    assert summary.unconnected == ("crm",)
    assert states(ledger) == {"a1": "ready"}


def test_two_changes_of_one_record_never_share_a_call(
    ledger: Ledger, clock: Clock
) -> None:
    """Vendors refuse a record twice in one call; objects do not mix either."""
    vendor = Vendor({**accounts("a1", "a2"), ("Deal", "d1"): {"Name": "Acme"}})
    vendor.records["Account", "a1"]["Email"] = "old"
    email = name_field(field="Email", theirs="old", ours="new")
    admit(
        ledger,
        update("a1"),
        update("a1", fields=(email,)),
        update("d1", object="Deal"),
        update("a2"),
    )

    pushed(ledger, vendor, clock)

    assert vendor.sent == [("a1", "a2"), ("a1",), ("d1",)]
    assert set(states(ledger).values()) == {"acknowledged"}


def test_calls_are_no_larger_than_the_system_takes(
    ledger: Ledger, clock: Clock
) -> None:
    """Reads and writes are cut to the destination's caps."""
    ids = [f"a{number}" for number in range(5)]
    vendor = Vendor(accounts(*ids), caps=Caps(read_size=4, write_size=2))
    admit(ledger, *(update(record_id) for record_id in ids))

    pushed(ledger, vendor, clock)

    assert [len(batch) for batch in vendor.sent] == [2, 2, 1]


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


def test_a_record_found_under_our_key_is_not_made_again(
    ledger: Ledger, clock: Clock
) -> None:
    """Equal: confirmed. With other values: a person looks at it."""
    vendor = Vendor(
        {
            ("Invoice", "in_1"): {"total": "1200"},
            ("Invoice", "in_2"): {"total": "99"},
        }
    )
    admit(ledger, create("in_1"), create("in_2"))

    pushed(ledger, vendor, clock)

    assert vendor.sent == []
    assert states(ledger) == {"key:in_1": "confirmed", "key:in_2": "diverged"}


def test_only_the_approved_content_is_sent(ledger: Ledger, clock: Clock) -> None:
    """An approval is bound to what was shown; a changed payload goes back to wait."""
    vendor = Vendor(accounts("a1", "a2"))
    good, bad = update("a1", approval=True), update("a2", approval=True)
    admit(ledger, good, bad)
    approve(
        ledger.store, [good.change_id, bad.change_id], "ann", clock(), "checked both"
    )
    with ledger.store.transaction() as connection:
        connection.execute(
            "update changes set fields = replace(fields, 'Acme Inc.', 'Evil Inc.')"
            " where change_id = ?",
            [bad.change_id],
        )

    summary = pushed(ledger, vendor, clock)

    assert vendor.sent == [("a1",)]
    assert states(ledger) == {"a1": "acknowledged", "a2": "waiting"}
    assert summary.counts == {"acknowledged": 1, "waiting": 1}


def test_a_change_that_was_declined_meanwhile_is_not_sent(
    ledger: Ledger, clock: Clock
) -> None:
    """Intents look at the state anew, in the transaction that precedes the call."""
    admit(ledger, update("a1"), update("a2"))
    rows = ledger.rows(("ready",))
    with ledger.store.transaction() as connection:
        connection.execute("update changes set state = 'held' where target = 'a1'")
        connection.execute("delete from changes where target = 'a2'")
    runner = Runner.start(ledger.store, clock, LEASE_TERM)

    assert runner.intend(rows) == []


def test_an_intent_makes_the_base_unknown_until_it_is_read(
    ledger: Ledger, clock: Clock
) -> None:
    """A lost acknowledgement must not leave a base that may be wrong for ever."""
    admit(ledger, update(fields=(name_field(base="Acme", base_known=True),)))
    runner = Runner.start(ledger.store, clock, LEASE_TERM)

    (row,) = runner.intend(ledger.rows(("ready",)))
    unknown = ledger.base("crm", "Account")
    runner.again([row])
    restored = ledger.base("crm", "Account")

    assert unknown == [Base("crm", "Account", "a1", "Name", "Acme", is_known=False)]
    assert restored == [Base("crm", "Account", "a1", "Name", "Acme")]


def test_a_written_record_that_holds_something_else_diverged(
    ledger: Ledger, clock: Clock
) -> None:
    """A vendor's own rule changed our value: an exception, and no endless rewriting."""
    vendor = Vendor(accounts("a1", "a2"))
    admit(ledger, update("a1"), update("a2"))
    pushed(ledger, vendor, clock)
    vendor.records["Account", "a1"]["Name"] = "ACME INC."
    del vendor.records["Account", "a2"]

    back = read_back(ledger, {"crm": vendor}, clock)

    opened = {found.broken.record_key for found in open_exceptions(ledger.store)}
    assert (back.confirmed, back.diverged) == (0, 2)
    assert opened == {"crm:account:a1", "crm:account:a2"}
    assert Base("crm", "Account", "a1", "Name", "Acme Inc.") in ledger.base(
        "crm", "Account"
    )


def test_what_cannot_be_read_back_now_is_read_back_next_time(
    ledger: Ledger, clock: Clock
) -> None:
    """A system that is away leaves its changes acknowledged."""
    vendor = Vendor(accounts("a1"))
    admit(ledger, update())
    pushed(ledger, vendor, clock)
    vendor.read_faults.append(Transient("crm", "it is away"))

    first = read_back(ledger, {"crm": vendor}, clock)
    second = read_back(ledger, {"crm": vendor}, clock)

    assert list(first.unread) == ["crm"]
    assert (first.confirmed, second.confirmed) == (0, 1)


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
