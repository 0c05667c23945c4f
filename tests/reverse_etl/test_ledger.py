"""Ledger: what it tells about changes, and that it cannot lose them."""

from datetime import timedelta

from operations.audit import verify
from reverse_etl.change import FieldChange
from reverse_etl.ledger import Count, Ledger
from reverse_etl.push import push
from reverse_etl.read_back import read_back
from tests.reverse_etl.support import (
    START,
    Clock,
    Vendor,
    accounts,
    admit,
    create,
    update,
)


def test_counts_are_by_system_object_and_state(ledger: Ledger) -> None:
    """What the dashboard shows."""
    admit(ledger, update("a1"), update("a2"), create(approval=True))

    assert ledger.counts() == [
        Count("crm", "Account", "ready", 2),
        Count("crm", "Invoice", "waiting", 1),
    ]


def test_rows_keep_all_of_a_change(ledger: Ledger, clock: Clock) -> None:
    """Nothing of the plan is lost on the way through the ledger."""
    change = update()
    admit(ledger, change)

    (planned,) = ledger.rows(("ready",), "crm")
    push(ledger, {"crm": Vendor(accounts("a1"))}, clock)
    (sent,) = ledger.rows(("acknowledged",))

    assert ledger.rows(("ready",), "erp") == []
    assert planned.change == sent.change == change
    assert (planned.attempts, planned.first_sent_at, planned.sent_at) == (0, None, None)
    assert (sent.attempts, sent.first_sent_at, sent.sent_at) == (1, START, START)


def test_every_step_has_its_row_in_the_audit_chain(
    ledger: Ledger, clock: Clock
) -> None:
    """Planned, ready, sending, acknowledged, confirmed: in this order, once each."""
    change = update()
    admit(ledger, change)
    vendor = Vendor(accounts("a1"))
    push(ledger, {"crm": vendor}, clock)
    clock.at += timedelta(minutes=1)
    read_back(ledger, {"crm": vendor}, clock)

    rows = ledger.store.rows(
        "select actor, action from audit where subject = ? order by seq",
        [change.change_id],
    )
    assert [tuple(row) for row in rows] == [
        ("concord", "planned"),
        ("concord", "ready"),
        ("push 1", "sending"),
        ("push 1", "acknowledged"),
        ("push 2", "confirmed"),
    ]
    verify(ledger.store)


def test_a_base_is_replaced_and_not_doubled(ledger: Ledger) -> None:
    """One value per field; the generation counts equal contents."""
    change = update()
    admit(ledger, change)

    assert ledger.generation(change.content_hash) == 1
    assert ledger.generation("unheard of") == 0
    assert ledger.created() == {}


def test_what_was_made_stays_known_when_it_is_changed_later(
    ledger: Ledger, clock: Clock
) -> None:
    """An update of a new record overtakes no creation, or it would be made again."""
    admit(ledger, create())
    vendor = Vendor({})
    push(ledger, {"crm": vendor}, clock)
    read_back(ledger, {"crm": vendor}, clock)
    total = FieldChange("total", "total_minor", "1200", "1300")

    admit(ledger, update("in_1", object="Invoice", fields=(total,)))

    assert ledger.created() == {("crm", "Invoice", "in_1"): "confirmed"}
