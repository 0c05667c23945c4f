"""A support account small enough to read, behind a socket or with the judge."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import httpx
import pytest

from sandbox.clock import Clock
from sandbox.credentials import Credentials
from sandbox.store import Store
from tests.sandbox.doors import Doors, opened

START = datetime(2026, 11, 1, 12, tzinfo=UTC)
# The clock stands still in these tests: a minute of calls has to be enough for a test.
GENEROUS = {
    "export_calls_per_minute": 1000,
    "calls_per_minute": 5000,
    "job_looks": 0,
}

Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Facts:
    """The truth of the small account."""

    seed: int = 7
    as_of: date = date(2026, 10, 31)


@dataclass(frozen=True, slots=True)
class SmallWorld:
    """The records of the account."""

    documents: dict[str, dict[str, list[Document]]]
    company: Facts
    planted: tuple[Any, ...] = ()


@dataclass(frozen=True, slots=True)
class Desk:
    """The account behind its doors, with a client that has signed in."""

    doors: Doors
    zendesk: httpx.Client

    @property
    def url(self) -> str:
        """The plain door."""
        return self.doors.url

    @property
    def store(self) -> Store:
        """The records, behind Zendesk's back."""
        return self.doors.store

    @property
    def clock(self) -> Clock:
        """Zendesk's clock."""
        return self.doors.clock

    @property
    def keys(self) -> Credentials:
        """What Zendesk asks for."""
        return self.doors.keys

    def conditions(self, **wanted: Any) -> None:
        """Change how things stand."""
        self.store.set_conditions({"zendesk": wanted})

    def edit(self, kind: str, record_id: int, **fields: Any) -> None:
        """Change a record as a person would."""
        self.store.update(
            "zendesk", kind, record_id, fields, actor="human", request_id="edit"
        )


def organization(number: int, changed: str) -> Document:
    """Return an organization."""
    return {
        "id": 100 + number,
        "url": f"https://concord.zendesk.com/api/v2/organizations/{100 + number}.json",
        "name": f"Customer {number}",
        "external_id": None if number else "acc_0",
        "domain_names": [f"c{number}.example"],
        "organization_fields": {"support_tier": "none"},
        "tags": [],
        "created_at": "2026-09-01T00:00:00Z",
        "updated_at": changed,
    }


def user(number: int) -> Document:
    """Return a user; the first is the account's administrator."""
    return {
        "id": 500 + number,
        "name": f"User {number}",
        "email": f"user{number}@c0.example",
        "role": "admin" if number == 1 else "end-user",
        "organization_id": None if number == 1 else 100,
        "external_id": None,
        "active": True,
        "tags": [],
        "user_fields": {},
        "created_at": f"2026-09-0{number}T00:00:00Z",
        "updated_at": f"2026-10-0{number}T00:00:00Z",
    }


def ticket(number: int) -> Document:
    """Return a ticket."""
    return {
        "id": 700 + number,
        "subject": f"Ticket {number}",
        "raw_subject": f"Ticket {number}",
        "description": f"Ticket {number} in words",
        "status": "open",
        "priority": ("low", "high")[number % 2],
        "type": "question",
        "organization_id": 100,
        "requester_id": 502,
        "submitter_id": 502,
        "assignee_id": 501,
        "external_id": None,
        "tags": ["old"],
        "custom_fields": [],
        "via": {"channel": "email"},
        "created_at": f"2026-09-0{number}T10:00:00Z",
        "updated_at": f"2026-10-0{number}T10:00:00Z",
    }


def documents() -> dict[str, dict[str, list[Document]]]:
    """Return the records of the account, new ones on every call."""
    stamps = ("2026-10-01T00:00:00Z", "2026-10-02T00:00:00Z", "2026-10-02T00:00:00Z")
    return {
        "zendesk": {
            "organization": [
                organization(number, stamp) for number, stamp in enumerate(stamps)
            ],
            "user": [user(number) for number in (1, 2, 3)],
            "ticket": [ticket(number) for number in (1, 2, 3, 4)],
        }
    }


@contextmanager
def serving(keys: Credentials, conditions: Document, **options: Any) -> Iterator[Desk]:
    """Serve an account of one's own."""
    world = SmallWorld(documents(), Facts())
    clock = Clock(START, running=False)
    with opened(world, keys, clock, only=("zendesk",), **options) as doors:
        doors.store.set_conditions({"zendesk": {**GENEROUS, **conditions}})
        with httpx.Client(
            base_url=f"{doors.url}/zendesk/api/v2",
            auth=(f"{keys.zendesk_email}/token", keys.zendesk_api_token),
            trust_env=False,
        ) as client:
            yield Desk(doors, client)


@pytest.fixture
def serve(keys: Credentials) -> Iterator[Callable[..., Desk]]:
    """Serve accounts; takes conditions."""
    with ExitStack() as stack:
        yield lambda **conditions: stack.enter_context(serving(keys, conditions))


@pytest.fixture
def served(serve: Callable[..., Desk]) -> Desk:
    """An account of one's own."""
    return serve()


@pytest.fixture(scope="session")
def reading(keys: Credentials) -> Iterator[Desk]:
    """One account for all tests that only read."""
    with serving(keys, {}) as desk:
        yield desk
