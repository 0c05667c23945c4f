"""A part of a system again: a window, some records, what is stored, what was poison."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ingestion import zendesk
from ingestion.errors import Transient
from ingestion.load import Wanted
from ingestion.systems import system as system_of
from ingestion.transport.rest import Rest

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


def cursors(place: Any, system: str) -> list[tuple[Any, ...]]:
    """Return where the next load begins."""
    rows: list[tuple[Any, ...]] = place.rows(
        f"select id, position, swept from raw_{system}._cursors order by id"
    )
    return rows


@pytest.mark.parametrize(
    ("system", "table"), [("zendesk", "tickets"), ("netsuite", "invoices")]
)
def test_a_window_is_read_again_and_moves_no_position(
    place: Any, system: str, table: str
) -> None:
    """Rows that were lost come back, once; what lies outside is not asked for."""
    place.load(system)
    before, whole = cursors(place, system), place.contents(system)[table]
    place.rows(f"delete from raw_{system}.{table}")
    wanted = Wanted(streams=frozenset({table}), since=LONG_AGO)

    again = place.load(system, wanted=wanted)
    twice = place.load(system, wanted=wanted)

    assert again[system, table].changed == len(whole)
    assert twice[system, table].changed == 0
    assert [row[:-2] for row in place.contents(system)[table]] == [
        row[:-2] for row in whole
    ]
    assert cursors(place, system) == before


def test_a_window_of_netsuite_has_two_ends(place: Any) -> None:
    """Only what changed between them is asked for."""
    place.load("netsuite")
    times = place.rows("select lastmodifieddate from raw_netsuite.invoices order by 1")
    since, until = times[10][0], times[30][0]
    inside = [at for (at,) in times if since <= at < until]

    again = place.load(
        "netsuite",
        wanted=Wanted(streams=frozenset({"invoices"}), since=since, until=until),
    )

    assert again["netsuite", "invoices"].read == len(inside) > 0


def test_everything_again_finds_what_was_deleted(place: Any) -> None:
    """Without a window a stream is read from the start, as if nothing were known."""
    place.load("netsuite")
    gone = place.any_id("netsuite", "invoice")
    place.store.drop("netsuite", "invoice", gone)
    wanted = Wanted(streams=frozenset({"invoices"}), is_full=True)

    again = place.load("netsuite", wanted=wanted)

    one = again["netsuite", "invoices"]
    assert (one.read, one.deleted) == (one.rows, 1)


@pytest.mark.parametrize(
    ("system", "name", "table", "field"),
    [
        ("zendesk", "ticket", "tickets", "subject"),
        ("netsuite", "customer", "customers", "companyname"),
        ("salesforce", "account", "accounts", "Name"),
        ("stripe", "customer", "customers", "name"),
    ],
)
def test_named_records_arrive_alone(
    place: Any, system: str, name: str, table: str, field: str
) -> None:
    """Another change waits for the next load; a record that is gone is buried."""
    place.load(system)
    before = cursors(place, system)
    wanted, other, gone = place.store.collection(system, name).ids()[:3]
    human = {"actor": "human", "request_id": "1"}
    for record_id in (wanted, other):
        place.store.update(system, name, record_id, {field: "New"}, **human)
    place.store.drop(system, name, gone)

    loaded = place.load(system, wanted=Wanted(ids={table: [wanted, gone]}))

    assert loaded[system, table].changed == 1
    assert loaded[system, table].deleted == 1
    changed = f"select id from raw_{system}.{table} where {field} = 'New'"
    assert place.rows(changed) == [(wanted,)]
    assert cursors(place, system) == before
    assert sorted(place.load(system) and place.rows(changed)) == sorted(
        [(wanted,), (other,)]
    )


def test_stored_records_are_typed_anew_without_the_vendor(place: Any) -> None:
    """A column that was emptied is filled from the record; no call is made."""
    place.load("zendesk", "stripe")
    whole = place.contents("zendesk")["tickets"]
    summaries = place.contents("stripe")["meter_summaries"]
    place.rows("update raw_zendesk.tickets set subject = null, status = 'x'")
    place.rows("update raw_stripe.meter_summaries set meter = null")
    place.environ.clear()

    replayed = place.load("zendesk", "stripe", wanted=Wanted(is_stored=True))

    assert replayed["zendesk", "tickets"].changed == len(whole)
    assert replayed["stripe", "meter_summaries"].changed == len(summaries)
    for system, table, before in (
        ("zendesk", "tickets", whole),
        ("stripe", "meter_summaries", summaries),
    ):
        after = place.contents(system)[table]
        assert [row[:-2] for row in after] == [row[:-2] for row in before]


def test_the_records_of_one_day_are_replayed(place: Any) -> None:
    """The day is that of the load, in UTC."""
    place.load("zendesk")
    today = datetime.now(UTC).date()

    def replay(day: Any) -> int:
        wanted = Wanted(is_stored=True, day=day, streams=frozenset({"tickets"}))
        return int(place.load("zendesk", wanted=wanted)["zendesk", "tickets"].read)

    assert replay(today - timedelta(days=1)) == 0
    assert replay(today) == place.rows("select count(*) from raw_zendesk.tickets")[0][0]


def test_a_tombstone_stays_dead_when_it_is_replayed(place: Any) -> None:
    """Its record does not say that it is gone; the warehouse knows."""
    place.load("netsuite")
    gone = place.any_id("netsuite", "invoice")
    place.store.delete("netsuite", "invoice", gone, actor="human", request_id="1")
    place.load("netsuite")

    place.load("netsuite", wanted=Wanted(is_stored=True))

    assert place.rows("select id from raw_netsuite.invoices where is_deleted") == [
        (gone,)
    ]


def test_what_is_in_quarantine_is_tried_again_by_a_replay(
    place: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A mistake of ours that is corrected lets the record in, without the vendor."""
    ticket = place.any_id("zendesk", "ticket")
    place.store.update(
        "zendesk", "ticket", ticket, {"subject": 5}, actor="human", request_id="1"
    )
    place.load("zendesk")
    [letter] = place.quarantined()
    tickets = zendesk.STREAMS[2]
    lenient = [
        each
        if each.name != "subject"
        else type(each)("subject", "text", "subject", str)
        for each in tickets.columns
    ]
    one = system_of("zendesk")
    monkeypatch.setattr(
        one.vendor,
        "STREAMS",
        (*zendesk.STREAMS[:2], replace(tickets, columns=tuple(lenient))),
    )

    place.load("zendesk", wanted=Wanted(is_stored=True))

    assert letter.record_id == ticket
    assert place.quarantined() == []
    assert place.rows(
        f"select subject from raw_zendesk.tickets where id = '{ticket}'"
    ) == [("5",)]


def test_what_a_row_was_before_is_in_the_history(place: Any) -> None:
    """Each version is there once, with the load that brought it."""
    loads = [place.load("zendesk")["zendesk", "tickets"].load_id]
    ticket = place.any_id("zendesk", "ticket")
    for subject in ("one", "two"):
        place.store.update(
            "zendesk",
            "ticket",
            ticket,
            {"subject": subject},
            actor="human",
            request_id="1",
        )
        loads.append(place.load("zendesk")["zendesk", "tickets"].load_id)

    versions = place.rows(
        "select loaded_by, record::json->>'subject' from raw_zendesk._history"
        f" where stream = 'tickets' and record_id = '{ticket}' order by superseded_at"
    )

    assert [load_id for load_id, _ in versions] == loads[:2]
    assert versions[1][1] == "one"
    assert len(set(loads)) == 3


def test_a_row_that_the_warehouse_refuses_is_found_and_set_aside(place: Any) -> None:
    """One row of poison stops neither its table nor its system."""
    place.load("zendesk")
    place.rows("create table raw_zendesk.checked as from raw_zendesk.tickets")
    place.rows("drop table raw_zendesk.tickets")
    columns = place.rows(
        "select column_name, data_type, is_nullable from information_schema.columns"
        " where table_name = 'checked' order by ordinal_position"
    )
    declared = ", ".join(f'"{name}" {kind}' for name, kind, _ in columns)
    place.rows(
        f"create table raw_zendesk.tickets ({declared}, check (subject <> 'poison'))"
    )
    place.rows("insert into raw_zendesk.tickets from raw_zendesk.checked")
    bad, good = place.store.collection("zendesk", "ticket").ids()[:2]
    human = {"actor": "human", "request_id": "1"}
    place.store.update("zendesk", "ticket", bad, {"subject": "poison"}, **human)
    place.store.update("zendesk", "ticket", good, {"subject": "fine"}, **human)

    loaded = place.load("zendesk")["zendesk", "tickets"]

    assert (loaded.changed, loaded.quarantined) == (1, 1)
    [letter] = place.quarantined()
    assert (letter.record_id, letter.stream) == (bad, "tickets")
    assert "the warehouse does not take it" in letter.reason
    assert place.rows("select id from raw_zendesk.tickets where subject = 'fine'") == [
        (good,)
    ]


def test_a_window_that_was_broken_off_overwrites_nothing_newer(
    place: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A page that was kept before somebody's edit does not bring the old value back."""
    place.load("netsuite")
    monkeypatch.setattr("ingestion.netsuite.reading.PAGE", 5)
    window = Wanted(streams=frozenset({"customers"}), since=LONG_AGO)
    query = Rest.read_post
    asked: list[str] = []

    def away(self: Any, path: str, **more: Any) -> Any:
        asked.append(path)
        if len(asked) == 3:
            raise Transient("netsuite", "it is away")
        return query(self, path, **more)

    monkeypatch.setattr(Rest, "read_post", away)
    with pytest.raises(Transient):
        place.load("netsuite", wanted=window)
    customer = place.any_id("netsuite", "customer")
    human = {"actor": "human", "request_id": "1"}
    place.store.update(
        "netsuite", "customer", customer, {"companyname": "New"}, **human
    )
    place.load("netsuite")

    again = place.load("netsuite", wanted=window)

    assert again["netsuite", "customers"].read >= 25
    assert place.rows(
        f"select companyname from raw_netsuite.customers where id = '{customer}'"
    ) == [("New",)]


def test_what_was_set_aside_and_is_gone_is_let_go(place: Any) -> None:
    """A record that never had a row is known to be gone by the next sweep."""
    place.load("netsuite")
    invoice = place.any_id("netsuite", "invoice")
    wrong = {"foreigntotal": "1e-12"}
    human = {"actor": "human", "request_id": "1"}
    place.store.update("netsuite", "invoice", invoice, wrong, **human)
    place.rows(f"delete from raw_netsuite.invoices where id = '{invoice}'")
    place.load("netsuite")
    assert [letter.record_id for letter in place.quarantined()] == [invoice]
    place.store.drop("netsuite", "invoice", invoice)
    place.age("netsuite")

    place.load("netsuite")

    assert place.quarantined() == []
