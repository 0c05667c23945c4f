"""Outcomes: a call whose answer is lost is one effect, found by reading."""

import pytest

from ingestion.errors import Transient, Unknown
from tests.reverse_etl.destinations.place import Place
from tests.reverse_etl.destinations.target import Target

LOST = ["lost_request", "lost_response", "truncated_body"]


@pytest.mark.parametrize("kind", LOST)
def test_a_call_without_an_answer_has_an_unknown_outcome(
    place: Place, target: Target, kind: str
) -> None:
    """Whether it took effect is never guessed; reading shows it."""
    [change] = place.updates(1)
    looked_at = place.outgoing(change)
    place.spoil(kind)

    fault = place.fault(looked_at)

    [field] = change.fields
    assert isinstance(fault, Unknown)
    held = place.read(change)[change.change_id].fields[target.field]
    assert held == (field.theirs if kind == "lost_request" else field.ours)


@pytest.mark.parametrize("kind", LOST)
def test_a_lost_call_ends_with_one_effect(place: Place, kind: str) -> None:
    """The engine reads, and sends again only what had no effect."""
    changes = place.updates(3)
    place.spoil_push(kind)

    states = place.push(*changes)

    assert set(states.values()) == {"confirmed"}
    for change in changes:
        record_id = str(change.record_id)
        assert place.value(record_id) == change.fields[0].ours
        assert len(place.written(record_id)) == 1


@pytest.mark.parametrize("kind", [*LOST, ""])
def test_a_lost_creation_makes_one_record(
    place: Place, target: Target, kind: str
) -> None:
    """Sent again it finds the first one, is recognised, or is looked for before."""
    if target.made is None:
        pytest.skip("not applicable: no record is made there by us")
    change = place.creation()
    if kind:
        place.spoil(kind, target.made.call)

    states = place.push(change)

    assert states == {change.change_id: "confirmed"}
    assert len(place.made()) == 1
    assert place.read(change)[change.change_id].fields == change.values


def test_a_creation_that_is_sent_twice_makes_one_record(
    place: Place, target: Target
) -> None:
    """What is declared to be harmless is harmless: an upsert, or a key."""
    if target.made is None:
        pytest.skip("not applicable: no record is made there by us")
    declared = place.destination.caps.creates[target.made.object]
    if declared in ("search", "nothing"):
        pytest.skip(f"not applicable: {declared} is what is declared")
    once = place.outgoing(place.creation())

    first = place.post(once)
    second = place.post(once)

    assert [answer.fault for answer in (*first, *second)] == [None, None]
    assert first == second
    assert len(place.made()) == 1


def test_a_system_that_cannot_be_reached_had_no_effect(
    place: Place,
) -> None:
    """Nothing was sent: it is tried again, and not called unknown."""
    [change] = place.updates(1)
    looked_at = place.outgoing(change)
    place.unplug()

    fault = place.fault(looked_at)

    assert isinstance(fault, Transient)
    assert place.value(str(change.record_id)) == change.fields[0].theirs
