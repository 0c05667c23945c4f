"""The books of one small company, behind a socket, and a small client of OData."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import httpx
import pytest

from sandbox.clock import Clock
from sandbox.credentials import Credentials
from tests.sandbox.doors import Doors, opened

START = datetime(2026, 11, 1, 12, tzinfo=UTC)
TENANT = "0f8fad5b-d9cb-469f-a165-70867728950e"
COMPANY = "11111111-1111-1111-1111-111111111111"
OTHER = "22222222-2222-2222-2222-222222222222"
API = f"/v2.0/{TENANT}/production/api/v2.0"

Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Facts:
    """The truth of the small company."""

    seed: int = 7
    as_of: date = date(2026, 10, 31)


@dataclass(frozen=True, slots=True)
class SmallWorld:
    """The records of the company."""

    documents: dict[str, dict[str, list[Document]]]
    company: Facts
    planted: tuple[Any, ...] = ()


def guid(kind: int, number: int) -> str:
    """Return an id."""
    return f"{kind:08}-0000-0000-0000-{number:012}"


def customer(number: int, company: str = COMPANY) -> Document:
    """Return a customer."""
    return {
        "_etag": f'W/"customer{number}"',
        "id": guid(1, number),
        "number": f"C{number:05}",
        "displayName": f"Customer {number}",
        "type": "Company",
        "city": ("Berlin", "O'Hara")[number % 2],
        "country": "DE",
        "currencyCode": "EUR",
        "taxLiable": True,
        "balance": Decimal("10.50") * number,
        "lastModifiedDateTime": f"2026-10-0{min(number, 9)}T08:00:00.123Z",
        "_company": company,
    }


def documents() -> dict[str, dict[str, list[Document]]]:
    """Return the records, new ones on every call."""
    companies = [
        {
            "_etag": 'W/"company"',
            "id": key,
            "name": name,
            "displayName": name,
            "lastModifiedDateTime": "2026-01-01T00:00:00.000Z",
            "_company": key,
        }
        for key, name in ((COMPANY, "Concord GmbH"), (OTHER, "Concord SAS"))
    ]
    accounts = [
        {
            "_etag": 'W/"account"',
            "id": guid(3, place),
            "number": number,
            "displayName": name,
            "lastModifiedDateTime": "2026-01-01T00:00:00.000Z",
            "_company": COMPANY,
        }
        for place, (number, name) in enumerate(
            (("1000", "Bank"), ("1200", "Receivables"), ("4000", "Revenue"))
        )
    ]
    return {
        "business_central": {
            "companies": companies,
            "customers": [
                *(customer(number) for number in range(1, 6)),
                customer(9, OTHER),
            ],
            "items": [
                {
                    "_etag": 'W/"item"',
                    "id": guid(2, 1),
                    "number": "PLT",
                    "displayName": "Platform",
                    "unitPrice": Decimal("49.90"),
                    "lastModifiedDateTime": "2026-01-01T00:00:00.000Z",
                    "_company": COMPANY,
                }
            ],
            "accounts": accounts,
            "customerPaymentJournals": [
                {
                    "_etag": 'W/"journal"',
                    "id": guid(4, 1),
                    "code": "DEFAULT",
                    "displayName": "Payments received",
                    "lastModifiedDateTime": "2026-01-01T00:00:00.000Z",
                    "_company": COMPANY,
                }
            ],
        }
    }


@dataclass(frozen=True, slots=True)
class Erp:
    """The books, with a client that has signed in."""

    doors: Doors
    client: httpx.Client

    def url(self, path: str = "") -> str:
        """Return the address of something in the company."""
        return f"{API}/companies({COMPANY}){path}"

    def get(self, path: str, **options: Any) -> httpx.Response:
        """Read something of the company; `top=1` is `$top=1`."""
        query = {f"${name}": str(value) for name, value in options.items()}
        return self.client.get(self.url(path), params=query or None)

    def values(self, path: str, field: str = "number", **options: Any) -> list[Any]:
        """Return one field of all records, over all pages."""
        response = self.get(path, **options)
        found = []
        while True:
            assert response.status_code == 200, response.text
            page = response.json()
            found += [each[field] for each in page["value"]]
            if "@odata.nextLink" not in page:
                return found
            response = self.client.get(page["@odata.nextLink"])

    def post(self, path: str, body: Any = None) -> httpx.Response:
        """Add something to the company."""
        return self.client.post(self.url(path), json=body)

    def patch(self, path: str, etag: str | None, **body: Any) -> httpx.Response:
        """Change something of the company."""
        headers = {} if etag is None else {"If-Match": etag}
        return self.client.patch(self.url(path), json=body, headers=headers)

    def batch(self, *requests: Document, **headers: str) -> list[Document]:
        """Send calls in one; return the answers."""
        numbered = [{"id": str(n), **each} for n, each in enumerate(requests, 1)]
        response = self.client.post(
            f"{API}/$batch", json={"requests": numbered}, headers=headers
        )
        assert response.status_code == 200, response.text
        answers: list[Document] = response.json()["responses"]
        return answers

    def conditions(self, **wanted: Any) -> None:
        """Change how things stand."""
        self.doors.store.set_conditions({"business_central": wanted})

    def edit(self, name: str, key: str, fields: Document) -> None:
        """Change a record as a person would."""
        self.doors.store.update(
            "business_central", name, key, fields, actor="human", request_id="edit"
        )


def token_of(doors: Doors, keys: Credentials, **form: str) -> httpx.Response:
    """Ask Entra for a token."""
    right = {
        "grant_type": "client_credentials",
        "client_id": keys.business_central_client_id,
        "client_secret": keys.business_central_client_secret,
        "scope": "https://api.businesscentral.dynamics.com/.default",
    }
    return httpx.post(
        f"{doors.url}/business_central/{TENANT}/oauth2/v2.0/token",
        data=right | form,
        trust_env=False,
    )


@contextmanager
def serving(keys: Credentials, conditions: Document) -> Iterator[Erp]:
    """Serve books of one's own."""
    world = SmallWorld(documents(), Facts())
    clock = Clock(START, running=False)
    with opened(world, keys, clock, only=("business_central",)) as doors:
        doors.store.set_conditions({"business_central": conditions})
        token = token_of(doors, keys).json()["access_token"]
        with httpx.Client(
            base_url=f"{doors.url}/business_central",
            headers={"Authorization": f"Bearer {token}"},
            trust_env=False,
        ) as client:
            yield Erp(doors, client)


@pytest.fixture
def serve(keys: Credentials) -> Iterator[Callable[..., Erp]]:
    """Serve books; takes conditions."""
    with ExitStack() as stack:
        yield lambda **conditions: stack.enter_context(serving(keys, conditions))


@pytest.fixture
def erp(serve: Callable[..., Erp]) -> Erp:
    """Books of one's own."""
    return serve()


@pytest.fixture(scope="session")
def reading(keys: Credentials) -> Iterator[Erp]:
    """One set of books for all tests that only read."""
    with serving(keys, {}) as erp:
        yield erp
