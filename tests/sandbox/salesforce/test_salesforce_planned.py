"""Planned failures: Salesforce's own body and headers for each status."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import Any

import pytest
import requests
from simple_salesforce import Salesforce
from simple_salesforce.exceptions import (
    SalesforceAuthenticationFailed,
    SalesforceExpiredSession,
    SalesforceGeneralError,
    SalesforceMalformedRequest,
    SalesforceRefusedRequest,
)

from sandbox.clients import DoorName
from sandbox.clock import Clock
from sandbox.credentials import Credentials
from tests.sandbox.doors import Doors, opened

pytestmark = pytest.mark.judge("simple-salesforce 1.12.10")

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
QUERY = "SELECT COUNT() FROM Account"
SPENT = [
    {
        "message": "TotalRequests Limit exceeded.",
        "errorCode": "REQUEST_LIMIT_EXCEEDED",
    }
]
ENDED = [{"message": "Session expired or invalid", "errorCode": "INVALID_SESSION_ID"}]
BUSY = [{"message": "Server too busy", "errorCode": "SERVER_UNAVAILABLE"}]


@pytest.fixture(scope="module")
def doors(keys: Credentials) -> Iterator[Doors]:
    """An organisation without records."""
    company = SimpleNamespace(seed=7, as_of=date(2026, 10, 31))
    world = SimpleNamespace(
        documents={"salesforce": {"Account": []}}, company=company, planted=()
    )
    clock = Clock(NOW, running=False)
    with (
        opened(world, keys, clock, only=("salesforce",)) as doors,
        doors.judge_environment(),
    ):
        yield doors


@pytest.fixture
def session() -> Iterator[requests.Session]:
    """What the client keeps its connections in."""
    with requests.Session() as session:
        yield session


def signed_in(doors: Doors, session: requests.Session) -> Salesforce:
    """Sign in with the client's credentials."""
    return Salesforce(
        consumer_key=doors.keys.salesforce_client_id,
        consumer_secret=doors.keys.salesforce_client_secret,
        domain="concord.my",
        session=session,
    )


@pytest.fixture
def sf(doors: Doors, session: requests.Session) -> Salesforce:
    """A client that signed in; it cannot sign in again by itself."""
    first = signed_in(doors, session)
    return Salesforce(
        session_id=first.session_id, instance=first.sf_instance, session=session
    )


def plan(doors: Doors, status: int, path: str = "/query", **more: Any) -> None:
    """Let the next request to a path fail."""
    fault = {"system": "salesforce", "kind": "status", "status": status}
    doors.control("faults", [{**fault, "path_contains": path, **more}])


@pytest.mark.parametrize(
    ("status", "error", "body"),
    [
        (401, SalesforceExpiredSession, ENDED),
        (403, SalesforceRefusedRequest, SPENT),
        (429, SalesforceGeneralError, SPENT),
        (503, SalesforceGeneralError, BUSY),
    ],
)
def test_a_planned_status_has_the_vendors_body(
    sf: Salesforce, doors: Doors, status: int, error: type[Exception], body: Any
) -> None:
    """The client raises what it raises at Salesforce, with the same content."""
    plan(doors, status)

    with pytest.raises(error) as failed:
        sf.query(QUERY)

    assert failed.value.status == status
    assert failed.value.content == body
    assert sf.query(QUERY)["totalSize"] == 0


def test_a_planned_500_asks_for_its_number(sf: Salesforce, doors: Doors) -> None:
    """The sentence has the number under which support would find the failure."""
    plan(doors, 500)

    with pytest.raises(SalesforceGeneralError) as failed:
        sf.query(QUERY)

    [error] = failed.value.content
    assert error["errorCode"] == "UNKNOWN_EXCEPTION"
    assert error["message"].startswith(
        "An unexpected error occurred. Please include this ErrorId if you contact"
        " support: "
    )


@pytest.mark.parametrize("door", ["host", "path"])
@pytest.mark.parametrize("status", [401, 403, 429, 503])
def test_a_planned_status_tells_the_usage(
    doors: Doors, status: int, door: DoorName
) -> None:
    """A spent limit is one; Salesforce never says when to come back."""
    plan(doors, status)

    with doors.client("salesforce", door) as client:
        response = client.get("/services/data/v68.0/query", params={"q": QUERY})

    used, _, most = (
        response.headers["sforce-limit-info"].rpartition("=")[2].partition("/")
    )
    assert (used == most, most) == (status in (403, 429), "100000")
    assert "retry-after" not in response.headers
    assert response.headers["content-type"].startswith("application/json")


def test_a_planned_body_is_left_as_it_is(sf: Salesforce, doors: Doors) -> None:
    """Any other failure can be rehearsed too."""
    body = [{"message": "busy", "errorCode": "UNABLE_TO_LOCK_ROW"}]
    plan(doors, 400, body=body)

    with pytest.raises(SalesforceMalformedRequest) as failed:
        sf.query(QUERY)

    assert failed.value.content == body


@pytest.mark.parametrize(
    ("status", "code"),
    [(400, "unknown_error"), (403, "invalid_grant"), (503, "unknown_error")],
)
def test_a_planned_status_of_the_token_endpoint_is_its_own(
    doors: Doors, session: requests.Session, status: int, code: str
) -> None:
    """There the client reads an object, not a list."""
    plan(doors, status, "/oauth2/token")

    with pytest.raises(SalesforceAuthenticationFailed) as failed:
        signed_in(doors, session)

    assert failed.value.code == code
