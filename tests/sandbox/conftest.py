"""What the tests of the sandbox share: a company small enough to read, served."""

import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey

from sandbox.clock import Clock
from sandbox.credentials import Credentials, credentials
from sandbox.store import Store
from tests.sandbox.doors import Doors, opened

START = datetime(2026, 11, 1, 12, tzinfo=UTC)
INVOICES = 25
LINES = 12
# Reading the machine's certificates takes longer than a test, and nothing here uses
# TLS.
NO_CERTIFICATES = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)

Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Facts:
    """The truth of the small company."""

    seed: int = 7
    as_of: date = date(2026, 10, 31)


@dataclass(frozen=True, slots=True)
class SmallWorld:
    """A company of three customers, with documents made by hand."""

    documents: dict[str, dict[str, list[Document]]]
    company: Facts = field(default_factory=Facts)
    planted: tuple[Any, ...] = ()


@dataclass(frozen=True, slots=True)
class Served:
    """The small company behind a real socket, with a client for each vendor."""

    url: str
    clock: Clock
    store: Store
    keys: Credentials
    salesforce: httpx.Client
    stripe: httpx.Client
    zendesk: httpx.Client
    netsuite: httpx.Client
    control: httpx.Client

    def suiteql(self, query: str, **paging: int) -> httpx.Response:
        """Ask NetSuite."""
        return self.netsuite.post(
            "/query/v1/suiteql",
            params=paging,
            json={"q": query},
            headers={"Prefer": "transient"},
        )

    def soql(self, query: str, **headers: str) -> httpx.Response:
        """Ask Salesforce."""
        return self.salesforce.get("/query", params={"q": query}, headers=headers)


def _account(number: int, **fields: Any) -> Document:
    stamp = f"2026-10-0{min(number, 2)}T09:00:00.000+0000"
    return {
        "Id": f"001Hs0000000{number:03}AAA",
        "IsDeleted": False,
        "Name": f"Customer {number}",
        "Website": f"https://www.c{number}.example",
        "BillingCountry": "US",
        "CurrencyIsoCode": "USD",
        "Tax_Id__c": None,
        "Billing_Email__c": f"billing@c{number}.example",
        "Payment_Status__c": "current",
        "Duplicate_Of__c": None,
        "Type": "Customer",
        "CreatedDate": "2024-11-01T09:00:00.000+0000",
        "LastModifiedDate": stamp,
        "SystemModstamp": stamp,
        **fields,
    }


def _deal(number: int) -> Document:
    return {
        "Id": f"006Hs0000000{number:03}AAA",
        "Amount": Decimal(f"{number}000.10"),
        "CloseDate": f"2026-0{number}-15",
        "IsWon": number > 1,
        "SystemModstamp": "2026-10-01T09:00:00.000+0000",
    }


def _customer(number: int) -> Document:
    return {
        "id": f"cus_{number}",
        "object": "customer",
        "address": None,
        "created": 1_700_000_000 + number,
        "currency": "usd",
        "email": f"billing@c{number}.example",
        "livemode": False,
        "metadata": {"tax_id": f"T{number}", "plan": "old"},
        "name": f"Customer {number}",
    }


def _invoice(number: int) -> Document:
    lines = [
        {
            "id": f"il_{number}_{place}",
            "object": "line_item",
            "amount": place,
            "discounts": [],
        }
        for place in range(LINES if number == 1 else 1)
    ]
    return {
        "id": f"in_{number}",
        "object": "invoice",
        # Two invoices to a second, as a billing run makes them.
        "created": 1_750_000_000 + number // 2,
        "customer": f"cus_{number % 2 + 1}",
        "discounts": [],
        "lines": {"object": "list", "data": lines, "has_more": False},
        "parent": {"subscription_details": {"subscription": "sub_1"}},
        "status": "open" if number == 3 else "paid",
        "total": 1000 + number,
    }


def _subscription(name: str, status: str, discounts: list[Document]) -> Document:
    items = [
        {"id": f"si_{name}", "object": "subscription_item", "price": {"id": "price_1"}}
    ]
    return {
        "id": f"sub_{name}",
        "object": "subscription",
        "created": 1_740_000_000,
        "customer": "cus_1",
        "default_payment_method": None,
        "discounts": discounts,
        "items": {"object": "list", "data": items, "has_more": False},
        "metadata": {},
        "status": status,
    }


def _usage(day: int) -> Document:
    start = 1_760_054_400 + day * 86_400
    return {
        "id": f"mtrusg_{day}",
        "object": "billing.meter_event_summary",
        "aggregated_value": 10 + day,
        "start_time": start,
        "end_time": start + 86_400,
        "livemode": False,
        "meter": "mtr_1",
        "_customer": "cus_1",
    }


def _organization(number: int, changed: str) -> Document:
    return {
        "id": 100 + number,
        "name": f"Customer {number}",
        "external_id": None,
        "domain_names": [f"c{number}.example"],
        "organization_fields": {"support_tier": "none"},
        "updated_at": changed,
    }


def _transaction(number: int, kind: str) -> Document:
    return {
        "id": str(9_990 + number * 5),
        "type": kind,
        "tranid": f"{kind}-{number}",
        "externalid": f"x_{kind}_{number}",
        "entity": "1001",
        "trandate": "2026-10-05",
        "currency": "USD",
        "foreigntotal": Decimal("1234.50"),
        "status": "Open",
        "lastmodifieddate": "2026-10-05 20:00:00",
    }


def documents() -> dict[str, dict[str, list[Document]]]:
    """Return the documents of the small company, new ones on every call."""
    discount = {
        "id": "di_1",
        "object": "discount",
        "start": 1,
        "source": {"type": "coupon", "coupon": "FOREVER"},
    }
    stamps = ("2026-10-01T00:00:00Z", "2026-10-02T00:00:00Z", "2026-10-02T00:00:00Z")
    return {
        "salesforce": {
            "Account": [
                _account(1),
                _account(2, Name='O\'Hara & "Söhne"', Tax_Id__c="DE1"),
                _account(3, Payment_Status__c=None),
                _account(4, IsDeleted=True),
            ],
            "Opportunity": [_deal(number) for number in (1, 2, 3)],
        },
        "stripe": {
            "customer": [_customer(number) for number in (1, 2, 3)],
            "invoice": [_invoice(number) for number in range(INVOICES)],
            "subscription": [
                _subscription("1", "active", [discount]),
                _subscription("2", "canceled", []),
            ],
            "coupon": [
                {
                    "id": "HALF",
                    "object": "coupon",
                    "created": 1,
                    "percent_off": 50,
                    "duration": "repeating",
                    "duration_in_months": 3,
                },
            ],
            "billing.meter": [
                {
                    "id": "mtr_1",
                    "object": "billing.meter",
                    "created": 1,
                    "status": "active",
                }
            ],
            "billing.meter_event_summary": [_usage(day) for day in range(3)],
        },
        "zendesk": {
            "organization": [
                _organization(number, stamp) for number, stamp in enumerate(stamps)
            ],
            "user": [
                {
                    "id": 500 + number,
                    "name": f"User {number}",
                    "updated_at": f"2026-10-0{number}T00:00:00Z",
                }
                for number in (1, 2, 3)
            ],
            "ticket": [],
        },
        "netsuite": {
            "customer": [
                {
                    "id": "1001",
                    "entityid": "CUST1",
                    "externalid": "cus_1",
                    "companyname": "Customer 1",
                    "email": None,
                    "vatregnumber": "T1",
                    "currency": "USD",
                    "country": "US",
                    "isinactive": "F",
                    "lastmodifieddate": "2026-10-01 11:00:00",
                },
            ],
            "item": [
                {
                    "id": "301",
                    "itemid": "PLT",
                    "displayname": "Platform",
                    "externalid": None,
                    "isinactive": "F",
                    "lastmodifieddate": "2026-10-01 11:00:00",
                },
            ],
            "invoice": [_transaction(number, "CustInvc") for number in (1, 2, 3)],
            "payment": [_transaction(4, "CustPymt")],
            "payment_application": [
                {
                    "id": "9995-10010",
                    "linktype": "Payment",
                    "previousdoc": "9995",
                    "nextdoc": "10010",
                    "foreignamount": Decimal("1234.50"),
                },
            ],
        },
    }


@pytest.fixture(scope="session")
def keys() -> Credentials:
    """One set of keys: making the RSA key takes longer than a test."""
    return credentials(7)


@contextmanager
def serving(
    keys: Credentials, planted: tuple[Any, ...] = (), **options: Any
) -> Iterator[Served]:
    """Serve a small company on ports of its own."""
    world = SmallWorld(documents(), planted=planted)
    clock = Clock(START, running=False)
    with opened(world, keys, clock, **options) as doors, ExitStack() as clients:
        yield _clients(doors.url, clock, doors.store, keys, clients)


@pytest.fixture
def open_doors(keys: Credentials) -> Iterator[Callable[..., Doors]]:
    """Open the three doors of a sandbox; may be called more than once.

    Takes the records ({vendor: {object: [document]}}, a small company if none are
    given) and what `sandbox.server.application` takes, such as `only=["stripe"]`: the
    vendors to play. See tests/sandbox/doors.py for what comes back.
    """
    with ExitStack() as stack:

        def open_doors(
            records: dict[str, dict[str, list[Document]]] | None = None, **options: Any
        ) -> Doors:
            world = SmallWorld(documents() if records is None else records)
            clock = Clock(START, running=False)
            return stack.enter_context(opened(world, keys, clock, **options))

        yield open_doors


@pytest.fixture
def door(open_doors: Callable[..., Doors]) -> Doors:
    """A small company of every vendor behind all three doors."""
    return open_doors()


@pytest.fixture
def serve(keys: Credentials) -> Iterator[Callable[..., Served]]:
    """Serve small companies; takes what `serving` takes."""
    with ExitStack() as opened:
        yield lambda **options: opened.enter_context(serving(keys, **options))


def _clients(
    url: str, clock: Clock, store: Store, keys: Credentials, opened: ExitStack
) -> Served:
    def client(path: str, **settings: Any) -> httpx.Client:
        settings |= {"base_url": url + path, "verify": NO_CERTIFICATES}
        return opened.enter_context(httpx.Client(**settings))

    stripe = client("/stripe/v1")
    stripe.headers["Authorization"] = f"Bearer {keys.stripe_api_key}"
    zendesk = client(
        "/zendesk/api/v2", auth=(f"{keys.zendesk_email}/token", keys.zendesk_api_token)
    )
    salesforce = client("/salesforce/services/data/v68.0")
    token = salesforce.post(
        f"{url}/salesforce/services/oauth2/token",
        data={"grant_type": "client_credentials"},
        auth=(keys.salesforce_client_id, keys.salesforce_client_secret),
    ).json()["access_token"]
    salesforce.headers["Authorization"] = f"Bearer {token}"
    netsuite = client("/netsuite/services/rest")
    token = netsuite.post(
        "/auth/oauth2/v1/token", data=netsuite_login(url, keys)
    ).json()["access_token"]
    netsuite.headers["Authorization"] = f"Bearer {token}"
    control = client("/_sandbox")
    return Served(
        url, clock, store, keys, salesforce, stripe, zendesk, netsuite, control
    )


def netsuite_login(
    url: str, keys: Credentials, *, key: RSAKey | None = None, **claims: Any
) -> dict[str, str]:
    """Return the form that asks for a token; `claims` replace the right ones."""
    now = int(time.time())
    right = {
        "iss": keys.netsuite_client_id,
        "scope": ["rest_webservices"],
        "aud": f"{url}/netsuite/services/rest/auth/oauth2/v1/token",
        "iat": now,
        "exp": now + 3600,
    }
    header = {"alg": "PS256", "kid": claims.pop("kid", keys.netsuite_certificate_id)}
    assertion = jwt.encode(
        header, right | claims, key or keys.netsuite_key, algorithms=["PS256"]
    )
    return {
        "grant_type": "client_credentials",
        "client_assertion_type": (
            "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
        ),
        "client_assertion": assertion,
    }


@pytest.fixture
def served(serve: Callable[..., Served]) -> Served:
    """The small company behind a real socket."""
    return serve()


@pytest.fixture(scope="session")
def reading(keys: Credentials) -> Iterator[Served]:
    """One small company for all tests that only read: starting one costs 0.2 s."""
    with serving(keys) as served:
        yield served


@pytest.fixture
def login() -> Callable[..., dict[str, str]]:
    """Give test modules, which cannot import this one, the form of a login."""
    return netsuite_login
