"""Vitally's conditions: a schema that drifts, lists that lag, planned failures.

The headers of the budget and the form of an error are those that the overview of the
REST API shows (docs.vitally.io, article 9880649).
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import httpx
import pytest

from sandbox.credentials import Credentials
from sandbox.vitally.shapes import KINDS
from tests.sandbox.doors import Doors, opened
from tests.sandbox.vitally.conftest import SmallWorld, records

ORGANIZATION = {"name": "Group", "externalId": "g"}
# What makes a record of each kind, and a field of it that has a value.
MADE: dict[str, tuple[dict[str, Any], str]] = {
    "organizations": (ORGANIZATION, "name"),
    "accounts": ({"name": "New", "externalId": "new"}, "name"),
    "users": ({"name": "Bo", "externalId": "bo"}, "name"),
    "notes": ({"note": "<p>Hi</p>", "noteDate": "2026-11-01"}, "note"),
    "npsResponses": (
        {"userId": "u1", "score": 9, "respondedAt": "2026-11-01"},
        "respondedAt",
    ),
}
Fail = Callable[..., httpx.Response]


@pytest.fixture
def fail(keys: Credentials, workspace: Any) -> Iterator[Fail]:
    """Plan a status, ask for accounts at Vitally's own hostname, return what came."""
    with ExitStack() as stack:
        world = SmallWorld(records())
        doors: Doors = stack.enter_context(
            opened(world, keys, workspace.clock, only=["vitally"])
        )
        client = stack.enter_context(doors.client("vitally", "host"))
        client.auth = httpx.BasicAuth(keys.vitally_api_key, "")

        def fail(status: int, **conditions: Any) -> httpx.Response:
            doors.control("conditions", {"vitally": conditions})
            fault = {"system": "vitally", "kind": "status", "status": status}
            doors.control("faults", [fault])
            return client.get("/resources/accounts")

        yield fail


def drifted(workspace: Any, name: str, *changes: tuple[str, str, str]) -> None:
    """Let fields of a kind change: (field, change, type)."""
    listed = [
        {"object": name, "field": field, "change": change, "type": kind}
        for field, change, kind in changes
    ]
    workspace.store.set_conditions({"vitally": {"drift": listed}})


@pytest.mark.parametrize("name", KINDS)
def test_every_kind_drifts(workspace: Any, name: str) -> None:
    """A field comes, one goes and one is a list: in lists, alone and after a write."""
    body, field = MADE[name]
    made = workspace.client.post(f"/{name}", json=body).json()
    drifted(
        workspace,
        name,
        ("region", "added", ""),
        ("createdAt", "removed", ""),
        (field, "retyped", "list"),
    )

    alone = workspace.get(f"/{name}/{made['id']}")
    listed = {each["id"]: each for each in workspace.paged(f"/{name}")}
    written = workspace.client.put(f"/{name}/{made['id']}", json={"traits": {}}).json()

    wanted = {k: v for k, v in made.items() if k != "createdAt"}
    wanted |= {"region": f"drift {made['id']}", field: [made[field]]}
    assert alone == listed[made["id"]] == wanted
    assert written.keys() == wanted.keys()


@pytest.mark.parametrize(
    ("kind", "value"),
    [("string", "80"), ("number", 2), ("boolean", True), ("list", [80]), ("", "80")],
)
def test_a_score_gets_another_type(workspace: Any, kind: str, value: Any) -> None:
    """The type is the one that was named, and text if none was."""
    drifted(workspace, "accounts", ("healthScore", "retyped", kind))

    assert workspace.get("/accounts/00101")["healthScore"] == value


def test_traits_drift_and_nothing_is_lost(workspace: Any) -> None:
    """Traits come and go like fields, and are as before once the drift is over."""
    before = workspace.get("/accounts/00101")
    drifted(
        workspace,
        "accounts",
        ("traits.tier", "added", ""),
        ("traits.risk", "removed", ""),
        ("traits.segment", "retyped", "list"),
        ("nothing.there", "removed", ""),
    )

    during = workspace.get("/accounts/00101")["traits"]
    workspace.store.set_conditions({"vitally": {"drift": None}})

    assert during == {"segment": ["Mid"], "tier": f"drift {before['id']}"}
    assert workspace.get("/accounts/00101") == before


def test_a_write_meets_the_drift(workspace: Any) -> None:
    """A field that went cannot be set any more, and one that came can."""
    drifted(workspace, "accounts", ("name", "removed", ""), ("tier", "added", ""))

    gone = workspace.client.put("/accounts/00101", json={"name": "x"})
    come = workspace.client.put("/accounts/00101", json={"tier": "gold"})

    assert (gone.status_code, list(gone.json())) == (400, ["error"])
    assert come.json()["tier"] == "gold"


def test_lists_lag_behind_the_writes(workspace: Any) -> None:
    """A write is in no list until the lag is over, but is found by its id at once."""
    workspace.store.set_conditions({"vitally": {"list_lag_seconds": 30}})
    workspace.client.put("/accounts/00105", json={"name": "Changed"})
    workspace.client.post("/accounts", json={"name": "New", "externalId": "new"})
    workspace.client.delete("/accounts/00106")

    def names() -> list[str]:
        return [each["name"] for each in workspace.paged("/accounts", limit=10)]

    lagging, at_once = names(), workspace.get("/accounts/00105")["name"]
    workspace.clock.advance(31)
    caught_up = names()

    assert at_once == "Changed"
    assert {"Customer 5", "Customer 6"} <= set(lagging)
    assert len(lagging) == len(caught_up) == 24
    assert set(caught_up[:2]) == {"Changed", "New"}
    assert not {"Customer 5", "Customer 6"} & set(caught_up)


def test_only_a_pass_by_creation_sees_everything_in_motion(workspace: Any) -> None:
    """By change a record slips past each page turned; by creation none does."""

    def read(sort: str) -> set[str]:
        seen: set[str] = set()
        cursor: dict[str, str] = {}
        while True:
            page = workspace.get("/accounts", limit=6, sortBy=sort, **cursor)
            seen |= {each["id"] for each in page["results"]}
            if page["next"] is None:
                return seen
            cursor = {"from": page["next"]}
            # Somebody touches the oldest of all before the next page is read.
            last = workspace.get("/accounts", limit=100)["results"][-1]["id"]
            workspace.clock.advance(1)
            workspace.client.put(f"/accounts/{last}", json={"traits": {"seen": "x"}})

    assert len(read("createdAt")) == 24
    assert len(read("updatedAt")) < 24


def test_every_answer_tells_of_the_budget(workspace: Any) -> None:
    """A bucket of 1,000 calls a minute, in the headers' documented form."""
    answer = workspace.client.get("/accounts/00101")

    assert answer.headers["RateLimit-Limit"] == "1000, 1000;window=60"
    assert answer.headers["RateLimit-Remaining"] == "999"
    assert answer.headers["RateLimit-Reset"] == "1"
    assert "Retry-After" not in answer.headers


@pytest.mark.parametrize(("most", "wait"), [(1000, "1"), (6, "10"), (0, "60")])
def test_a_planned_429_is_that_of_an_empty_bucket(
    fail: Fail, most: int, wait: str
) -> None:
    """It says that nothing is left, and how long one call takes to be there again."""
    answer = fail(429, requests_per_minute=most)

    assert (answer.status_code, answer.json()) == (429, {"error": "Too many requests."})
    assert answer.headers["RateLimit-Limit"] == f"{most}, {most};window=60"
    assert answer.headers["RateLimit-Remaining"] == "0"
    assert answer.headers["RateLimit-Reset"] == answer.headers["Retry-After"] == wait


def test_waiting_as_told_is_enough(workspace: Any) -> None:
    """Whoever waits for Retry-After after a 429 gets through, and not before."""
    workspace.store.set_conditions({"vitally": {"requests_per_minute": 6}})
    answers = [workspace.client.get("/accounts/00101") for _ in range(7)]
    wait = int(answers[-1].headers["Retry-After"])

    workspace.clock.advance(wait - 1)
    early = workspace.client.get("/accounts/00101")
    workspace.clock.advance(1)
    late = workspace.client.get("/accounts/00101")

    assert [each.status_code for each in answers] == [200] * 6 + [429]
    assert (early.status_code, late.status_code) == (429, 200)


@pytest.mark.parametrize("status", [400, 401, 404, 500, 502, 503, 504])
def test_a_planned_status_is_a_sentence(fail: Fail, status: int) -> None:
    """Every failure is an object with one sentence, which is not the sandbox's own."""
    answer = fail(status)

    assert answer.status_code == status
    assert list(answer.json()) == ["error"]
    assert "sandbox" not in answer.json()["error"]
