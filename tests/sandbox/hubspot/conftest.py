"""A HubSpot account small enough to read: in process, or behind doors for the judge."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import httpx
import pytest
from hubspot import HubSpot
from hubspot.crm import contacts

from sandbox.clients import in_process
from sandbox.clock import Clock
from sandbox.credentials import Credentials
from sandbox.server import application
from sandbox.store import Store
from tests.sandbox.doors import Doors, opened

START = datetime(2026, 11, 1, 12, tzinfo=UTC)
# The clock stands still in these tests: one window has to be enough for a test.
GENEROUS = {"calls_per_ten_seconds": 10_000, "searches_per_second": 10_000}
CONTACTS = 250

Document = dict[str, Any]
Connect = Callable[..., HubSpot]


@dataclass(frozen=True, slots=True)
class Facts:
    """The truth of the small account."""

    seed: int = 7
    as_of: date = date(2026, 10, 31)


@dataclass(frozen=True, slots=True)
class SmallWorld:
    """The records of the account."""

    documents: dict[str, dict[str, list[Document]]]
    company: Facts = Facts()
    planted: tuple[Any, ...] = ()


def record_id(number: int) -> str:
    """Return the id of a record that was there before."""
    return str(100_000_000_000_000 + number)


def record(number: int, modified: str, changed: str, **values: str) -> Document:
    """Return a record."""
    created = "2026-01-01T09:00:00.000Z"
    own = {"createdate": created, modified: changed, "hs_object_id": record_id(number)}
    return {
        "id": record_id(number),
        "properties": {**values, **own},
        "createdAt": created,
        "updatedAt": changed,
        "archived": False,
    }


def contact(number: int) -> Document:
    """Return a contact; two of them change in each minute of October the first."""
    changed = f"2026-10-01T{number // 120:02}:{number // 2 % 60:02}:00.000Z"
    email = f"person{number}@c{number % 4}.example"
    return record(
        number,
        "lastmodifieddate",
        changed,
        email=email,
        firstname=f"Given{number}",
        lastname=f"Family{number}",
    )


def company(number: int, **values: str) -> Document:
    """Return a company."""
    changed = f"2026-10-0{number + 1}T12:00:00.000Z"
    named = {"name": f"Customer {number} GmbH", "domain": f"c{number}.example"}
    return record(number, "hs_lastmodifieddate", changed, **(named | values))


def documents() -> dict[str, dict[str, list[Document]]]:
    """Return the records of the account, new ones on every call."""
    owner = {
        "id": record_id(900),
        "email": "mara@marketing.example",
        "type": "PERSON",
        "firstName": "Mara",
        "lastName": "Lindqvist",
        "userId": 7,
        "userIdIncludingInactive": 7,
        "createdAt": "2026-01-01T00:00:00.000Z",
        "updatedAt": "2026-01-01T00:00:00.000Z",
        "archived": False,
    }
    deal = record(
        0,
        "hs_lastmodifieddate",
        "2026-10-01T12:00:00.000Z",
        dealname="First",
        amount="1200.50",
        dealstage="contractsent",
        pipeline="default",
    )
    return {
        "hubspot": {
            "owners": [owner],
            "contacts": [contact(number) for number in range(CONTACTS)],
            "companies": [
                company(0, annualrevenue="1000000", phone="+49 30 1"),
                company(1, annualrevenue="900"),
                company(2, industry="RETAIL"),
                company(3, name="O'Hara & Söhne-West 100%"),
            ],
            "deals": [deal],
        }
    }


@dataclass(frozen=True, slots=True)
class Account:
    """The account in process, with a client that has the app's token."""

    store: Store
    clock: Clock
    keys: Credentials
    hubspot: httpx.Client

    def conditions(self, **wanted: Any) -> None:
        """Change how things stand."""
        self.store.set_conditions({"hubspot": wanted})

    def edit(self, kind: str, number: int, **fields: Any) -> None:
        """Change a record as a person would."""
        self.store.update(
            "hubspot", kind, record_id(number), fields, actor="human", request_id="edit"
        )

    def search(self, kind: str, *filters: Document, **more: Any) -> httpx.Response:
        """Search with one group of filters."""
        groups = [{"filters": list(filters)}] if filters else []
        return self.hubspot.post(
            f"/crm/v3/objects/{kind}/search", json={"filterGroups": groups, **more}
        )

    def found(self, kind: str, *filters: Document, **more: Any) -> list[str]:
        """Return the ids that a search finds, shortened to what tells them apart."""
        answer = self.search(kind, *filters, **more).json()
        return [str(int(each["id"][-6:])) for each in answer["results"]]


@pytest.fixture
def start(keys: Credentials) -> Iterator[Callable[..., Account]]:
    """Open accounts; takes conditions, in place of generous budgets if any."""
    with ExitStack() as stack:

        def start(**conditions: Any) -> Account:
            clock = Clock(START, running=False)
            store = Store(documents(), clock)
            store.set_conditions({"hubspot": conditions or GENEROUS})
            app = application(store, keys, only=["hubspot"])
            client = stack.enter_context(in_process(app, "hubspot"))
            client.headers["Authorization"] = f"Bearer {keys.hubspot_access_token}"
            return Account(store, clock, keys, client)

        yield start


@pytest.fixture
def account(start: Callable[..., Account]) -> Account:
    """An account of one's own."""
    return start()


@pytest.fixture
def doors(keys: Credentials) -> Iterator[Doors]:
    """The account behind all three doors."""
    clock = Clock(START, running=False)
    with opened(SmallWorld(documents()), keys, clock, only=["hubspot"]) as doors:
        doors.store.set_conditions({"hubspot": GENEROUS})
        yield doors


@pytest.fixture
def connect(doors: Doors) -> Callable[..., HubSpot]:
    """Make clients of the judge; takes what replaces their settings."""

    def connect(**settings: Any) -> HubSpot:
        usual = {
            "access_token": doors.keys.hubspot_access_token,
            "proxy": doors.proxy,
            "ssl_ca_cert": doors.ca_file,
            # The client then refuses an answer that lacks what its models require.
            "client_side_validation": True,
        }
        return HubSpot(**(usual | settings))

    return connect


@pytest.fixture
def judge(connect: Callable[..., HubSpot]) -> HubSpot:
    """The client, signed in with the app's token."""
    return connect()


def named(**values: str) -> contacts.SimplePublicObjectInputForCreate:
    """Return what creates a contact."""
    return contacts.SimplePublicObjectInputForCreate(properties=values, associations=[])
