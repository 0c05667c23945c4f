"""HubSpot is read whole, in the fewest calls, from any place where a walk stopped."""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

import pytest

from ingestion import hubspot
from ingestion.raw.typed import typed
from ingestion.readings import Batch, Known, Step
from sandbox.credentials import Credentials
from sandbox.hubspot import search
from tests.ingestion.hubspot_account import (
    AT_FIRST,
    BEFORE,
    CHANGES,
    SINCE,
    START,
    STREAMS,
    THAT_MOMENT,
    Start,
    Walked,
    a_record,
    an_id,
    contacts,
    opened,
    reading,
)


@pytest.fixture
def start(keys: Credentials) -> Iterator[Start]:
    """Open accounts."""
    with opened(keys) as start:
        yield start


def test_a_first_load_brings_every_record_in_the_fewest_calls(start: Start) -> None:
    """Three pages of 250 contacts, one batch of associations, one page archived."""
    account = start(contacts=contacts(250))

    walked = account.walk(reading("contacts", AT_FIRST), since=None)

    assert sorted(walked.documents["contacts"]) == [an_id(n) for n in range(250)]
    assert walked.arrived["contacts"] == 250
    assert walked.calls == 3 + 1 + 1
    assert walked.lists == {"contacts", "contacts_companies"}


def test_associations_of_a_thousand_records_take_one_call(start: Start) -> None:
    """2,050 contacts: 21 pages, three batches of associations, one page archived."""
    account = start(contacts=contacts(2050))

    walked = account.walk(reading("contacts", AT_FIRST), since=None)

    assert walked.arrived["contacts"] == 2050
    assert walked.calls == 21 + 3 + 1


def test_a_load_without_changes_asks_once_for_each_object(start: Start) -> None:
    """Six searches and the owners."""
    account = start(contacts=contacts(250, BEFORE))

    walked = account.load(CHANGES)

    assert walked.arrived == Counter()
    assert walked.calls == 7


def test_a_search_finds_what_changed_from_a_moment_on(start: Start) -> None:
    """The bound is inclusive, to the millisecond; what is older stays where it is."""
    old, new = contacts(3, BEFORE), contacts(5)[3:]
    account = start(contacts=old + new)

    walked = account.walk(reading("contacts", CHANGES))

    assert sorted(walked.documents["contacts"]) == [an_id(3), an_id(4)]
    assert walked.parents == {"contacts_companies": [an_id(3), an_id(4)]}


def test_a_window_is_bounded_on_both_sides(start: Start) -> None:
    """A backfill asks for no change beyond its end."""
    late = a_record("contacts", 9, "2026-10-02T00:00:00.001Z")
    account = start(contacts=[*contacts(2), late])
    until = SINCE + timedelta(days=1)

    step = Step(account.rest, None, SINCE, until)
    page = reading("contacts", CHANGES).fetch(step)

    walked = Walked()
    walked.take(page)
    assert sorted(walked.documents["contacts"]) == [an_id(0), an_id(1)]


def test_one_millisecond_may_hold_more_than_any_search_shows(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No page begins beyond the cap, so records of one stamp all arrive, each once."""
    monkeypatch.setattr(search, "CAP", 400)
    account = start(contacts=contacts(1050))
    path = "/crm/objects/{version}/contacts/search"
    beyond = account.post(path, {"limit": 200, "after": 400})

    walked = account.walk(reading("contacts", CHANGES))

    assert beyond.status_code == 400
    assert walked.arrived["contacts"] == len(walked.documents["contacts"]) == 1050
    # Six searches, and one call for the associations of up to a thousand.
    assert walked.calls == 6 + 2


def test_ten_thousand_and_more_changes_arrive_in_one_load(start: Start) -> None:
    """The account's own cap is 10,000 results of one search."""
    held = [a_record("companies", number, THAT_MOMENT) for number in range(10_250)]
    account = start(companies=held)

    walked = account.walk(reading("companies", CHANGES))

    assert walked.arrived["companies"] == len(walked.documents["companies"]) == 10_250
    assert walked.calls == 52


def test_a_record_that_changes_during_the_walk_hides_no_other(start: Start) -> None:
    """A change moves a record in time, not in the order of ids."""
    account = start(contacts=contacts(1500))
    walk = reading("contacts", CHANGES)
    walked = Walked()
    first = walk.fetch(Step(account.rest, None, SINCE))
    walked.take(first)
    assert first.next is not None

    for number in range(100):
        account.store.update(
            "hubspot",
            "contacts",
            an_id(number),
            {"properties.lastmodifieddate": "2026-10-30T00:00:00.000Z"},
            actor="human",
            request_id="edit",
        )
    place = first.next
    while place is not None:
        page = walk.fetch(Step(account.rest, place, SINCE))
        walked.take(page)
        place = page.next

    assert sorted(walked.documents["contacts"]) == [an_id(n) for n in range(1500)]


def test_an_archived_record_arrives_as_deleted_with_the_daily_list(
    start: Start,
) -> None:
    """A search does not show it; the list of what is archived does, with its day."""
    account = start(contacts=contacts(3))
    account.direct.delete(f"/crm/objects/2026-09/contacts/{an_id(1)}")
    a_day_ago = dict.fromkeys(STREAMS, START - timedelta(days=1))
    due = Known(START, CHANGES.since, a_day_ago)

    changes = account.walk(reading("contacts", CHANGES))
    listed = account.walk(reading("contacts", due))

    assert an_id(1) not in changes.documents["contacts"]
    kept = listed.documents["contacts"]
    assert {record_id: row["is_deleted"] for record_id, row in kept.items()} == {
        an_id(0): False,
        an_id(1): True,
        an_id(2): False,
    }
    assert kept[an_id(1)]["archived_at"] == START
    assert listed.lists == {"contacts", "contacts_companies"}


def test_a_stream_that_was_never_listed_is_listed(start: Start) -> None:
    """That a walk fills a new table is reason enough to begin anew."""
    del start
    swept = {k: at for k, at in CHANGES.swept.items() if k != "deals_contacts"}
    since = {k: at for k, at in CHANGES.since.items() if k != "leads_contacts"}

    names = [each.name for each in hubspot.readings(Known(START, since, swept))]

    assert names == [
        "companies changed",
        "contacts changed",
        "deals",
        "products changed",
        "line_items changed",
        "leads",
        "owners",
    ]


def test_a_merged_record_is_gone_with_the_next_change(start: Start) -> None:
    """The survivor says whom it took in; that one's associations are gone too."""
    account = start(contacts=contacts(3, BEFORE))
    both = {"primaryObjectId": an_id(0), "objectIdToMerge": an_id(2)}
    account.post("/crm/objects/{version}/contacts/merge", both)

    walked = account.walk(reading("contacts", CHANGES))

    assert list(walked.documents["contacts"]) == [an_id(0)]
    assert walked.gone == {"contacts": [an_id(2)]}
    assert walked.parents == {"contacts_companies": [an_id(0), an_id(2)]}


def test_named_records_arrive_and_the_others_are_gone(start: Start) -> None:
    """Never there, archived or merged: all are gone; 250 ids take three calls."""
    account = start(companies=[a_record("companies", number) for number in range(250)])
    account.direct.delete(f"/crm/objects/2026-09/companies/{an_id(1)}")
    both = {"primaryObjectId": an_id(0), "objectIdToMerge": an_id(2)}
    account.post("/crm/objects/{version}/companies/merge", both)
    asked = [an_id(number) for number in (*range(1, 250), 999)]

    walked = account.walk(hubspot.named("companies", asked))

    assert sorted(walked.documents["companies"]) == [
        an_id(number) for number in (0, *range(3, 250))
    ]
    assert sorted(walked.gone["companies"]) == [an_id(1), an_id(2), an_id(999)]
    assert walked.calls == 3


def test_what_has_no_ids_of_its_own_is_not_read_by_id() -> None:
    """Associations and owners come with their walks."""
    with pytest.raises(KeyError, match="contacts_companies is not read by identifier"):
        hubspot.named("contacts_companies", ["1"])


def test_associations_follow_their_record(start: Start) -> None:
    """A new one arrives with its record's change, and one that ended is not shown."""
    companies = [a_record("companies", number) for number in range(10, 13)]
    account = start(contacts=contacts(1), companies=companies)
    pairs = [
        {"from": {"id": an_id(0)}, "to": {"id": an_id(number)}} for number in (10, 11)
    ]
    many = "/crm/associations/{version}/contacts/companies"
    account.post(f"{many}/batch/associate/default", {"inputs": pairs})
    before = account.walk(reading("contacts", CHANGES))
    ended = {"from": {"id": an_id(0)}, "to": [{"id": an_id(11)}]}
    account.post(f"{many}/batch/archive", {"inputs": [ended]})
    new = {"from": {"id": an_id(0)}, "to": {"id": an_id(12)}}
    account.post(f"{many}/batch/associate/default", {"inputs": [new]})

    after = account.walk(reading("contacts", CHANGES))

    def primary(walked: Walked) -> dict[str, bool]:
        rows = walked.documents["contacts_companies"].values()
        assert {row["contact_id"] for row in rows} == {an_id(0)}
        return {row["company_id"]: row["is_primary"] for row in rows}

    assert primary(before) == {an_id(10): True, an_id(11): False}
    assert primary(after) == {an_id(10): True, an_id(12): False}
    assert after.parents == {"contacts_companies": [an_id(0)]}


def test_a_removed_property_is_named(start: Start) -> None:
    """HubSpot leaves it out without a word; an empty column would look like data."""
    account = start(companies=[a_record("companies", 1, industry="RETAIL")])
    gone = [{"object": "companies", "field": "industry", "change": "removed"}]
    account.store.set_conditions({"hubspot": {"drift": gone}})
    page = reading("companies", AT_FIRST).fetch(Step(account.rest))

    batch = next(each for each in page.arrivals if isinstance(each, Batch))
    rows, unfit = typed("hubspot", STREAMS["companies"], batch)

    assert rows.num_rows == 0
    sentence = str(unfit[0].fault)
    start_of_it = f"hubspot company {an_id(1)}, field properties.industry: "
    assert sentence.startswith(start_of_it)


def test_an_added_property_changes_nothing(start: Start) -> None:
    """Only what is wanted is asked for, so a record reads as it did."""
    account = start(companies=[a_record("companies", 1, name="One")])
    before = account.load(AT_FIRST)
    added = [{"object": "companies", "field": "shoe_size", "change": "added"}]
    account.store.set_conditions({"hubspot": {"drift": added}})

    after = account.load(AT_FIRST)

    assert after.documents == before.documents


def test_a_record_reads_alike_in_list_search_and_batch(start: Start) -> None:
    """What only stands in another order would look changed in every load."""
    account = start(contacts=contacts(1))

    seen = [
        account.walk(reading("contacts", AT_FIRST)).documents["contacts"],
        account.walk(reading("contacts", CHANGES)).documents["contacts"],
        account.walk(hubspot.named("contacts", [an_id(0)])).documents["contacts"],
    ]

    assert seen[0] == seen[1] == seen[2]


def test_a_list_shows_what_the_index_of_the_search_still_lacks(start: Start) -> None:
    """So the daily list is of whole records, not of ids alone."""
    account = start(contacts=contacts(1, BEFORE))
    account.store.set_conditions({"hubspot": {"search_lag_seconds": 30}})
    path = f"/crm/objects/2026-09/contacts/{an_id(0)}"
    account.direct.patch(path, json={"properties": {"firstname": "Ada"}})

    changed = account.walk(reading("contacts", CHANGES))
    listed = account.walk(reading("contacts", AT_FIRST))

    assert changed.documents["contacts"] == {}
    assert listed.documents["contacts"][an_id(0)]["firstname"] == "Ada"


def test_owners_who_left_are_known_from_the_first_list(start: Start) -> None:
    """Their names stand in old records; later on those who stay are listed."""
    owners = [
        {
            "id": an_id(number),
            "email": f"o{number}@m.example",
            "createdAt": BEFORE,
            "updatedAt": BEFORE,
            "archived": number == 1,
        }
        for number in range(2)
    ]
    account = start(owners=owners)

    first = account.walk(reading("owners", AT_FIRST))
    later = account.walk(reading("owners", CHANGES))

    told = {key: row["is_deleted"] for key, row in first.documents["owners"].items()}
    assert told == {an_id(0): False, an_id(1): True}
    assert (list(later.documents["owners"]), later.calls) == ([an_id(0)], 1)
    assert later.lists == {"owners"}
