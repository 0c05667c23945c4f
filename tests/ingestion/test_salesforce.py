"""Salesforce is read whole and in the fewest calls, from wherever a walk stopped."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from ingestion import salesforce
from ingestion.errors import Refused, Transient
from ingestion.readings import Batch, Gone, Known, Mark, Step
from ingestion.transport.auth import bearer
from ingestion.transport.rest import Rest
from sandbox.credentials import Credentials
from sandbox.salesforce.catalogue import OBJECTS
from tests.ingestion.salesforce_org import (
    AT_FIRST,
    BEFORE,
    CHANGES,
    NOW,
    SINCE,
    SMALL,
    STREAMS,
    Start,
    accounts,
    an_account,
    an_id,
    later,
    opened,
)

SURVEY = -(-2 * len(STREAMS) // 25)


@pytest.fixture
def start(keys: Credentials) -> Iterator[Start]:
    """Open organisations."""
    with opened(keys) as start:
        yield start


def test_every_column_is_a_field_that_the_vendor_describes() -> None:
    """Names are spelled as Salesforce spells them, and no field is asked for twice."""
    for stream in STREAMS.values():
        wanted = [str(column.path) for column in stream.columns]
        assert set(wanted) <= OBJECTS[stream.object].fields.keys()
        assert len(set(wanted)) == len(wanted)


def test_a_first_load_lists_everything_and_says_how_much(start: Start) -> None:
    """Pages of one stamp end where the vendor's count does; deleted ones come too."""
    org = start(Account=[*accounts(449), an_account(450, IsDeleted=True)])
    reading = org.reading("accounts", sizes=replace(SMALL, bulk=1000))

    walked = org.walk(reading)

    assert len(walked.documents["accounts"]) == walked.arrived["accounts"] == 450
    assert walked.totals == [450, None, None]
    assert walked.marks == {"accounts": NOW}
    assert reading.lists == ("accounts",)
    assert walked.documents["accounts"][an_id("001", 450)]["IsDeleted"] is True
    queries = [call for call in walked.calls if "query" in call]
    assert [call.partition("/")[0] for call in queries] == [
        "GET queryAll",
        "GET query",
        "GET query",
    ]


def test_nothing_new_costs_the_survey_only(start: Start) -> None:
    """Two questions for each object, 25 of them in one call, and no query."""
    org = start(Account=accounts(3))

    walked = org.load()

    assert walked.calls == ["POST composite"] * SURVEY
    assert walked.arrived.total() == 0
    assert walked.marks == dict.fromkeys(STREAMS, NOW)


def test_who_wants_everything_gets_it_though_nothing_changed(start: Start) -> None:
    """Silence is about the window, and no window was asked for."""
    org = start(Account=accounts(3))

    walked = org.walk(org.reading("accounts", CHANGES), since=None)

    assert walked.arrived == {"accounts": 3}


def test_one_change_costs_one_query_more(start: Start) -> None:
    """Only the object that changed is asked for, and only what changed comes."""
    org = start(Account=accounts(3))
    org.edit("Account", an_id("001", 2), Name="Corrected")

    walked = org.load()

    assert walked.calls == [*["POST composite"] * SURVEY, "GET queryAll"]
    assert walked.arrived == {"accounts": 1}
    changed = walked.documents["accounts"][an_id("001", 2)]
    assert changed["Name"] == "Corrected"


def test_a_change_of_this_very_minute_is_seen(start: Start) -> None:
    """The vendor cuts the seconds of a window off; ours ends after now."""
    org = start(Account=accounts(1))
    org.clock.advance(59.5)
    org.edit("Account", an_id("001", 1), Name="Just now")

    assert org.load().arrived == {"accounts": 1}


def test_an_open_transaction_holds_the_mark_back(start: Start) -> None:
    """What is committed later with an older stamp is in the next window."""
    org = start(Account=accounts(2))
    org.store.commit_late(
        *("salesforce", "Account", an_id("001", 1), {"Name": "Late"}),
        seconds=120,
        actor="human",
        request_id="edit",
    )
    org.clock.advance(60)
    during = org.load()
    org.clock.advance(61)
    known = Known(org.clock.now(), during.marks, CHANGES.swept)

    after = org.load(known)

    assert during.arrived == {}
    assert during.marks["accounts"] == NOW
    assert during.marks["contacts"] == NOW + timedelta(seconds=60)
    assert list(after.documents["accounts"]) == [an_id("001", 1)]


def test_queries_that_lag_behind_lose_nothing(start: Start) -> None:
    """What a query does not see yet lies after the mark, and comes with the next."""
    org = start(Account=accounts(2))
    org.conditions(query_lag_seconds=30)
    org.clock.advance(60)
    org.edit("Account", an_id("001", 1), Name="Soon")
    org.clock.advance(5)
    during = org.load()
    org.clock.advance(60)

    after = org.load(Known(org.clock.now(), during.marks, CHANGES.swept))

    assert during.arrived.total() == 0
    assert [row["Name"] for row in after.documents["accounts"].values()] == ["Soon"]


def test_a_merged_record_is_gone_and_names_its_master(start: Start) -> None:
    """The word that it is gone comes first: whatever arrives after it is there."""
    org = start(Account=accounts(2))
    loser, winner = an_id("001", 1), an_id("001", 2)
    org.edit("Account", loser, IsDeleted=True, MasterRecordId=winner)
    reading = org.reading("accounts", CHANGES)

    mark, gone, batch = reading.fetch(Step(org.rest, None, SINCE)).arrivals

    assert (mark, gone) == (Mark("accounts", NOW), Gone("accounts", (loser,)))
    assert isinstance(batch, Batch)
    assert [(row["Id"], row["MasterRecordId"]) for row in batch.documents] == [
        (loser, winner)
    ]


@pytest.mark.parametrize("most", [0, 1])
def test_more_ids_than_one_answer_lists_are_queried(start: Start, most: int) -> None:
    """EXCEEDED_ID_LIMIT says that much changed, not that nothing did."""
    org = start(Account=accounts(3))
    for number in (1, 2):
        org.edit("Account", an_id("001", number), Name="Corrected")
    org.conditions(max_changed_ids=most)

    walked = org.walk(org.reading("accounts", CHANGES), since=SINCE)

    assert walked.arrived == {"accounts": 2}
    assert walked.marks == {}


def test_a_window_that_the_vendor_does_not_remember_is_queried(start: Start) -> None:
    """Beyond 30 days only the query knows; the mark comes nevertheless."""
    old = datetime(2026, 9, 30, tzinfo=UTC)
    org = start(Account=[an_account(1, "2026-09-30T09:00:00.000+0000")])
    known = Known(NOW, dict.fromkeys(STREAMS, old), CHANGES.swept)

    walked = org.walk(org.reading("accounts", known), since=old)

    assert walked.arrived == {"accounts": 1}
    assert walked.marks == {"accounts": NOW}


def test_a_vendor_whose_clock_is_days_ahead_is_queried(start: Start) -> None:
    """A window that is covered to its end says nothing of what came after."""
    org = start(Account=accounts(1))
    org.clock.advance(3 * 86_400)
    org.edit("Account", an_id("001", 1), Name="From the future")

    walked = org.load()

    assert walked.arrived["accounts"] == 1
    assert walked.marks == {}


def test_everything_is_read_once_a_week() -> None:
    """Formula fields change without a stamp: only a sweep sees them."""
    soon = salesforce.readings(later(CHANGES, 5.9))
    due = salesforce.readings(later(CHANGES, 6.0))
    never = salesforce.readings(replace(CHANGES, swept={}))

    assert {each.lists for each in soon} == {()}
    assert [each.lists for each in due] == [(name,) for name in STREAMS]
    assert [each.lists for each in never] == [(name,) for name in STREAMS]


def test_a_sweep_reads_what_has_no_new_stamp(start: Start) -> None:
    """Whatever the load knows of earlier ones."""
    org = start(Account=accounts(3))
    known = later(CHANGES, 7)

    walked = org.walk(org.reading("accounts", known), since=SINCE)

    assert walked.arrived == {"accounts": 3}


def test_a_window_bounds_the_query_on_both_sides(start: Start) -> None:
    """A backfill takes the beginning and leaves the end, and moves no position."""
    days = [f"2026-10-0{day}T00:00:00.000+0000" for day in (1, 2, 3, 4)]
    org = start(Account=[an_account(n, stamp) for n, stamp in enumerate(days)])
    reading = org.reading("accounts", AT_FIRST)

    walked = org.walk(
        reading,
        since=datetime(2026, 10, 2, tzinfo=UTC),
        until=datetime(2026, 10, 4, tzinfo=UTC),
    )

    assert sorted(walked.documents["accounts"]) == [an_id("001", 1), an_id("001", 2)]
    assert walked.marks == {}


def test_a_walk_goes_on_in_another_process(start: Start) -> None:
    """The place alone is enough: nothing is asked twice, nothing is missed."""
    org = start(Account=accounts(450))
    sizes = replace(SMALL, bulk=1000)
    whole = org.walk(org.reading("accounts", sizes=sizes))
    place = whole.places[0]

    rest = org.walk(org.reading("accounts", sizes=sizes), place=place)

    assert rest.arrived == {"accounts": 250}
    assert [call.partition("/")[0] for call in rest.calls] == ["GET query"] * 2
    assert set(rest.documents["accounts"]) < set(whole.documents["accounts"])


@pytest.mark.parametrize("same_second", [True, False])
def test_a_query_that_was_forgotten_goes_on_after_its_last_record(
    start: Start, *, same_second: bool
) -> None:
    """By stamp and id, also where all records share a stamp; each comes once."""
    held = accounts(450)
    for number, each in enumerate(held):
        if not same_second:
            minute, second = divmod(number, 60)
            each["SystemModstamp"] = f"2026-10-01T09:{minute:02}:{second:02}.000+0000"
    org = start(Account=held)
    reading = org.reading("accounts", sizes=replace(SMALL, bulk=1000))
    first = reading.fetch(Step(org.rest))
    org.clock.advance(3 * 86_400)  # a locator lives for two days

    walked = org.walk(reading, place=first.next)

    assert walked.arrived == {"accounts": 250}
    assert set(walked.documents["accounts"]) == {
        an_id("001", number) for number in range(201, 451)
    }
    assert walked.calls.count("GET queryAll") == 1


def test_a_field_that_is_gone_ends_its_own_walk_only(start: Start) -> None:
    """The sentence names object and field; the other objects are read."""
    org = start(Account=accounts(1), Contact=[])
    removed = {"object": "Account", "field": "Website", "change": "removed"}
    org.conditions(drift=[removed])

    with pytest.raises(Refused) as caught:
        org.walk(org.reading("accounts"))

    assert (caught.value.object, caught.value.field, caught.value.code) == (
        *("Account", "Website", "INVALID_FIELD"),
    )
    assert org.walk(org.reading("contacts")).arrived.total() == 0


def test_a_place_of_another_version_is_refused(start: Start) -> None:
    """A place that nobody understands is no reason to read something else."""
    org = start(Account=[])

    with pytest.raises(Refused, match="no place of this walk"):
        org.reading("accounts").fetch(Step(org.rest, ["offset", 3]))


@pytest.mark.parametrize(
    ("answer", "kind", "said"),
    [
        ({"totalSize": 1, "done": False, "records": []}, Transient, "before its last"),
        (
            {"totalSize": 1, "done": False, "records": [], "nextRecordsUrl": "/x"},
            Transient,
            "an empty page said that there are more",
        ),
        ({"totalSize": 1, "done": True}, Refused, "otherwise than is documented"),
        ([], Refused, "otherwise than is documented"),
        (
            {
                "totalSize": 2,
                "done": False,
                "records": [{"Id": "1", "SystemModstamp": BEFORE}],
                "nextRecordsUrl": "https://elsewhere.example/x",
            },
            Refused,
            "elsewhere.example",
        ),
    ],
)
def test_an_answer_that_contradicts_itself_is_not_believed(
    answer: Any, kind: type[Exception], said: str
) -> None:
    """Whatever is announced is there, and nobody else is asked for it."""
    transport = httpx.MockTransport(lambda _: httpx.Response(200, json=answer))
    rest = Rest(
        *("salesforce", "https://concord.my.salesforce.com", bearer("t")),
        salesforce.classify,
        transport=transport,
    )
    reading = next(iter(salesforce.readings(AT_FIRST)))

    with pytest.raises(kind, match=said):
        reading.fetch(Step(rest, None, SINCE, NOW))
