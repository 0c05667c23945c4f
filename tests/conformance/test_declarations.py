"""Every system of the registry declares itself alike, and is tried by this kit."""

from collections.abc import Callable
from pathlib import Path

import pytest

from ingestion.errors import Refused
from ingestion.load import Place, load
from ingestion.readings import Known
from ingestion.streams import Stream
from ingestion.systems import SYSTEMS, System, system
from tests.conformance.account import now
from tests.conformance.source import Source
from tests.conformance.sources import ELSEWHERE, SOURCES

ALL = [pytest.param(one, id=one.name) for one in SYSTEMS]
STREAMS = [
    pytest.param(one, stream, id=f"{one.name}-{stream.name}")
    for one in SYSTEMS
    for stream in one.streams
]
FOLDER = Path(__file__).parent


def test_every_system_is_tried(
    record_property: Callable[[str, object], None],
) -> None:
    """A system without an entry is tried by nobody; who is tried elsewhere is named."""
    record_property("tried elsewhere", dict(ELSEWHERE))
    tried = [source.name for source in SOURCES]

    assert sorted([*tried, *ELSEWHERE]) == sorted(one.name for one in SYSTEMS)


def test_an_entry_knows_the_system(source: Source) -> None:
    """It names all raw tables, and leaves out no check that does not exist."""
    checks = "".join(path.read_text("utf-8") for path in FOLDER.glob("test_*.py"))

    assert source.held.keys() == {one.name for one in system(source.name).streams}
    assert all(f"def {name}(" in checks for name in source.not_applicable)
    assert all(source.not_applicable.values())


@pytest.mark.parametrize("one", ALL)
def test_a_system_declares_distinct_streams(one: System) -> None:
    """Two streams of one name would write the same table."""
    names = [stream.name for stream in one.streams]

    assert len(names) == len(set(names))
    assert one.required
    assert all(name.startswith(one.name.upper()) for name in one.required)
    assert system(one.name) is one


@pytest.mark.parametrize("one", ALL)
def test_the_walks_of_a_load_fill_every_stream(one: System) -> None:
    """Each has a name of its own, and lists no table that it does not fill."""
    readings = one.vendor.readings(Known(now()))

    names = [reading.name for reading in readings]
    filled = {name for reading in readings for name in reading.fills}
    assert len(names) == len(set(names))
    assert filled == {stream.name for stream in one.streams}
    assert all({*reading.lists} <= {*reading.fills} for reading in readings)


@pytest.mark.parametrize(("one", "stream"), STREAMS)
def test_a_stream_declares_what_every_raw_table_has(
    one: System, stream: Stream
) -> None:
    """Key, record and tombstone are there, a cursor is an instant, names are unique."""
    names = [column.name for column in stream.columns]

    assert one.schema == f"raw_{one.name}"
    assert len(names) == len(set(names))
    assert not {"id", "record", "is_deleted"} & set(names)
    assert all(name == name.lower() for name in names)
    assert next(iter(stream.kinds)) == "id"
    assert list(stream.kinds)[-2:] == ["record", "is_deleted"]
    assert stream.cursor is None or stream.kinds[stream.cursor] == "instant"


@pytest.mark.parametrize("one", ALL)
def test_a_system_that_is_not_connected_says_which_settings_it_wants(
    one: System, tmp_path: Path
) -> None:
    """Connecting names what is missing; loading leaves it out."""
    with pytest.raises(Refused, match=one.required[0]):
        one.connect({})

    assert not one.is_connected({})
    place = Place(tmp_path / "w.duckdb", tmp_path, tmp_path / "operations.sqlite")
    assert load(place, {}, only=[one.name]).loaded == ()
