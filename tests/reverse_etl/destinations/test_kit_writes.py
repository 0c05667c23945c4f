"""Writes: what is sent is there, in as few calls, and nobody's edit is trampled."""

from collections.abc import Callable
from dataclasses import replace
from math import ceil

import pytest

from ingestion.errors import Conflict
from reverse_etl.destinations import Answer, Held, Remembers
from tests.reverse_etl.destinations.place import Place
from tests.reverse_etl.destinations.target import Target

Measured = Callable[[str, object], None]


def test_what_is_sent_is_read_back(place: Place, target: Target) -> None:
    """Reading shows the old value before, and ours after, for every record."""
    changes = place.updates(3)
    before = place.read(*changes)

    answers = place.send(*changes)

    assert answers == [Answer(record_id=change.record_id) for change in changes]
    after = place.read(*changes)
    for change in changes:
        [field] = change.fields
        record_id = str(change.record_id)
        old = Held(record_id, {target.field: field.theirs})
        assert before[change.change_id] == old
        assert after[change.change_id] == Held(record_id, {target.field: field.ours})
        assert place.value(record_id) == field.ours


def test_as_many_records_as_the_vendor_takes_go_in_one_call(
    place: Place, target: Target, record_property: Measured
) -> None:
    """No more calls than the vendor's arithmetic needs."""
    changes = place.updates(40)
    looked_at = place.outgoing(*changes)
    place.calls.clear()

    answers = place.post(looked_at)

    assert all(answer.fault is None for answer in answers)
    wanted = f"{target.call.method} "
    sent = [
        call
        for call in place.calls
        if call.startswith(wanted) and target.call.path in call
    ]
    needed = ceil(len(changes) / target.per_call)
    assert len(sent) == needed * (1 + target.call.looks)
    record_property("measured", {"records": len(changes), "calls": len(place.calls)})


def test_a_record_that_is_not_there_is_left_out(place: Place, target: Target) -> None:
    """Neither an id that nobody has nor a record that was deleted is shown."""
    kept, gone = place.updates(2)
    place.delete(str(gone.record_id))
    absent = place.update(str(kept.record_id), "x")
    absent = replace(absent, record_id=target.absent, change_id="absent")

    shown = place.read(kept, gone, absent)

    assert shown.keys() == {kept.change_id}


def test_a_record_that_is_deleted_before_the_write_is_its_own_fault(
    place: Place,
) -> None:
    """It is gone when we write: a conflict or a rejection, and the others are done."""
    changes = place.updates(3)
    looked_at = place.outgoing(*changes)
    place.delete(str(changes[1].record_id))

    first, second, third = place.answers(looked_at)

    assert first.fault is None
    assert third.fault is None
    assert second.fault is not None
    assert second.fault.record_id == changes[1].record_id
    assert second.fault.object == changes[1].object


def test_an_edit_between_look_and_write_is_treated_as_declared(
    place: Place, target: Target, record_property: Measured
) -> None:
    """Under a condition the edit stays, and we are told; else the vendor lets us."""
    condition = place.destination.caps.condition(target.object)
    [change] = place.updates(1)
    looked_at = place.outgoing(change)
    place.between(str(change.record_id), "Edited by Ann")

    [answer] = place.post(looked_at)

    remembers = isinstance(place.destination, Remembers)
    told = {"condition": condition, "an overwritten edit is found": remembers}
    record_property("measured", told)
    if condition != "emulated":
        assert isinstance(answer.fault, Conflict)
        assert place.value(str(change.record_id)) == "Edited by Ann"
    else:
        assert place.value(str(change.record_id)) == change.fields[0].ours
        if isinstance(place.destination, Remembers):
            replaced = place.destination.replaced([change])
            assert replaced == {change.change_id: {target.field: "Edited by Ann"}}


def test_an_edit_before_the_last_look_is_a_conflict_where_a_condition_is_offered(
    place: Place, target: Target
) -> None:
    """A destination that looks itself compares with what the plan saw."""
    if place.destination.caps.condition(target.object) == "emulated":
        pytest.skip("not applicable: the engine looks, the destination does not")
    [change] = place.updates(1)
    looked_at = place.outgoing(change)
    place.edit(str(change.record_id), "Edited by Ann")

    [answer] = place.post(looked_at)

    assert isinstance(answer.fault, Conflict)
    assert place.value(str(change.record_id)) == "Edited by Ann"
