"""What the tests of the sandbox share: a company small enough to read, served."""

import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey

from sandbox.clock import Clock
from sandbox.credentials import Credentials, credentials
from sandbox.store import Store
from tests.sandbox.doors import Doors, opened
from tests.sandbox.small_company import Document, documents

START = datetime(2026, 11, 1, 12, tzinfo=UTC)
# Reading the machine's certificates takes longer than a test, and nothing here uses
# TLS.
NO_CERTIFICATES = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


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
