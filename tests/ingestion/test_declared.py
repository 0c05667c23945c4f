"""A vendor that a file declares is walked in every way a file can say."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingestion import declared
from ingestion.errors import (
    Refused,
    SystemFault,
    Transient,
)
from ingestion.readings import Known, Step
from tests.ingestion.declared_walks import (
    CURSOR,
    WAYS,
    Document,
    Shelf,
    a_deal,
    answering,
    client_of,
    loaded,
    text_of,
    vendor_of,
    walk,
)

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
SINCE = datetime(2026, 10, 1, 8, 30, 15, 500_000, tzinfo=UTC)
CHANGES = Known(NOW, {"deals": SINCE}, {"deals": NOW - timedelta(hours=1)})


@settings(deadline=None)  # the first example imports what the others use
@given(
    way=st.sampled_from(sorted(WAYS)),
    size=st.integers(1, 9),
    number=st.integers(0, 40),
)
def test_every_record_arrives_exactly_once(way: str, size: int, number: int) -> None:
    """Whatever the way, the size of a page and the number of records."""
    page: Document = {**WAYS[way]}
    if way != "single":
        page["size"] = {"limit": size}
    shelf = Shelf([a_deal(each) for each in range(number)], way)

    walked = loaded(vendor_of(page=page), shelf, Known(NOW))

    assert walked.ids == [str(each) for each in range(number)]
    pages = 1 if way == "single" else max(-(-number // size), 1)
    assert walked.calls == pages


@pytest.mark.parametrize("way", [way for way in WAYS if way != "single"])
def test_every_page_is_asked_with_the_same_parameters(way: str) -> None:
    """A vendor that forgets its filters on the second page would give everything."""
    page = {**WAYS[way], "size": {"limit": 2}}
    shelf = Shelf([a_deal(each) for each in range(5)], way)

    loaded(vendor_of(page=page, params={"open": True}), shelf, Known(NOW))

    assert [asked["limit"] for asked in shelf.asked] == ["2", "2", "2"]
    if "link" not in way and way != "header":  # a link has what the vendor put there
        assert [asked["open"] for asked in shelf.asked] == ["true"] * 3


@pytest.mark.parametrize("way", ["cursor", "link", "single"])
def test_an_announced_number_of_records_is_told(way: str) -> None:
    """The core compares it with what arrived."""
    shelf = Shelf([a_deal(each) for each in range(3)], way)
    page = {**WAYS[way], "count": "meta.count"}

    assert loaded(vendor_of(page=page), shelf, Known(NOW)).total == 3


def test_a_walk_goes_on_in_another_process() -> None:
    """A step needs its place and nothing of the steps before."""
    shelf = Shelf([a_deal(each) for each in range(5)], "cursor")
    first, second = vendor_of(), vendor_of()
    with client_of(first, shelf) as rest:
        place = first.readings(Known(NOW))[0].fetch(Step(rest)).next

    with client_of(second, shelf) as rest:
        page = second.readings(Known(NOW))[0].fetch(Step(rest, place))

    assert [each["id"] for each in page.arrivals[0].documents] == [2, 3]  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("page", "answer", "fault", "sentence"),
    [
        (
            CURSOR,
            {"data": [], "meta": {"next": "c2"}},
            Transient,
            "gave no records and says that more follow",
        ),
        (
            WAYS["cursor with more"],
            {"data": [a_deal(1)], "meta": {"next": None, "more": True}},
            Transient,
            "says that there is more and not where",
        ),
        (CURSOR, {"data": [], "meta": {}}, Refused, "has no next where meta.next is"),
        (
            CURSOR,
            {"data": [], "meta": {"next": {"a": 1}}},
            Refused,
            "meta.next of its answer is no cursor",
        ),
        (CURSOR, {"meta": {"next": None}}, Refused, "has no data where data is"),
        (
            CURSOR,
            {"data": {"id": 1}, "meta": {"next": None}},
            Refused,
            "data is no list of records",
        ),
        (
            CURSOR,
            {"data": [1], "meta": {"next": None}},
            Refused,
            "data has something that is no record",
        ),
        (
            WAYS["pages"],
            {"data": [], "meta": {"pages": "3"}},
            Refused,
            "meta.pages of its answer is no whole number",
        ),
        (
            WAYS["offset"],
            {"data": [], "meta": {"count": 5}},
            Transient,
            "gave no records and says that more follow",
        ),
        (
            WAYS["offset with more"],
            {"data": [], "meta": {"more": "no"}},
            Refused,
            "meta.more of its answer is no yes or no",
        ),
        (
            WAYS["link"],
            {"data": [a_deal(1)], "meta": {"next": "https://evil.test/deals"}},
            Refused,
            "leads to evil.test",
        ),
        (
            {"kind": "single", "size": {"limit": 2}},
            {"data": [a_deal(1), a_deal(2)]},
            Refused,
            "as many as it can have, so that others may be missing",
        ),
    ],
)
def test_an_answer_that_contradicts_itself_is_a_fault(
    page: Document, answer: Document, fault: type[SystemFault], sentence: str
) -> None:
    """A list that only seems to be over would lose records, or bury them."""
    with pytest.raises(fault, match=sentence) as raised:
        loaded(vendor_of(page=page), answering(answer), Known(NOW))

    assert raised.value.system == "pipedrift"


def test_empty_pages_are_followed_where_the_vendor_documents_them() -> None:
    """Some vendors filter a page after they have cut it."""
    empty = {"data": [], "meta": {"next": "c2"}}
    full = {"data": [a_deal(1)], "meta": {"next": None}}
    vendor = vendor_of(page={**CURSOR, "may_be_empty": True})

    assert loaded(vendor, answering(empty, full), Known(NOW)).ids == ["1"]


@pytest.mark.parametrize(
    ("written", "since", "until"),
    [
        ("iso", "2026-10-01T08:30:15Z", "2026-10-05T00:00:01Z"),
        ("epoch", "1790843415", "1791158401"),
        ("milliseconds", "1790843415000", "1791158401000"),
        ("day", "2026-10-01", "2026-10-06"),
    ],
)
def test_changes_are_asked_between_two_moments(
    written: str, since: str, until: str
) -> None:
    """What a format cannot say is read once more, never left out."""
    shelf = Shelf([a_deal(each) for each in range(3)], "cursor")
    changes = {
        "cursor": "updated_at",
        "since": "updated_after",
        "until": "updated_before",
        "format": written,
        "params": {"sort": "id"},
    }
    vendor = vendor_of(changes=changes)
    [reading] = vendor.readings(CHANGES)

    with client_of(vendor, shelf) as rest:
        walk(vendor, rest, reading, SINCE, datetime(2026, 10, 5, tzinfo=UTC))

    assert reading.lists == ()
    for asked in shelf.asked:
        assert asked["updated_after"] == since
        assert asked["updated_before"] == until
        assert asked["sort"] == "id"


def test_everything_is_listed_at_first_and_when_a_sweep_is_due() -> None:
    """In between only changes are asked for."""
    vendor = vendor_of(
        sweep="7d", changes={"cursor": "updated_at", "since": "updated_after"}
    )
    week = timedelta(days=7)

    def lists(known: Known) -> tuple[str, ...]:
        return vendor.readings(known)[0].lists

    assert lists(Known(NOW)) == ("deals",)
    assert lists(Known(NOW, {"deals": SINCE})) == ("deals",)
    assert lists(Known(NOW, {"deals": SINCE}, {"deals": NOW - week})) == ("deals",)
    almost = NOW - week + timedelta(seconds=1)
    assert lists(Known(NOW, {"deals": SINCE}, {"deals": almost})) == ()


def test_a_list_that_does_not_show_all_is_never_swept() -> None:
    """Nothing is taken for deleted because such a list lacks it."""
    vendor = vendor_of(
        sweep="never", changes={"cursor": "updated_at", "since": "updated_after"}
    )

    first, later = vendor.readings(Known(NOW)), vendor.readings(CHANGES)

    assert (first[0].name, first[0].lists) == ("deals", ())
    assert (later[0].name, later[0].lists) == ("deals changed", ())


def stopping(**changed: Any) -> declared.DeclaredVendor:
    """Return a vendor whose latest changes come first."""
    changes = {"cursor": "updated_at", "stops_at": "cursor"}
    return vendor_of(changes=changes, **changed)


def test_the_latest_changes_are_read_down_to_the_position() -> None:
    """Where nothing changed this takes one call, however many records there are."""
    stamps = [f"2026-10-{day:02}T00:00:00Z" for day in range(30, 0, -1)]
    shelf = Shelf([a_deal(each, at) for each, at in enumerate(stamps)], "cursor")
    known = Known(NOW, {"deals": datetime(2026, 10, 27, tzinfo=UTC)}, CHANGES.swept)

    walked = loaded(stopping(), shelf, known)
    unchanged = loaded(stopping(), shelf, Known(NOW, {"deals": NOW}, CHANGES.swept))

    # The record of the position itself counts: others of that moment may follow.
    assert walked.ids == ["0", "1", "2", "3", "4", "5"]
    assert walked.calls == 3
    assert unchanged.calls == 1


@settings(deadline=None)  # the first example imports what the others use
@given(
    days=st.lists(st.integers(1, 28), max_size=25),
    position=st.integers(1, 28),
    size=st.integers(1, 9),
)
def test_every_change_since_the_position_arrives_exactly_once(
    days: list[int], position: int, size: int
) -> None:
    """Whatever stands between two pages, equal stamps too."""
    ordered = sorted(days, reverse=True)
    deals = [
        a_deal(each, f"2026-10-{day:02}T00:00:00Z") for each, day in enumerate(ordered)
    ]
    since = datetime(2026, 10, position, tzinfo=UTC)
    vendor = stopping(page={**CURSOR, "size": {"limit": size}})

    walked = loaded(
        vendor, Shelf(deals, "cursor"), Known(NOW, {"deals": since}, CHANGES.swept)
    )

    changed = [str(each) for each, day in enumerate(ordered) if day >= position]
    assert walked.ids[: len(changed)] == changed
    assert len(walked.ids) == len(set(walked.ids)) <= len(changed) + size
    assert walked.calls <= len(changed) // size + 1


def test_a_list_in_another_order_than_declared_is_a_fault() -> None:
    """To stop at its first old record would miss what changed since."""
    mixed = [a_deal(1, "2026-09-01T00:00:00Z"), a_deal(2, "2026-10-31T00:00:00Z")]
    answer = {"data": mixed, "meta": {"next": None}}

    with pytest.raises(Refused, match="does not have the latest updated_at first"):
        loaded(stopping(), answering(answer), CHANGES)


def test_a_stamp_that_cannot_be_read_ends_no_walk() -> None:
    """That record is quarantined; those behind it arrive."""
    first = [{**a_deal(1), "updated_at": "soon"}, {"id": 2, "name": "Deal 2"}]
    pages = (
        {"data": first, "meta": {"next": "c2"}},
        {"data": [a_deal(3)], "meta": {"next": None}},
    )

    walked = loaded(stopping(), answering(*pages), CHANGES)

    assert walked.ids == ["3"]
    assert [each["id"] for each in walked.unfit] == [1, 2]


def test_files_of_a_folder_are_found_by_themselves(tmp_path: Path) -> None:
    """Sorted by name; a file of another kind is none of them."""
    for name in ("zeta", "alpha"):
        text = text_of().replace("vendor: pipedrift", f"vendor: {name}")
        (tmp_path / f"{name}.yml").write_text(text, encoding="utf-8")
    (tmp_path / "notes.txt").write_text("nothing", encoding="utf-8")

    assert [each.name for each in declared.vendors(tmp_path)] == ["alpha", "zeta"]
