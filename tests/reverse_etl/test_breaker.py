"""Breaker: a few changes go first, and where they fail the rest stays here."""

from dataclasses import dataclass
from fractions import Fraction

import pytest

from ingestion.errors import Rejected, Unknown
from operations.exceptions import open_exceptions
from reverse_etl.change import Change
from reverse_etl.ledger import Ledger
from reverse_etl.policy import Policy
from reverse_etl.push import Progress, push
from tests.reverse_etl.support import (
    Clock,
    Script,
    Vendor,
    accounts,
    admit,
    create,
    pushed,
    states,
    update,
)

POLICY = Policy(canary=4, breaker_share=Fraction(1, 4), share_floor=100)


def many(count: int) -> list[Change]:
    """Make so many updates."""
    return [update(f"a{number}") for number in range(count)]


def refusing(*targets: str) -> dict[str, Rejected]:
    """Make the refusals of these records."""
    return {target: Rejected("crm", "no such choice") for target in targets}


@dataclass
class Forgetful(Vendor):
    """A vendor that says done and keeps the old value: what a trigger there does."""

    def _apply(self, change: Change) -> object:
        if change.action == "create":
            return super()._apply(change)
        key = str(change.record_id)
        before = dict(self.records[change.object, key])
        answer = super()._apply(change)
        self.records[change.object, key] = before
        return answer


def test_the_first_few_are_read_back_before_the_others_go(
    ledger: Ledger, clock: Clock
) -> None:
    """Four are confirmed, then eight follow in one call."""
    vendor = Vendor(accounts(*(f"a{number}" for number in range(12))))
    steps: list[Progress] = []
    admit(ledger, *many(12), policy=POLICY)

    summary = pushed(ledger, vendor, clock, policy=POLICY, report=steps.append)

    assert [len(call) for call in vendor.sent] == [4, 8]
    assert [each.step for each in steps].index("looked again") < 6
    assert summary.counts == {"confirmed": 4, "acknowledged": 8}


def test_a_few_changes_are_all_canaries(ledger: Ledger, clock: Clock) -> None:
    """They go in one call, and are read back afterwards."""
    vendor = Vendor(accounts("a0", "a1", "a2", "a3"))
    admit(ledger, *many(4), policy=POLICY)

    assert pushed(ledger, vendor, clock, policy=POLICY).counts == {"acknowledged": 4}


def test_canaries_that_do_not_hold_their_values_hold_the_rest(
    ledger: Ledger, clock: Clock
) -> None:
    """Nothing else of the object is sent, and an exception says so; others flow."""
    vendor = Forgetful(accounts(*(f"a{number}" for number in range(12))))
    admit(ledger, *many(12), create(), policy=POLICY)

    summary = pushed(ledger, vendor, clock, policy=POLICY)

    broken = [each.broken for each in open_exceptions(ledger.store)]
    assert summary.counts == {"diverged": 4, "held": 8, "acknowledged": 1}
    assert [each.subject for each in broken if each.kind == "breaker"] == [
        "4 of 4 changes of Account failed in this run: 8 more were not sent."
    ]


def test_what_was_held_is_tried_again_and_the_exception_closes(
    ledger: Ledger, clock: Clock
) -> None:
    """The next run begins with canaries once more."""
    vendor = Forgetful(accounts(*(f"a{number}" for number in range(12))))
    admit(ledger, *many(12), policy=POLICY)
    pushed(ledger, vendor, clock, policy=POLICY)
    healed = Vendor(vendor.records)

    admit(ledger, policy=POLICY, plan_id="next")
    pushed(ledger, healed, clock, policy=POLICY)

    kinds = {each.broken.kind for each in open_exceptions(ledger.store)}
    assert [len(call) for call in healed.sent] == [4, 4]
    assert "breaker" not in kinds


@pytest.mark.parametrize(("bad", "held"), [(1, 0), (2, 8)])
def test_one_bad_record_holds_nobody(
    ledger: Ledger, clock: Clock, bad: int, held: int
) -> None:
    """One of four is a bad record; two are a bad mapping."""
    vendor = Vendor(accounts(*(f"a{number}" for number in range(12))))
    vendor.scripts = [Script(single=refusing(*(f"a{n}" for n in range(bad))))]
    admit(ledger, *many(12), policy=POLICY)

    summary = pushed(ledger, vendor, clock, policy=POLICY)

    assert summary.counts.get("held", 0) == held
    assert summary.counts["rejected"] == bad


def test_failures_after_the_canaries_trip_it_too(ledger: Ledger, clock: Clock) -> None:
    """Call by call: what went wrong so far decides about the next one."""
    vendor = Vendor(accounts(*(f"a{number}" for number in range(20))))
    vendor.caps = type(vendor.caps)(read_size=4, write_size=4)
    fine, wrong = Script(), Script(single=refusing(*(f"a{n}" for n in range(4, 16))))
    vendor.scripts = [fine, wrong, wrong, wrong]
    admit(ledger, *many(20), policy=POLICY)

    summary = pushed(ledger, vendor, clock, policy=POLICY)

    assert summary.counts == {"confirmed": 4, "rejected": 4, "held": 12}


def test_a_lost_answer_is_no_failure(ledger: Ledger, clock: Clock) -> None:
    """It is read, and the others go."""
    vendor = Vendor(accounts(*(f"a{number}" for number in range(12))))
    vendor.scripts = [Script(whole=Unknown("crm", "no answer"), applies=True)]
    admit(ledger, *many(12), policy=POLICY)

    summary = pushed(ledger, vendor, clock, policy=POLICY)

    assert summary.counts == {"confirmed": 4, "acknowledged": 8}


def test_a_push_of_one_plan_sends_no_other(ledger: Ledger, clock: Clock) -> None:
    """What belongs to another plan waits for its turn."""
    vendor = Vendor(accounts("a1", "a2"))
    admit(ledger, update("a1"), plan_id="one")
    admit(ledger, update("a2"), plan_id="two")

    push(ledger, {"crm": vendor}, clock, pause=clock.pause, plan_id="two")

    assert vendor.sent == [("a2",)]
    assert states(ledger) == {"a1": "ready", "a2": "acknowledged"}
