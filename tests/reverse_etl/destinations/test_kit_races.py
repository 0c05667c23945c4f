"""Races: whenever a colleague edits a record, the edit stays or a person hears of it.

The sandbox's journal is the judge: it knows who wrote what over whose value, while the
engine knows only what it read.
"""

from collections.abc import Callable, Sequence

from operations.exceptions import open_exceptions
from reverse_etl.change import Change, canonical
from reverse_etl.destinations import Remembers
from tests.reverse_etl.destinations.place import Place
from tests.reverse_etl.destinations.target import Target

Measured = Callable[[str, object], None]
RECORDS = 6


def test_no_edit_is_lost_unseen(
    place: Place, target: Target, record_property: Measured
) -> None:
    """Before our look or between look and write, and also if the record is deleted.

    Where the vendor compares while it writes, none is written over at all.
    """
    changes = place.updates(RECORDS)
    early, late, lost, *others = changes
    place.delete(str(lost.record_id))
    place.edit(str(early.record_id), "Early")
    place.between(str(late.record_id), "Late")

    states = place.push(*changes)

    overwritten = _overwritten(place, changes)
    broken = [found.broken for found in open_exceptions(place.ledger.store)]
    told = {
        (each.detail["record_id"], each.detail["theirs"])
        for each in broken
        if each.kind == "user_edit"
    }
    gone = [each.record_key for each in broken if each.kind == "gone"]
    condition = place.destination.caps.condition(target.object)
    remembers = isinstance(place.destination, Remembers)
    record_property("measured", {"overwritten": len(overwritten), "told": len(told)})
    assert states[early.change_id] == states[lost.change_id] == "conflict"
    assert gone == [lost.record_key]
    assert (early.record_id, "Early") not in overwritten
    if condition != "emulated":
        assert overwritten == set()
        assert states[late.change_id] == "conflict"
    else:
        assert overwritten == {(late.record_id, "Late")}
        assert told == (overwritten if remembers else set())
    assert {states[each.change_id] for each in others} == {"confirmed"}


def _overwritten(
    place: Place, changes: Sequence[Change]
) -> set[tuple[str | None, str | None]]:
    """Return the records, with the text, in which we wrote over a colleague's text."""
    target = place.target
    ids = {str(change.record_id) for change in changes}
    typed: dict[str, str | None] = {}
    found: set[tuple[str | None, str | None]] = set()
    for line in place.store.journal:
        known = line.object.lower() == target.held.lower() and line.id in ids
        if not known or line.field not in (
            target.column,
            target.column.partition(".")[0],
        ):
            continue
        if line.actor == "human":
            typed[line.id] = _text(line.new, target.column, line.field)
        elif line.id in typed:
            found.add((line.id, typed.pop(line.id)))
    return found


def _text(value: object, column: str, field: str) -> str | None:
    """Return a field's text, which may stand within the field that was written."""
    for part in column.removeprefix(field).split("."):
        if part and isinstance(value, dict):
            value = value.get(part)
    return canonical(value)
