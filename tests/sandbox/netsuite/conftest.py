"""What the tests of NetSuite share: one small account, in process."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import httpx
import pytest
from joserfc import jwt

from sandbox.clients import in_process
from sandbox.clock import Clock
from sandbox.credentials import Credentials
from sandbox.server import application
from sandbox.store import Store
from tests.sandbox.doors import Doors, opened

HOST = "https://1234567.suitetalk.api.netsuite.com"
REST = f"{HOST}/services/rest"
START = datetime(2026, 11, 1, 12, tzinfo=UTC)
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Erp:
    """The account, with a client that holds a token."""

    client: httpx.Client
    store: Store
    clock: Clock
    keys: Credentials

    def suiteql(self, query: str, **paging: int) -> httpx.Response:
        """Ask in SuiteQL."""
        return self.client.post(
            f"{REST}/query/v1/suiteql",
            params=paging,
            json={"q": query},
            headers={"Prefer": "transient"},
        )

    def rows(self, query: str, **paging: int) -> list[dict[str, str]]:
        """Return a query's rows without their links."""
        response = self.suiteql(query, **paging)
        assert response.status_code == 200, response.text
        items: list[dict[str, Any]] = response.json()["items"]
        assert all(item.pop("links") == [] for item in items)
        return items

    def record(self, method: str, path: str, **request: Any) -> httpx.Response:
        """Ask the record API."""
        return self.client.request(method, f"{REST}/record/v1/{path}", **request)

    def set(self, **conditions: Any) -> None:
        """Change how things stand at NetSuite."""
        self.store.set_conditions({"netsuite": conditions})

    def sign_in(self) -> None:
        """Get a token, and use it from now on."""
        response = self.client.post(
            f"{REST}/auth/oauth2/v1/token", data=login_form(self.keys)
        )
        token = response.json()["access_token"]
        self.client.headers["Authorization"] = f"Bearer {token}"


def login_form(
    keys: Credentials, *, key: Any = None, alg: str = "PS256", **claims: Any
) -> dict[str, str]:
    """Return the form that asks for a token; `claims` replace the right ones."""
    now = int(time.time())
    right = {
        "iss": keys.netsuite_client_id,
        "scope": ["rest_webservices"],
        "aud": f"{REST}/auth/oauth2/v1/token",
        "iat": now,
        "exp": now + 3600,
    }
    header = {"alg": alg, "kid": claims.pop("kid", keys.netsuite_certificate_id)}
    signed = jwt.encode(
        header, right | claims, key or keys.netsuite_key, algorithms=[alg]
    )
    return {
        "grant_type": "client_credentials",
        "client_assertion_type": ASSERTION_TYPE,
        "client_assertion": signed,
    }


def transaction(number: int, kind: str, **fields: Any) -> Document:
    """Return a transaction as the store keeps it."""
    return {
        "id": str(number),
        "type": kind,
        "tranid": f"{kind}-{number}",
        "externalid": f"x_{number}",
        "entity": "1001",
        "trandate": "2026-10-05",
        "currency": "USD",
        "foreigntotal": Decimal("1234.50"),
        "status": "Open",
        "lastmodifieddate": "2026-10-05 20:00:00",
        **fields,
    }


def customer(number: int, **fields: Any) -> Document:
    """Return a customer as the store keeps it."""
    return {
        "id": str(1000 + number),
        "entityid": f"CUST{number}",
        "externalid": f"cus_{number}",
        "companyname": f"Customer {number}",
        "email": None,
        "vatregnumber": f"T{number}",
        "currency": "USD",
        "country": "US",
        "isinactive": "F",
        "lastmodifieddate": f"2026-10-0{number} 11:00:00",
        **fields,
    }


def documents() -> dict[str, list[Document]]:
    """Return the documents of a small account."""
    return {
        "customer": [
            customer(1),
            customer(2, currency="EUR", email="ap@c2.example"),
        ],
        "item": [
            {
                "id": "301",
                "itemid": "PLT",
                "displayname": "Platform",
                "externalid": None,
                "isinactive": "F",
                "lastmodifieddate": "2026-10-01 11:00:00",
            }
        ],
        "invoice": [
            transaction(9995, "CustInvc", status="Paid In Full"),
            transaction(10000, "CustInvc", duedate="2026-11-04"),
            transaction(10005, "CustInvc", foreigntotal=Decimal("0.1")),
        ],
        "payment": [transaction(10010, "CustPymt", status=None)],
        "payment_application": [
            {
                "id": "9995-10010",
                "linktype": "Payment",
                "previousdoc": "9995",
                "nextdoc": "10010",
                "foreignamount": Decimal("1234.50"),
            }
        ],
    }


@contextmanager
def account(keys: Credentials) -> Iterator[Erp]:
    """Open an account of its own, and sign in."""
    clock = Clock(START, running=False)
    store = Store({"netsuite": documents()}, clock)
    app = application(store, keys, only=["netsuite"])
    with in_process(app, "netsuite") as client:
        erp = Erp(client, store, clock, keys)
        erp.sign_in()
        yield erp


@pytest.fixture
def erp(keys: Credentials) -> Iterator[Erp]:
    """The account, for tests that change it."""
    with account(keys) as opened:
        yield opened


@pytest.fixture(scope="session")
def reading(keys: Credentials) -> Iterator[Erp]:
    """The account, for all tests that only read."""
    with account(keys) as opened:
        yield opened


@dataclass(frozen=True, slots=True)
class World:
    """What the doors are opened with: one small account, nothing planted."""

    documents: dict[str, dict[str, list[Document]]]
    company: Any
    planted: tuple[Any, ...] = ()


@dataclass(frozen=True, slots=True)
class Facts:
    """The truth about that account."""

    seed: int = 7
    as_of: date = date(2026, 10, 31)


@pytest.fixture(scope="module")
def doors(keys: Credentials) -> Iterator[Doors]:
    """The account behind its real hostnames."""
    world = World({"netsuite": documents()}, Facts())
    clock = Clock(START, running=False)
    with opened(world, keys, clock, only=["netsuite"]) as doors:
        yield doors


@pytest.fixture(scope="session")
def login() -> Callable[..., dict[str, str]]:
    """Give test modules, which cannot import this one, the form of a login."""
    return login_form


@pytest.fixture(scope="session")
def said() -> Callable[[httpx.Response], tuple[int, str]]:
    """Give the reader of errors."""
    return status_and_code


def status_and_code(response: httpx.Response) -> tuple[int, str]:
    """Return the status and the code of an error that has NetSuite's whole shape."""
    body = response.json()
    assert body["status"] == response.status_code
    assert set(body) == {"type", "title", "status", "o:errorDetails"}
    assert "type=error" in response.headers["content-type"]
    return response.status_code, body["o:errorDetails"][0]["o:errorCode"]
