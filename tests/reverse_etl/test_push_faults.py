"""Push, when a vendor says no: a record, a call or a system fails for itself alone."""

from ingestion.errors import Conflict, Refused, Rejected, Transient, Unknown
from operations.decisions import retry
from operations.exceptions import open_exceptions
from reverse_etl.destinations import Caps
from reverse_etl.ledger import Ledger
from reverse_etl.push import push
from tests.reverse_etl.support import (
    Clock,
    Script,
    Vendor,
    accounts,
    admit,
    pushed,
    states,
    update,
)


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
