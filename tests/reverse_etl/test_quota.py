"""Quota: of a day's calls of a system we take our share, and others find enough."""

from fractions import Fraction

from ingestion.transport.budget import Limits
from ingestion.transport.windows import Window
from reverse_etl.destinations import Caps
from reverse_etl.guard import Known, judge
from reverse_etl.ledger import Ledger
from reverse_etl.policy import Policy
from reverse_etl.quota import room
from tests.reverse_etl.support import (
    START,
    Clock,
    Vendor,
    accounts,
    admit,
    pushed,
    update,
)


def test_no_more_goes_than_the_day_s_calls_leave_room_for() -> None:
    """Approved or not: the rest is held, in the order in which it was planned."""
    changes = [update(f"a{number}") for number in range(3)]
    changes += [update(f"e{number}", system="erp") for number in range(2)]
    approved = {change.change_id for change in changes}

    found = judge(changes, Policy(), START, Known(approved=approved, room={"crm": 2}))

    holds = [found[change.change_id].hold for change in changes]
    assert holds == [None, None, "quota", None, None]


def test_what_was_sent_today_is_taken_off_the_quota(
    ledger: Ledger, clock: Clock
) -> None:
    """Two looks and a write of each, in the batches that the system takes."""
    windows = (
        Window("day", 100, 86_400.0, "invented"),
        Window("second", 9, 1.0, "invented"),
    )
    day = Limits(windows, concurrency=1, source="invented")
    caps = {"crm": Caps(4, 2), "erp": Caps(4, 2)}

    def free() -> dict[str, int]:
        return room(ledger, caps, {"crm": day}, Fraction(1, 2), clock())

    before = free()
    admit(ledger, *(update(f"a{number}") for number in range(3)))
    pushed(ledger, Vendor(accounts("a0", "a1", "a2")), clock)
    after = free()
    clock.pause(25 * 3600)

    assert (before, after, free()) == ({"crm": 50}, {"crm": 47}, {"crm": 50})
