"""A look tells who has something new, writes nothing, and asks for nothing twice."""

from dataclasses import replace
from typing import Any

import pytest

from ingestion.load import look
from ingestion.systems import SYSTEMS, connected
from operations.store import Store

NOWHERE = "http://127.0.0.1:9"


def test_before_the_first_load_every_system_has_news_and_none_is_asked(
    place: Any,
) -> None:
    """A first load takes as long as it takes; a look does not."""
    silent = place.environ | {"STRIPE_URL": NOWHERE}

    found = look(place.workplace, silent)

    assert set(found.systems) == {one.name for one in connected(place.environ)}
    assert found.faults == ()


@pytest.fixture
def loaded(place: Any) -> Any:
    """The same place with two systems, after their first load."""
    others = tuple(
        one.name.upper() for one in SYSTEMS if one.name not in ("stripe", "zendesk")
    )
    kept = {
        name: value
        for name, value in place.environ.items()
        if not name.startswith(others)
    }
    two = replace(place, environ=kept)
    two.load()
    return two


def test_without_news_nothing_is_written_and_all_is_accounted_for(loaded: Any) -> None:
    """The warehouse stays as it is; the control totals say that it was read."""
    before = loaded.warehouse.read_bytes()
    counted = totals(loaded)

    found = look(loaded.workplace, loaded.environ)

    assert (found.systems, found.faults) == ((), ())
    assert loaded.warehouse.read_bytes() == before
    assert totals(loaded) > counted
    assert not list((loaded.home / "spool").glob("*.sqlite"))


def test_what_is_new_waits_for_the_load_and_is_not_asked_for_again(loaded: Any) -> None:
    """The load after the look needs no vendor, and writes the one row that differs."""
    record = loaded.any_id("stripe", "customer")
    edit = {"email": "new@moved.example"}
    loaded.store.update(
        "stripe", "customer", record, edit, actor="human", request_id="1"
    )

    found = look(loaded.workplace, loaded.environ)
    again = look(loaded.workplace, loaded.environ)
    gone = replace(loaded, environ=loaded.environ | {"STRIPE_URL": NOWHERE})
    written = gone.load("stripe")

    assert found.systems == again.systems == ("stripe",)
    changed = {name: one.changed for (_, name), one in written.items() if one.changed}
    assert changed == {"customers": 1}


def test_a_system_that_does_not_answer_hides_no_other_ones_news(loaded: Any) -> None:
    """What it would have said nobody knows, and its fault says why."""
    record = loaded.any_id("zendesk", "organization")
    loaded.store.update(
        "zendesk",
        "organization",
        record,
        {"name": "Renamed Inc."},
        actor="human",
        request_id="1",
    )

    found = look(loaded.workplace, loaded.environ | {"STRIPE_URL": NOWHERE})

    assert found.systems == ("zendesk",)
    assert {fault.system for fault in found.faults} == {"stripe"}


def totals(place: Any) -> int:
    """Count the control totals that were kept."""
    with Store(place.workplace.operations) as store:
        return int(store.rows("select count(*) from control_totals")[0][0])
