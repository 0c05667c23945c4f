"""A Vitally workspace small enough to read, in process."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

import httpx
import pytest

from sandbox.clients import in_process
from sandbox.clock import Clock
from sandbox.control import enter
from sandbox.credentials import Credentials
from sandbox.server import application
from sandbox.store import Store

START = datetime(2026, 11, 1, 12, tzinfo=UTC)
ACCOUNTS = 25

Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Facts:
    """The truth of the small company."""

    seed: int = 7
    as_of: date = date(2026, 10, 31)


@dataclass(frozen=True, slots=True)
class SmallWorld:
    """The records of the workspace."""

    documents: dict[str, dict[str, list[Document]]]
    company: Facts = field(default_factory=Facts)
    planted: tuple[Any, ...] = ()


def account(number: int) -> Document:
    """Return an account; two of them were changed in the same millisecond."""
    return {
        "id": f"00000000-0000-0000-0000-0000000000{number:02}",
        "name": f"Customer {number}",
        "externalId": f"001{number:02}",
        "organizationId": None,
        "createdAt": f"2026-09-{number + 1:02}T08:00:00.000Z",
        "updatedAt": f"2026-10-{number // 2 + 1:02}T08:00:00.000Z",
        "churnedAt": "2026-10-20T00:00:00.000Z" if number == 3 else None,
        "healthScore": 80,
        "traits": {"risk": "low", "segment": "Mid"},
    }


def records() -> dict[str, dict[str, list[Document]]]:
    """Return the records of the workspace, new ones on every call."""
    person = {
        "id": "u1",
        "name": "Ann",
        "email": "ann@c1.example",
        "externalId": "p1",
        "accountIds": [account(1)["id"]],
        "organizationIds": [],
        "createdAt": "2026-09-01T08:00:00.000Z",
        "updatedAt": "2026-09-01T08:00:00.000Z",
        "traits": {},
    }
    accounts = [account(number) for number in range(ACCOUNTS)]
    return {"vitally": {"accounts": accounts, "users": [person]}}


@dataclass(frozen=True, slots=True)
class Workspace:
    """The workspace, with a client that has signed in."""

    store: Store
    clock: Clock
    client: httpx.Client

    def get(self, path: str, **params: Any) -> Any:
        """Return what a GET answers."""
        return self.client.get(path, params=params).raise_for_status().json()

    def paged(self, path: str, **params: Any) -> list[Document]:
        """Return all entries of a list, page by page."""
        found: list[Document] = []
        cursor: dict[str, str] = {}
        while True:
            told = self.get(path, **params, **cursor)
            found += told["results"]
            if told["next"] is None:
                return found
            cursor = {"from": told["next"]}


@contextmanager
def in_one_process(keys: Credentials) -> Iterator[Workspace]:
    """Give the workspace without a socket."""
    store = Store({}, Clock(START, running=False))
    enter(store, SmallWorld(records()))
    app = application(store, keys, only=["vitally"])
    with in_process(app, "vitally") as client:
        client.base_url = httpx.URL("https://concord.rest.vitally.io/resources")
        client.auth = httpx.BasicAuth(keys.vitally_api_key, "")
        yield Workspace(store, store.clock, client)


@pytest.fixture
def workspace(keys: Credentials) -> Iterator[Workspace]:
    """The workspace, in process."""
    with in_one_process(keys) as workspace:
        yield workspace
