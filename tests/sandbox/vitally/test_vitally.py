"""Vitally: lists, either id, upserts, traits, the bucket of calls, errors."""

from typing import Any

import pytest

from sandbox.company.company import build
from sandbox.company.features import ALL_FEATURES
from sandbox.vitally.documents import vitally_documents
from tests.sandbox.vitally.conftest import START

NEW = {"name": "New", "externalId": "new"}


def test_lists_go_from_the_newest_change_and_lose_nothing(workspace: Any) -> None:
    """Equal times at the edge of a page are told apart; churned ones are left out."""
    found = workspace.paged("/accounts", limit=1)

    names = [each["name"] for each in found]
    wanted = [f"Customer {number}" for number in range(24, -1, -1) if number != 3]
    assert names == wanted


@pytest.mark.parametrize(
    ("status", "count"), [("active", 24), ("churned", 1), ("activeOrChurned", 25)]
)
def test_churned_accounts_are_asked_for(
    workspace: Any, status: str, count: int
) -> None:
    """The status chooses, and active is what is shown if nothing is said."""
    assert len(workspace.paged("/accounts", status=status)) == count


def test_a_record_changed_while_paging_escapes_the_reader(workspace: Any) -> None:
    """Sorted by change, what changes goes to the front: only a second pass finds it."""
    first = workspace.get("/accounts", limit=10)
    late = workspace.client.put("/accounts/00105", json={"name": "Changed"}).json()

    rest = workspace.get("/accounts", **{"from": first["next"]})
    again = workspace.get("/accounts", limit=1)

    assert late["id"] not in {each["id"] for each in rest["results"]}
    assert again["results"][0]["name"] == "Changed"
    calm = workspace.paged("/accounts", limit=10, sortBy="createdAt")
    assert len(calm) == 24


def test_a_record_is_found_by_either_id(workspace: Any) -> None:
    """Vitally's own id and the external one lead to the same record."""
    own = workspace.get("/accounts/00000000-0000-0000-0000-000000000007")

    assert own == workspace.get("/accounts/00107")


def test_creating_with_a_known_external_id_changes_the_record(workspace: Any) -> None:
    """The second POST is an update: nothing is there twice."""
    first = workspace.client.post("/accounts", json=NEW)
    again = workspace.client.post("/accounts", json={**NEW, "name": "Newer"})

    assert first.json()["id"] == again.json()["id"]
    assert workspace.get("/accounts/new")["name"] == "Newer"
    assert len(workspace.paged("/accounts")) == 25


def test_traits_are_merged_and_null_takes_one_away(workspace: Any) -> None:
    """What is not named stays as it was, and the time of change moves."""
    traits = {"risk": None, "tier": "gold"}

    changed = workspace.client.put("/accounts/00101", json={"traits": traits}).json()

    assert changed["traits"] == {"segment": "Mid", "tier": "gold"}
    assert changed["updatedAt"] == "2026-11-01T12:00:00.000Z"
    assert workspace.store.journal[-1].actor == "api"


def test_a_deleted_record_is_gone(workspace: Any) -> None:
    """Afterwards it is not found, and lists do not show it."""
    gone = workspace.client.delete("/accounts/00101")

    assert gone.status_code == 200
    assert workspace.client.get("/accounts/00101").status_code == 404
    assert len(workspace.paged("/accounts")) == 23


def test_people_and_notes_belong_to_accounts(workspace: Any) -> None:
    """An account's own lists hold what points at it."""
    note = {"note": "<p>Hi</p>", "noteDate": "2026-11-01", "accountId": "00101"}
    made = workspace.client.post("/notes", json=note).json()

    assert [e["id"] for e in workspace.get("/accounts/00101/users")["results"]] == [
        "u1"
    ]
    assert workspace.get("/accounts/00101/notes")["results"] == [made]
    assert workspace.get("/accounts/00102/notes")["results"] == []


def test_a_bucket_holds_1000_calls_and_fills_up_again(workspace: Any) -> None:
    """An empty bucket is a 429 with the headers that say when to come back."""
    workspace.store.set_conditions({"vitally": {"requests_per_minute": 60}})
    answers = [workspace.client.get("/accounts/00101") for _ in range(61)]
    workspace.clock.advance(1)
    later = workspace.client.get("/accounts/00101")

    assert [each.status_code for each in answers] == [200] * 60 + [429]
    assert answers[0].headers["RateLimit-Limit"] == "60, 60;window=60"
    assert answers[-1].headers["RateLimit-Remaining"] == "0"
    assert answers[-1].headers["RateLimit-Reset"] == "1"
    assert later.status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "options", "status"),
    [
        ("GET", "/accounts", {"params": {"limit": "101"}}, 400),
        ("GET", "/accounts", {"params": {"limit": "x"}}, 400),
        ("GET", "/accounts", {"params": {"from": "nonsense"}}, 400),
        ("GET", "/accounts", {"params": {"sortBy": "name"}}, 400),
        ("GET", "/accounts", {"params": {"status": "sad"}}, 400),
        ("GET", "/accounts/nobody", {}, 404),
        ("GET", "/nothing", {}, 404),
        ("PATCH", "/accounts/00101", {}, 405),
        ("POST", "/accounts", {"json": {"name": "x"}}, 400),
        ("POST", "/accounts", {"json": [1]}, 400),
        ("POST", "/accounts", {"data": {"name": "x"}}, 400),
        ("PUT", "/accounts/00101", {"json": {"colour": "red"}}, 400),
        ("PUT", "/accounts/00101", {"json": {"name": 7}}, 400),
        ("PUT", "/accounts/00101", {"json": {"traits": []}}, 400),
        ("PUT", "/accounts/00101", {"json": {"organizationId": "no"}}, 404),
        ("PUT", "/accounts/00101", {"content": b"{"}, 400),
        ("PUT", "/accounts/00101", {"content": b"\xff"}, 400),
        ("PUT", "/accounts/00101", {"content": b'{"a":' * 2000}, 400),
        ("PUT", "/accounts/00101", {"content": b'{"traits":{"a":' + b"9" * 99}, 400),
        ("POST", "/npsResponses", {"json": {"score": 11}}, 400),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence(
    workspace: Any, method: str, path: str, options: Any, status: int
) -> None:
    """Every error is an object with one sentence."""
    headers = {"Content-Type": "application/json"} if "content" in options else {}

    answer = workspace.client.request(method, path, headers=headers, **options)

    assert answer.status_code == status
    assert list(answer.json()) == ["error"]


@pytest.mark.parametrize(
    ("headers", "sentence"),
    [
        ({}, "Authorization header not present."),
        ({"Authorization": "Basic eDo="}, "Invalid API key."),
        ({"Authorization": "Bearer x"}, "Invalid API key."),
    ],
)
def test_strangers_are_refused(
    workspace: Any, headers: dict[str, str], sentence: str
) -> None:
    """Without the key nothing is answered."""
    workspace.client.auth = None

    answer = workspace.client.get("/accounts", headers=headers)

    assert (answer.status_code, answer.json()) == (401, {"error": sentence})


def test_every_customer_is_an_account_with_its_latest_health() -> None:
    """The records follow from the facts: ids, links, health, and who churned."""
    company = build(7, 60, 12, START.date(), ALL_FEATURES)

    found = vitally_documents(company)

    ids = {each["id"] for each in found["accounts"]}
    groups = {each["id"] for each in found["organizations"]}
    latest = {each.customer.key: each.score for each in company.health}
    assert len(ids) == len(company.customers) == len(found["accounts"])
    assert {each["organizationId"] for each in found["accounts"]} - {None} == groups
    assert all(set(each["accountIds"]) <= ids for each in found["users"])
    assert [each["healthScore"] for each in found["accounts"]] == [
        latest.get(each.key) for each in company.customers
    ]
    assert [each["churnedAt"] is None for each in found["accounts"]] == [
        bool(company.in_force(each)) for each in company.customers
    ]
