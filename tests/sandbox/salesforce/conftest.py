"""A sales organisation small enough to read, in process or with the judge."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import httpx
import pytest

from sandbox.clients import in_process
from sandbox.clock import Clock
from sandbox.credentials import Credentials
from sandbox.identifiers import checksum
from sandbox.salesforce.api import Salesforce
from sandbox.store import Store

START = datetime(2026, 11, 1, 12, tzinfo=UTC)
HOST = "https://concord.my.salesforce.com"
# The session's user, and one of those who sell.
USER, SELLER = "005Hs0000000001IAA", "005Hs0000000002IAA"

Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Org:
    """The organisation, with a client that has signed in."""

    store: Store
    clock: Clock
    keys: Credentials
    salesforce: httpx.Client

    def soql(self, query: str, **headers: str) -> httpx.Response:
        """Ask a query."""
        return self.salesforce.get("query", params={"q": query}, headers={**headers})

    def found(self, query: str) -> list[Any]:
        """Return the rows of a query without their attributes."""
        response = self.soql(query)
        assert response.status_code == 200, response.text
        rows = response.json(parse_float=Decimal)["records"]
        for row in rows:
            del row["attributes"]
        return rows

    def conditions(self, **wanted: Any) -> None:
        """Change how things stand."""
        self.store.set_conditions({"salesforce": wanted})

    def edit(self, kind: str, record_id: str, **fields: Any) -> None:
        """Change a record as a person would."""
        self.store.update(
            "salesforce", kind, record_id, fields, actor="human", request_id="edit"
        )

    def held(self, kind: str, record_id: str) -> Document:
        """Return a record behind Salesforce's back."""
        document = self.store.collection("salesforce", kind).get(record_id)
        assert document is not None
        return document


def id18(prefix: str, number: int) -> str:
    """Return an id whose number people can read."""
    id15 = f"{prefix}Hs0000000{number:03}"
    return id15 + checksum(id15)


def _stamped(changed: str) -> Document:
    stamp = f"{changed}T09:00:00.000+0000"
    return {
        "IsDeleted": False,
        "CreatedDate": "2024-11-01T09:00:00.000+0000",
        "CreatedById": SELLER,
        "LastModifiedDate": stamp,
        "LastModifiedById": USER,
        "SystemModstamp": stamp,
    }


def account(number: int, **fields: Any) -> Document:
    """Return an account."""
    return {
        "Id": id18("001", number),
        "Name": f"Customer {number}",
        "Type": "Customer",
        "Website": f"https://www.c{number}.example",
        "BillingCountry": "US",
        "CurrencyIsoCode": "USD",
        "Tax_Id__c": None,
        "Billing_Email__c": f"billing@c{number}.example",
        "Payment_Status__c": "current",
        "Duplicate_Of__c": None,
        "Concord_Id__c": None,
        "OwnerId": SELLER,
        **_stamped(f"2026-10-0{min(number, 2)}"),
        **fields,
    }


def contact(number: int, account_number: int) -> Document:
    """Return a contact."""
    return {
        "Id": id18("003", number),
        "AccountId": id18("001", account_number),
        "FirstName": "Zoë",
        "LastName": f"Person {number}",
        "Email": f"person{number}@c{account_number}.example",
        "OwnerId": SELLER,
        **_stamped("2026-10-03"),
    }


def deal(number: int, account_number: int) -> Document:
    """Return an opportunity."""
    return {
        "Id": id18("006", number),
        "AccountId": id18("001", account_number),
        "Name": f"Deal {number}",
        "StageName": "Closed Won" if number > 1 else "Prospecting",
        "Amount": Decimal(f"{number}000.10"),
        "CurrencyIsoCode": "USD",
        "CloseDate": f"2026-0{number}-15",
        "IsClosed": number > 1,
        "IsWon": number > 1,
        "OwnerId": SELLER,
        **_stamped("2026-10-01"),
    }


def documents() -> dict[str, list[Document]]:
    """Return the records, new ones on every call."""
    return {
        "Account": [
            account(1),
            account(2, Name='O\'Hara & "Söhne"', Tax_Id__c="DE1"),
            account(3, Payment_Status__c=None, Concord_Id__c="c/3"),
            account(4, IsDeleted=True),
        ],
        "Contact": [contact(1, 1), contact(2, 1), contact(3, 2)],
        "Opportunity": [deal(1, 1), deal(2, 1), deal(3, 2)],
    }


@contextmanager
def serving(keys: Credentials) -> Iterator[Org]:
    """Serve an organisation of one's own."""
    clock = Clock(START, running=False)
    store = Store({"salesforce": documents()}, clock)
    service = Salesforce(store, clock, keys)
    with in_process(service.api(), "salesforce") as client:
        client.headers["Authorization"] = f"Bearer {token(client, keys)}"
        client.base_url = f"{HOST}/services/data/v68.0/"
        yield Org(store, clock, keys, client)
    store.close()


def token(client: httpx.Client, keys: Credentials) -> str:
    """Sign in and return the token of the session."""
    answer = client.post(
        f"{HOST}/services/oauth2/token",
        data={"grant_type": "client_credentials"},
        auth=(keys.salesforce_client_id, keys.salesforce_client_secret),
    )
    return str(answer.json()["access_token"])


@pytest.fixture
def serve(keys: Credentials) -> Iterator[Callable[[], Org]]:
    """Serve organisations."""
    with ExitStack() as stack:
        yield lambda: stack.enter_context(serving(keys))


@pytest.fixture
def served(serve: Callable[[], Org]) -> Org:
    """An organisation of one's own."""
    return serve()


@pytest.fixture(scope="session")
def reading(keys: Credentials) -> Iterator[Org]:
    """One organisation for all tests that only read."""
    with serving(keys) as org:
        yield org
