"""Push: what was decided is written once, and nobody's edit is trampled."""

from ingestion.errors import Transient, Unknown
from operations.decisions import approve
from operations.exceptions import open_exceptions
from reverse_etl.destinations import Caps
from reverse_etl.ledger import Ledger
from reverse_etl.mirror import Base
from reverse_etl.push import LEASE_TERM, PushSummary, push
from reverse_etl.read_back import read_back
from reverse_etl.runner import Runner
from tests.reverse_etl.support import (
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


def test_a_record_that_holds_some_of_the_values_gets_the_rest(
    ledger: Ledger, clock: Clock
) -> None:
    """One field was corrected by hand as we want it; that is no conflict."""
    vendor = Vendor({("Account", "a1"): {"Name": "Acme Inc.", "Email": "old"}})
    email = name_field(field="Email", theirs="old", ours="new")
    admit(ledger, update(fields=(name_field(), email)))

    pushed(ledger, vendor, clock)

    assert vendor.records["Account", "a1"] == {"Name": "Acme Inc.", "Email": "new"}


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
