"""A walk is followed to its end, keeps every page, and notices a source that lies."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from ingestion.errors import Refused, SystemFault, Transient
from ingestion.raw.spool import Spool
from ingestion.raw.walk import walk
from ingestion.readings import Batch, Page, Reading, Step
from ingestion.streams import Stream, integer

EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
THINGS = Stream("things", "Thing", (integer("size", "size"),))
VENDOR: Any = SimpleNamespace(system="vendor", read_at=EPOCH)


@pytest.fixture
def spool(tmp_path: Path) -> Iterator[Spool]:
    """An empty spool that knows the reading `things`."""
    with Spool(tmp_path / "spool" / "vendor.sqlite") as opened:
        opened.begin({"things": "all"}, EPOCH)
        yield opened


def things(*ids: str, **fields: Any) -> Batch:
    """Return documents with these identifiers."""
    return Batch("things", [{"id": each, "size": 1, **fields} for each in ids])


def follow(spool: Spool, fetch: Any, now: Any = None) -> None:
    """Walk a reading of one stream."""
    reading = Reading("things", ("things",), fetch)
    clock = {"now": now} if now else {}
    walk(reading, {"things": THINGS}, Step(VENDOR), spool, **clock)


def ids(spool: Spool) -> list[str]:
    """Return what was kept, in order."""
    found: list[str] = spool.rows(THINGS).read_all()["id"].to_pylist()
    return found


def test_pages_are_followed_in_order_and_kept(spool: Spool) -> None:
    """Each page says where the next one is; None ends them."""
    pages = {
        None: Page([things("a")], 1),
        1: Page([things("b")], 2),
        2: Page([things("c")]),
    }

    follow(spool, lambda step: pages[step.place])

    assert ids(spool) == ["a", "b", "c"]


def test_nothing_of_a_walk_that_is_not_over_is_shown(spool: Spool) -> None:
    """A page that failed leaves no half of an object; the next try begins there."""
    asked: list[Any] = []

    def fetch(step: Step) -> Page:
        asked.append(step.place)
        if step.place == 1 and len(asked) == 2:
            raise Transient("vendor", "it is away")
        return Page([things(str(step.place))], None if step.place == 1 else 1)

    with pytest.raises(Transient, match="vendor Thing: it is away"):
        follow(spool, fetch)
    before = ids(spool)
    follow(spool, fetch)

    assert before == []
    assert asked == [None, 1, 1]
    assert ids(spool) == ["None", "1"]


def test_a_list_without_an_end_is_refused_and_forgotten(spool: Spool) -> None:
    """The same next page twice would be read until the disk is full."""
    pages = {None: Page([things("a")], 1), 1: Page([], 2), 2: Page([], 1)}

    with pytest.raises(Refused, match=r"Thing: .*announced twice.*no end"):
        follow(spool, lambda step: pages[step.place])

    assert spool.walk("things").pages == 0


def test_pages_that_go_on_for_hours_are_ended(spool: Spool) -> None:
    """A server that always has one more page does not hold the load for ever."""
    hours = iter(range(100))

    with pytest.raises(Transient, match=r"vendor Thing: .*longer than 6 hours"):
        follow(
            spool,
            lambda step: Page([], (step.place or 0) + 1),
            lambda: next(hours) * 3600.0,
        )


@pytest.mark.parametrize("told", [1, 3])
def test_a_total_that_does_not_come_true_is_a_fault(spool: Spool, told: int) -> None:
    """Fewer or more than announced: nothing of it is used, the next run reads again."""
    with pytest.raises(Transient, match=rf"announced {told} records and gave 2"):
        follow(spool, lambda _step: Page([things("a", "b")], None, told))

    assert spool.walk("things").pages == 0


def test_one_document_that_does_not_fit_is_kept_beside_the_others(
    spool: Spool,
) -> None:
    """It counts as given, so that a total still comes true."""
    page = Page([things("a", "b"), things("c", size="x")], None, 3)

    follow(spool, lambda _step: page)

    assert ids(spool) == ["a", "b"]
    [(_, letter)] = spool.values("things", "unfit")
    assert (letter["record_id"], letter["field"]) == ("c", "size")


@pytest.mark.parametrize(("good", "bad"), [(0, 2), (83, 21), (0, 500)])
def test_a_field_that_changed_its_type_ends_the_walk(
    spool: Spool, good: int, bad: int
) -> None:
    """All of several, or more than twenty and a fifth, is no mistake in a record."""
    fine = things(*(f"good{number}" for number in range(good)))
    wrong = things(*(f"bad{number}" for number in range(bad)), size="1")

    with pytest.raises(SystemFault, match=r"Thing bad\d+, field size: .*do not fit"):
        follow(spool, lambda _step: Page([fine, wrong]))


@pytest.mark.parametrize(("good", "bad"), [(0, 1), (80, 20), (1, 1), (84, 21)])
def test_few_records_that_do_not_fit_end_nothing(
    spool: Spool, good: int, bad: int
) -> None:
    """They are set aside, each with its reason."""
    fine = things(*(f"good{number}" for number in range(good)))
    wrong = things(*(f"bad{number}" for number in range(bad)), size="1")

    follow(spool, lambda _step: Page([fine, wrong]))

    assert len(ids(spool)) == good
    assert sum(1 for _ in spool.values("things", "unfit")) == bad


def test_what_asks_otherwise_or_is_old_begins_anew(tmp_path: Path) -> None:
    """Pages of another question, or of yesterday, are not taken up."""
    with Spool(tmp_path / "vendor.sqlite") as spool:
        spool.begin({"things": "all"}, EPOCH)
        for asks, hours, pages in (("all", 11, 1), ("all", 13, 0), ("some", 14, 0)):
            follow(spool, lambda _step: Page([things("a")]))
            spool.begin({"things": asks}, EPOCH + timedelta(hours=hours))
            assert spool.walk("things").pages == pages


def test_a_file_that_a_stopped_machine_left_torn_is_begun_anew(tmp_path: Path) -> None:
    """What it held is read again; it never stops a load."""
    file = tmp_path / "vendor.sqlite"
    file.write_bytes(b"SQLite format 3\x00" + b"torn" * 300)

    with Spool(file) as spool:
        spool.begin({"things": "all"}, EPOCH)
        follow(spool, lambda _step: Page([things("a")]))
        assert ids(spool) == ["a"]
