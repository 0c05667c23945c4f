"""Errors: each names the record, the vendor's sentence and the next step."""

import re
from dataclasses import replace
from typing import Any

import pytest

from ingestion.errors import Refused, SystemFault, Transient, Unknown
from operations.exceptions import open_exceptions
from tests.reverse_etl.destinations.codes import CODES
from tests.reverse_etl.destinations.place import Place
from tests.reverse_etl.destinations.target import Target
from tests.reverse_etl.destinations.targets import PRODUCTS, SALESFORCE

# The day's calls are not spent by it, and nobody is asked to wait.
CALM = {"Sforce-Limit-Info": "api-usage=18/100000", "Retry-After": "0"}


@pytest.mark.parametrize(
    ("status", "reaction"),
    [(401, Refused), (403, (Refused, Transient)), (429, Transient), (500, Unknown)],
)
def test_a_status_becomes_the_reaction_it_asks_for(
    place: Place, status: int, reaction: type[SystemFault]
) -> None:
    """Four words instead of each vendor's codes."""
    [change] = place.updates(1)
    looked_at = place.outgoing(change)
    place.spoil("status", status=status, headers=CALM, times=2)

    assert isinstance(place.fault(looked_at), reaction)


@pytest.mark.parametrize("body", [{"not": "this"}, [], ["nor", "that"]])
def test_a_success_of_another_form_is_no_success(
    place: Place, target: Target, body: Any
) -> None:
    """What cannot be understood is not taken for done: the engine reads."""
    if target.name in ("netsuite", "vitally"):
        pytest.skip("not applicable: its answer to an update is not looked into")
    [change] = place.updates(1)
    place.spoil_push("status", status=200, body=body)

    states = place.push(change)

    assert states == {change.change_id: "confirmed"}
    assert place.value(str(change.record_id)) == change.fields[0].ours


def test_a_change_that_is_turned_down_leaves_the_others_alone(
    place: Place, target: Target, wrong: str
) -> None:
    """It is one exception with the record and the vendor's words; the others flow."""
    bad = target.bad[wrong]
    good, other, last = place.updates(3)
    turned_down = place.bad(str(other.record_id), bad)

    states = place.push(good, turned_down, last)

    assert states == {
        good.change_id: "confirmed",
        turned_down.change_id: "rejected",
        last.change_id: "confirmed",
    }
    [row] = place.ledger.rows(("rejected",))
    assert re.search(bad.says, str(row.why)), row.why
    [found] = open_exceptions(place.ledger.store)
    assert found.broken.record_key == turned_down.record_key
    where, why, next_step = re.split(": |; ", found.broken.subject, maxsplit=2)
    assert str(other.record_id) in where
    assert why
    assert next_step


def test_a_closed_accounting_period_is_one_exception(
    place: Place, target: Target
) -> None:
    """Nothing is posted there; a person opens the period or dates the invoice anew."""
    if target.made is None or target.made.closed is None:
        pytest.skip("not applicable: we post nothing there")
    conditions, says = target.made.closed
    place.store.set_conditions({target.name: conditions})
    change = place.creation()

    states = place.push(change)

    assert states == {change.change_id: "rejected"}
    [found] = open_exceptions(place.ledger.store)
    assert says in found.broken.subject
    assert change.external_key in found.broken.subject
    assert place.made() == []


def test_a_locked_record_waits_and_the_others_flow(
    place: Place, target: Target
) -> None:
    """Somebody works on it: it is tried again or planned again, and nothing is lost."""
    if target.name == "vitally":
        pytest.skip("not applicable: no lock is documented")
    first, locked, last = place.updates(3)
    place.store.lock(target.name, target.held, str(locked.record_id), 3600)

    states = place.push(first, locked, last)

    assert states[first.change_id] == states[last.change_id] == "confirmed"
    assert states[locked.change_id] in ("ready", "conflict")
    assert place.value(str(locked.record_id)) == locked.fields[0].theirs


def test_a_revoked_permission_is_one_exception_and_loses_nothing(
    place: Place,
) -> None:
    """The system is left alone until a person let us in again; then all goes out."""
    changes = place.updates(2)
    place.spoil("status", status=401, times=9)

    states = place.push(*changes)

    assert set(states.values()) == {"ready"}
    [found] = open_exceptions(place.ledger.store)
    assert found.broken.kind == "refused"
    place.faults.plan([])
    assert set(place.push().values()) == {"confirmed"}


def test_every_documented_code_leads_to_its_reaction(
    place: Place, target: Target
) -> None:
    """Through the destination, as it comes over the wire: whole answers and rows."""
    if target in (SALESFORCE, PRODUCTS):
        pytest.skip("not applicable: the codes are tried where 200 records go at once")
    codes = CODES[target.name]
    [change] = place.updates(1)
    change = replace(change, change_id="change")
    [looked_at] = place.outgoing(change)

    found = {}
    for kind, rows in codes.rows.items():
        for status, code in rows:
            body = codes.body(status, code)
            # Twice: an expired token is renewed once.
            place.spoil("status", status=status, body=body, headers=CALM, times=2)
            once = replace(looked_at, idempotency_key=f"{status} {code}")
            fault = place.fault([once])
            if type(fault) is not kind:
                found[status, code] = fault

    assert found == {}
