"""Vitally, declared in forty lines, loads from the sandbox as any system does."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest

from ingestion import declared
from ingestion.errors import Refused, Transient
from ingestion.readings import Known
from ingestion.transport.rest import Rest
from sandbox.clients import InProcess
from sandbox.clock import Clock
from sandbox.credentials import Credentials
from sandbox.server import application
from sandbox.store import Store
from sandbox.world import World, build_world
from tests.ingestion.declared_walks import Document, Walked, walk

VITALLY = next(each for each in declared.VENDORS if each.name == "vitally")
FILE = Path(declared.__file__).parent / "vitally.yml"
NAMES = ("organizations", "accounts", "users", "notes")
NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def world() -> World:
    """A company with groups, health scores and notes."""
    features = frozenset({"hierarchy", "health"})
    return build_world(7, 60, 12, date(2026, 10, 31), features=features)


@dataclass(frozen=True)
class Workspace:
    """A workspace inside the test's process, and our client of it."""

    store: Store
    rest: Rest

    def walk(self, name: str, known: Known, **more: Any) -> Walked:
        """Walk what a load would of one object."""
        reading = next(each for each in VITALLY.readings(known) if name in each.fills)
        return walk(VITALLY, self.rest, reading, known.since.get(name), **more)

    def change(self, kind: str, record_id: str, **fields: Any) -> None:
        """Change a record as a colleague does."""
        self.store.update(
            "vitally", kind, record_id, fields, actor="human", request_id="1"
        )


def accounts(number: int, **fields: Any) -> list[Document]:
    """Return accounts, the first ones changed last."""
    return [
        {
            "id": f"a{each:03}",
            "name": f"Customer {each}",
            "externalId": f"x{each:03}",
            "createdAt": f"2026-08-01T08:00:{each % 60:02}.000Z",
            "updatedAt": f"2026-09-{30 - each // 20:02}T08:00:00.000Z",
            "churnedAt": None,
            "healthScore": 7,
            "mrr": 100,
            "traits": {},
            **fields,
        }
        for each in range(number)
    ]


@pytest.fixture
def start(keys: Credentials) -> Iterator[Callable[..., Workspace]]:
    """Return what opens a workspace that holds some records."""
    opened: list[Rest] = []

    def begin(**held: list[Document]) -> Workspace:
        store = Store({"vitally": held}, Clock(NOW, running=False))
        transport = InProcess(application(store, keys, only=["vitally"]))
        environ = {
            "VITALLY_URL": "https://concord.rest.vitally.io/",
            "VITALLY_API_KEY": keys.vitally_api_key,
        }
        opened.append(VITALLY.client(environ, transport))
        return Workspace(store, opened[-1])

    yield begin
    for rest in opened:
        rest.close()


def a_day_later(name: str) -> Known:
    """Return what is known when one object was listed an hour ago."""
    since = datetime(2026, 9, 30, 8, tzinfo=UTC) - timedelta(minutes=15)
    return Known(NOW, {name: since}, {name: NOW - timedelta(hours=1)})


def test_vitally_is_declared_in_at_most_forty_lines() -> None:
    """That is what a read-only vendor may cost."""
    assert len(FILE.read_text(encoding="utf-8").splitlines()) <= 40
    assert VITALLY.REQUIRED == ("VITALLY_URL", "VITALLY_API_KEY")
    assert [stream.name for stream in VITALLY.STREAMS] == list(NAMES)


def test_all_records_of_the_company_arrive(
    start: Callable[..., Workspace], world: World
) -> None:
    """Customers that have left too, with every value as it stands there."""
    held = world.documents["vitally"]
    workspace = start(**{name: held[name] for name in NAMES})

    walked = {name: workspace.walk(name, Known(NOW)) for name in NAMES}

    for name in NAMES:
        assert held[name]
        assert sorted(walked[name].ids) == sorted(each["id"] for each in held[name])
        assert walked[name].unfit == []
    assert any(each["churnedAt"] for each in held["accounts"])
    for account in held["accounts"]:
        row = walked["accounts"].rows[account["id"]]
        score = account["healthScore"]
        assert row["name"] == account["name"]
        assert row["external_id"] == account["externalId"]
        assert row["organization_id"] == account["organizationId"]
        assert row["health_score"] == (None if score is None else Decimal(str(score)))
        assert row["mrr"] == Decimal(str(account["mrr"]))
        assert row["updated_at"] == datetime.fromisoformat(account["updatedAt"])
        assert row["risk"] == account["traits"].get("risk")
        assert json.loads(row["traits"]) == account["traits"]


def test_nothing_new_costs_one_call_for_each_object(
    start: Callable[..., Workspace],
) -> None:
    """However many records there are."""
    held = accounts(450)
    workspace = start(accounts=held)

    first = workspace.walk("accounts", Known(NOW))
    again = workspace.walk("accounts", a_day_later("accounts"))

    assert (len(first.ids), first.calls) == (450, 5)
    assert again.calls == 1


def test_a_record_that_changes_while_all_are_listed_is_seen_once(
    start: Callable[..., Workspace],
) -> None:
    """The list is by birth: no change moves a record to another page."""
    workspace = start(accounts=accounts(250))

    def between(page: int) -> None:
        for number in (0, 120, 240):
            workspace.change("accounts", f"a{number:03}", name=f"Seen {page}")

    walked = workspace.walk("accounts", Known(NOW), between=between)

    assert sorted(walked.ids) == [f"a{number:03}" for number in range(250)]


def test_a_change_while_changes_are_read_arrives_with_the_next_walk(
    start: Callable[..., Workspace],
) -> None:
    """It moves to the front, behind the reader's back; the position stays before it."""
    workspace = start(accounts=accounts(250))
    all_of_september = Known(
        NOW,
        {"accounts": datetime(2026, 9, 1, tzinfo=UTC)},
        {"accounts": NOW - timedelta(hours=1)},
    )

    def between(page: int) -> None:
        if page == 1:
            workspace.change("accounts", "a200", name="Moved Inc.")

    first = workspace.walk("accounts", all_of_september, between=between)
    position = {"accounts": NOW - timedelta(minutes=15)}
    again = workspace.walk("accounts", Known(NOW, position, all_of_september.swept))

    assert "a200" not in first.ids
    assert len(first.ids) == len(set(first.ids)) == 249
    assert again.rows["a200"]["name"] == "Moved Inc."


def test_a_record_is_read_by_its_own_identifier(
    start: Callable[..., Workspace],
) -> None:
    """Vitally finds it by the external one too; that is no record of ours."""
    workspace = start(accounts=accounts(2))
    reading = VITALLY.named("accounts", ["a001", "x000", "a999"])

    walked = walk(VITALLY, workspace.rest, reading)

    assert walked.rows["a001"]["name"] == "Customer 1"
    assert walked.gone == ["x000", "a999"]


def test_a_trait_of_another_type_is_quarantined_alone(
    start: Callable[..., Workspace],
) -> None:
    """One account whose risk became a number holds up no other."""
    held = accounts(30)
    held[3]["traits"] = {"risk": 5}
    workspace = start(accounts=held)

    walked = workspace.walk("accounts", Known(NOW))

    assert [each["id"] for each in walked.unfit] == ["a003"]
    assert len(walked.ids) == 29


def test_a_wrong_key_is_refused_by_the_name_of_its_setting(
    start: Callable[..., Workspace], keys: Credentials
) -> None:
    """Whoever reads the sentence knows what to correct."""
    app = application(start().store, keys, only=["vitally"])
    environ = {
        "VITALLY_URL": "https://concord.rest.vitally.io",
        "VITALLY_API_KEY": "sk_live_wrong",
    }

    with VITALLY.client(environ, InProcess(app)) as rest, pytest.raises(Refused) as no:
        rest.get("/accounts")

    assert str(no.value) == (
        "vitally: Invalid API key; check VITALLY_API_KEY, then run again."
    )


def test_a_used_up_bucket_says_for_how_long() -> None:
    """Vitally documents the header RateLimit-Reset, not Retry-After."""
    response = httpx.Response(429, json={}, headers={"RateLimit-Reset": "9"})

    fault = VITALLY.classify(response, wrote=False)

    assert isinstance(fault, Transient)
    assert fault.retry_after == 9


@pytest.fixture
def connected(place: Any, world: World) -> Any:
    """Return a place whose sandbox has the company with groups and health scores."""
    for name in NAMES:
        for document in world.documents["vitally"][name]:
            place.store.keep("vitally", name, document)
    return place


def test_a_load_brings_changes_and_deletions(connected: Any) -> None:
    """Over HTTP, into the warehouse: all, then nothing, then just what differs."""
    first = connected.load("vitally")
    again = connected.load("vitally")
    changed, deleted = connected.store.collection("vitally", "accounts").ids()[:2]
    connected.store.update(
        "vitally",
        "accounts",
        changed,
        {"healthScore": Decimal("3.3333333333333335")},
        actor="human",
        request_id="1",
    )
    connected.store.delete(
        "vitally", "accounts", deleted, actor="human", request_id="2"
    )
    connected.rows("update raw_vitally._cursors set swept = swept - interval 25 hour")

    later = connected.load("vitally")

    assert {key[1]: one.rows for key, one in first.items()} == {
        name: connected.store.count("vitally", name) + (name == "accounts")
        for name in NAMES
    }
    assert {one.changed + one.deleted for one in again.values()} == {0}
    seen = {key[1]: (one.changed, one.deleted) for key, one in later.items()}
    assert seen == {**dict.fromkeys(NAMES, (0, 0)), "accounts": (1, 1)}
    assert connected.rows(
        f"select health_score from raw_vitally.accounts where id = '{changed}'"
    ) == [(Decimal("3.333333333"),)]
    assert connected.rows(
        f"select is_deleted from raw_vitally.accounts where id = '{deleted}'"
    ) == [(True,)]
