"""What a person asks of ingestion at the terminal, and what the terminal answers."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner, Result

from operations.quarantine import Letter, hold
from operations.store import Store
from orchestration.cli import app
from orchestration.home import NotReadyError
from tests.orchestration.conftest import House, OpenHouse

TICKETS = "select count(*), count(distinct id) from raw_zendesk.tickets"


def concord(*words: str) -> Result:
    """Run the command as a person types it; a failure is told by `main`."""
    return CliRunner().invoke(app, list(words), env={"COLUMNS": "200"})


def said(*words: str) -> str:
    """Run the command, which must succeed, and return what it printed."""
    result = concord(*words)
    assert result.exit_code == 0, result.output
    return result.output


@pytest.fixture
def house(open_house: OpenHouse) -> House:
    """A home with Zendesk, into which everything is loaded."""
    house = open_house("zendesk")
    said("backfill", "zendesk")
    return house


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (
            ["backfill", "stipe"],
            "No system is named 'stipe'; there are salesforce, hubspot, stripe,",
        ),
        (
            ["replay", "zendesk", "tickts"],
            "zendesk has no stream 'tickts'; there are organizations, users, tickets.",
        ),
        (
            ["backfill", "zendesk", "--since", "31.10.2026"],
            "'31.10.2026' is no day: write it as in 2026-10-31.",
        ),
        (
            ["replay", "zendesk", "--day", "2026-02-30"],
            "'2026-02-30' is no day: write it as in 2026-10-31.",
        ),
        (
            ["backfill", "zendesk", "--since", "2026-10-02", "--until", "2026-10-01"],
            "The window ends on 2026-10-01, before it begins on 2026-10-02.",
        ),
        (["quarantine", "[/red]\x1b[2J"], "No system is named '[/red]\\x1b[2J';"),
        (["loads", "erp"], "No system is named 'erp';"),
    ],
)
def test_what_does_not_exist_is_one_sentence_and_two(
    open_house: OpenHouse, words: list[str], sentence: str
) -> None:
    """Nothing is begun: there is no store and no warehouse afterwards."""
    home = open_house("zendesk").home

    result = concord(*words)

    assert result.exit_code == 2
    assert result.output.startswith(f"✕ {sentence}")
    assert result.output.count("\n") == 1
    assert list(home.folder.iterdir()) == []


def test_a_system_without_its_settings_is_not_read(open_house: OpenHouse) -> None:
    """The sentence names the settings that are missing."""
    open_house("zendesk")

    result = concord("backfill", "hubspot")

    assert isinstance(result.exception, NotReadyError)
    assert str(result.exception) == (
        "hubspot is not connected in the environment test: set HUBSPOT_ACCESS_TOKEN,"
        " then run again."
    )


def test_everything_from_the_start_finds_what_was_lost_and_what_is_gone(
    house: House,
) -> None:
    """Rows come back once; a record that was deleted at its source is buried."""
    number, _ = house.rows(TICKETS)[0]
    assert number == len(house.ids("zendesk", "ticket")) > 2
    lost, gone = house.ids("zendesk", "ticket")[:2]
    house.rows(f"delete from raw_zendesk.tickets where id = '{lost}'")
    house.edit("zendesk", "ticket", gone, status="deleted")

    told = said("backfill", "zendesk", "tickets")

    assert house.rows(TICKETS) == [(number, number)]
    assert "✓ zendesk is loaded. Next: concord run refresh" in told
    assert "users" not in told
    again = said("backfill", "zendesk", "tickets")
    assert "Next: nothing, all of it was here" in again
    assert house.rows(TICKETS) == [(number, number)]


def test_a_window_loads_the_days_between_and_both_of_them(house: House) -> None:
    """What changed before it or after it stays lost."""
    days = [
        day
        for (day,) in house.rows(
            "select distinct updated_at::date from raw_zendesk.tickets order by 1"
        )
    ]
    first, last = days[1], days[2]
    wanted = "updated_at::date between ? and ?"
    inside = house.rows(
        "select id from raw_zendesk.tickets where "
        + wanted.replace("?", "date '{}'").format(first, last)
    )
    assert inside
    house.rows("delete from raw_zendesk.tickets")

    said("backfill", "zendesk", "tickets", "--since", f"{first}", "--until", f"{last}")

    found = house.rows("select id, updated_at::date from raw_zendesk.tickets")
    assert {one for (one,) in inside} <= {record_id for record_id, _ in found}
    assert all(day >= first for _, day in found)


def test_a_backfill_that_broke_off_goes_on_where_it_was(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The pages that had come are not asked for again, and nothing comes twice."""
    before = house.rows(TICKETS)
    house.rows("delete from raw_zendesk.tickets")
    monkeypatch.setattr("ingestion.zendesk.PAGE", 10)
    pages: list[str] = []
    send = httpx.Client.send

    def counted(self: httpx.Client, request: httpx.Request, **more: Any) -> Any:
        if "/incremental/tickets" in request.url.path:
            pages.append(request.url.query.decode())
        return send(self, request, **more)

    monkeypatch.setattr(httpx.Client, "send", counted)
    third = {"system": "zendesk", "path_contains": "incremental/tickets", "skip": 2}
    house.doors.control("faults", [{**third, "kind": "status", "status": 400}])
    words = ("backfill", "zendesk", "tickets", "--since", "2020-01-01")
    broken, first = concord(*words), list(pages)
    pages.clear()

    said(*words)

    assert (broken.exit_code, len(first)) == (1, 3)
    assert "✕ Zendesk ticket" in broken.output
    assert pages[0] == first[2]
    assert not set(first[:2]) & set(pages)
    assert house.rows(TICKETS) == before


def test_replay_types_anew_without_the_vendor(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An emptied column is filled from the record; no credential is needed."""
    before = house.rows("select id, subject from raw_zendesk.tickets order by id")
    house.rows("update raw_zendesk.tickets set subject = null")
    for name in ("ZENDESK_URL", "ZENDESK_API_TOKEN"):
        monkeypatch.delenv(name)
    yesterday = datetime.now(UTC).date() - timedelta(days=1)

    other = said("replay", "zendesk", "--day", f"{yesterday}")
    told = said("replay", "zendesk", "tickets")

    after = house.rows("select id, subject from raw_zendesk.tickets order by id")
    assert after == before
    assert "Next: nothing" in other
    assert "✓ zendesk is loaded. Next: concord run refresh" in told


def test_replay_tries_the_quarantine_again(house: House) -> None:
    """What was held, because our mapping was wrong, is a row once it is right."""
    record_id, record = house.rows("select id, record from raw_zendesk.users")[0]
    house.rows(f"delete from raw_zendesk.users where id = '{record_id}'")
    letter = Letter("zendesk", "users", "user", record_id, "x", "y", "z", record)
    with Store(house.home.operations) as store:
        hold(store, [letter], datetime.now(UTC))

    said("replay", "zendesk", "users")

    assert house.held() == []
    assert house.rows(
        f"select record from raw_zendesk.users where id = '{record_id}'"
    ) == [(record,)]


@pytest.fixture
def spoiled(house: House) -> str:
    """A ticket that does not fit; its id."""
    record_id = house.ids("zendesk", "ticket")[0]
    house.edit("zendesk", "ticket", record_id, subject=12)
    result = said("backfill", "zendesk", "tickets")
    assert "1 records are held: see `concord quarantine zendesk`" in result
    return record_id


def test_quarantine_says_what_is_held_and_what_to_do(spoiled: str) -> None:
    """System, object, record, field, reason and next step; the record on request."""
    table = said("quarantine")
    (shown,) = json.loads(said("quarantine", "zendesk", "--json"))
    (whole,) = json.loads(said("quarantine", "--json", "--full"))

    for word in ("zendesk", "ticket", spoiled, "subject", f"{datetime.now(UTC):%Y-}"):
        assert word in table
    assert {
        name: shown[name] for name in ("system", "object", "record_id", "field")
    } == {
        "system": "zendesk",
        "object": "ticket",
        "record_id": spoiled,
        "field": "subject",
    }
    assert shown["reason"]
    assert shown["next_step"]
    assert "document" not in shown
    assert json.loads(whole["document"])["subject"] == 12
    assert '"subject"' in "".join(said("quarantine", "--full").split())
    assert '"subject"' not in table
    assert json.loads(said("quarantine", "stripe", "--json")) == []
    assert said("quarantine", "stripe") == "Nothing is in quarantine.\n"


def test_what_a_vendor_wrote_does_not_steer_the_terminal(
    open_house: OpenHouse,
) -> None:
    """Markup and control characters of a record are shown, not obeyed."""
    house = open_house("zendesk")
    letter = Letter("zendesk", "users", "user", "[/b]\x1b[2J", None, "[x", "look", "{}")
    with Store(house.home.operations) as store:
        hold(store, [letter], datetime.now(UTC))

    table = said("quarantine", "--full")

    assert "[/b]�[2J" in table
    assert "\x1b[2J" not in table


def test_loads_says_that_what_was_read_is_accounted_for(spoiled: str) -> None:
    """One line for each stream, of its own last load."""
    del spoiled
    values = json.loads(said("loads", "zendesk", "--json"))
    table = said("loads")

    assert [each["stream"] for each in values] == ["organizations", "users", "tickets"]
    for each in values:
        assert each["read"] == sum(
            each[name] for name in ("loaded", "duplicates", "quarantined")
        )
        assert datetime.fromisoformat(each["at"]).tzinfo is not None
        assert each["stream"] in table
    assert [each["quarantined"] for each in values] == [0, 0, 1]
    assert table.startswith("zendesk: read = loaded + twice + held")
    assert json.loads(said("loads", "stripe", "--json")) == []


@pytest.mark.parametrize("words", [["quarantine"], ["loads", "--json"]])
def test_where_nothing_has_run_the_sentence_says_how_to_begin(
    open_house: OpenHouse, words: list[str]
) -> None:
    """An empty home is not shown as one in which all is well."""
    open_house("zendesk")

    result = concord(*words)

    assert isinstance(result.exception, NotReadyError)
    assert "Nothing has run in" in str(result.exception)
