"""What hubspot-api-client, unmodified, makes of each refusal and failure."""

import json
from typing import Any

import pytest
from hubspot import HubSpot
from hubspot.crm import contacts
from hubspot.crm.contacts import exceptions
from urllib3.util.retry import Retry

from tests.sandbox.doors import Doors
from tests.sandbox.hubspot.conftest import Connect, named

pytestmark = pytest.mark.judge("hubspot-api-client 12.0.0")

FIRST = "100000000000000"


def told(error: exceptions.ApiException) -> dict[str, Any]:
    """Return what the answer said."""
    body: dict[str, Any] = json.loads(error.body)
    return body


def test_a_foreign_token_is_unauthorized(connect: Connect) -> None:
    """A wrong token is an UnauthorizedException."""
    with pytest.raises(exceptions.UnauthorizedException) as refused:
        connect(access_token="wrong").crm.contacts.basic_api.get_page()

    assert told(refused.value)["category"] == "INVALID_AUTHENTICATION"


def test_an_expired_token_is_unauthorized(connect: Connect, doors: Doors) -> None:
    """A token older than thirty minutes is an UnauthorizedException of its own."""
    keys = doors.keys
    token = connect().oauth.tokens_api.create(
        grant_type="refresh_token",
        client_id=keys.hubspot_client_id,
        client_secret=keys.hubspot_client_secret,
        refresh_token=keys.hubspot_refresh_token,
    )
    client = connect(access_token=token.access_token)
    doors.clock.advance(1801)

    with pytest.raises(exceptions.UnauthorizedException) as refused:
        client.crm.contacts.basic_api.get_page()

    assert told(refused.value)["category"] == "EXPIRED_AUTHENTICATION"


def test_a_missing_scope_is_forbidden(judge: HubSpot, doors: Doors) -> None:
    """A scope that was not granted is a ForbiddenException."""
    doors.control("conditions", {"hubspot": {"scopes": ["crm.objects.contacts.read"]}})
    judge.crm.contacts.basic_api.get_page()

    with pytest.raises(exceptions.ForbiddenException) as refused:
        judge.crm.contacts.basic_api.create(named(email="x@c1.example"))

    errors = told(refused.value)["errors"]
    wanted = errors[0]["context"]["requiredGranularScopes"]
    assert wanted == ["crm.objects.contacts.write"]


def test_a_conflict_names_the_other_record(judge: HubSpot) -> None:
    """An email that is taken is an ApiException 409 with the other's id."""
    with pytest.raises(exceptions.ApiException) as refused:
        judge.crm.contacts.basic_api.create(named(email="person0@c0.example"))

    assert refused.value.status == 409
    assert FIRST in told(refused.value)["message"]


def test_a_bad_value_is_an_api_exception(judge: HubSpot) -> None:
    """An unknown property is an ApiException 400 that names it."""
    with pytest.raises(exceptions.ApiException) as refused:
        judge.crm.contacts.basic_api.create(named(nickname="x"))

    assert refused.value.status == 400
    assert told(refused.value)["errors"][0]["code"] == "PROPERTY_DOESNT_EXIST"


def test_a_locked_record_is_an_api_exception(judge: HubSpot, doors: Doors) -> None:
    """A record that another transaction holds is an ApiException 423."""
    doors.store.lock("hubspot", "contacts", FIRST, 60)
    change = contacts.SimplePublicObjectInput(properties={"firstname": "x"})

    with pytest.raises(exceptions.ApiException) as refused:
        judge.crm.contacts.basic_api.update(FIRST, change)

    assert refused.value.status == 423


def test_a_migration_is_an_api_exception(judge: HubSpot, doors: Doors) -> None:
    """An account on the move is an ApiException 477 that says when to come back."""
    doors.control("conditions", {"hubspot": {"migrating": True}})

    with pytest.raises(exceptions.ApiException) as refused:
        judge.crm.contacts.basic_api.get_page()

    assert refused.value.status == 477
    assert int(refused.value.headers["Retry-After"]) > 0


def planned(doors: Doors, status: int, **conditions: Any) -> None:
    """Let the next GET fail with a status."""
    doors.control("conditions", {"hubspot": conditions})
    fault = {"system": "hubspot", "method": "GET", "kind": "status", "status": status}
    doors.control("faults", [fault])


@pytest.mark.parametrize("status", [502, 504])
def test_the_gateways_page_is_a_service_exception(
    judge: HubSpot, doors: Doors, status: int
) -> None:
    """What does not get past the gateway is a ServiceException with a page."""
    planned(doors, status)

    with pytest.raises(exceptions.ServiceException) as refused:
        judge.crm.contacts.basic_api.get_page()

    assert refused.value.status == status
    assert refused.value.headers["Content-Type"].startswith("text/html")
    assert f"<h1>{status} " in refused.value.body


@pytest.mark.parametrize(
    ("status", "category"),
    [
        (423, "LOCKED"),
        (477, "MIGRATION_IN_PROGRESS"),
        (500, "INTERNAL_ERROR"),
        (503, "INTERNAL_ERROR"),
    ],
)
def test_a_planned_failure_has_hubspots_form(
    judge: HubSpot, doors: Doors, status: int, category: str
) -> None:
    """An ApiException whose body is an error, in words that are not the sandbox's."""
    planned(doors, status)

    with pytest.raises(exceptions.ApiException) as refused:
        judge.crm.contacts.basic_api.get_page()

    body = told(refused.value)
    assert refused.value.status == status
    assert (body["status"], body["category"]) == ("error", category)
    assert len(body["correlationId"]) == 36
    assert "sandbox" not in body["message"]
    assert ("Retry-After" in refused.value.headers) == (status == 477)


def test_a_planned_limit_is_that_of_the_budget(judge: HubSpot, doors: Doors) -> None:
    """A planned 429 has the body and the headers of ten seconds used up."""
    planned(doors, 429, calls_per_ten_seconds=None, calls_per_day=1000)

    with pytest.raises(exceptions.ApiException) as refused:
        judge.crm.contacts.basic_api.get_page()

    body, headers = told(refused.value), refused.value.headers
    assert refused.value.status == 429
    assert body["status"] == "error"
    assert body["errorType"] == "RATE_LIMIT"
    assert body["policyName"] == "TEN_SECONDLY_ROLLING"
    assert headers["X-HubSpot-RateLimit-Max"] == "190"
    assert headers["X-HubSpot-RateLimit-Remaining"] == "0"
    assert headers["X-HubSpot-RateLimit-Interval-Milliseconds"] == "10000"
    assert headers["X-HubSpot-RateLimit-Daily"] == "1000"
    assert headers["X-HubSpot-RateLimit-Daily-Remaining"] == "1000"


def test_a_planned_limit_of_search_is_a_second(judge: HubSpot, doors: Doors) -> None:
    """Search has a budget of its own and sends no headers about it."""
    fault = {"system": "hubspot", "method": "POST", "kind": "status", "status": 429}
    doors.control("faults", [fault])
    request = contacts.PublicObjectSearchRequest(filter_groups=[])

    with pytest.raises(exceptions.ApiException) as refused:
        judge.crm.contacts.search_api.do_search(request)

    assert told(refused.value)["policyName"] == "SECONDLY"
    assert not any("RateLimit" in name for name in refused.value.headers)


def test_the_rate_limit_is_an_api_exception(judge: HubSpot, doors: Doors) -> None:
    """The call after 190 within ten seconds is an ApiException 429."""
    doors.control(
        "conditions",
        {"hubspot": {"calls_per_ten_seconds": None, "searches_per_second": None}},
    )
    judge.crm.contacts.basic_api.get_page(limit=1)
    with doors.client("hubspot", "process") as other:  # another program of the app
        token = {"Authorization": f"Bearer {doors.keys.hubspot_access_token}"}
        for _ in range(189):
            other.get("/crm/v3/owners", headers=token)

    with pytest.raises(exceptions.ApiException) as refused:
        judge.crm.contacts.basic_api.get_page(limit=1)

    assert refused.value.status == 429
    assert told(refused.value)["policyName"] == "TEN_SECONDLY_ROLLING"
    assert refused.value.headers["X-HubSpot-RateLimit-Remaining"] == "0"
    doors.clock.advance(10)
    assert judge.crm.contacts.basic_api.get_page(limit=1).results


def test_its_own_retries_wait_for_the_limit(connect: Connect, doors: Doors) -> None:
    """The client's Retry setting gets through after a 429 and a 503."""
    limited = {"system": "hubspot", "method": "GET", "kind": "status"}
    doors.control("faults", [limited | {"status": 429}, limited | {"status": 503}])
    retry = Retry(total=3, backoff_factor=0.01, status_forcelist=(429, 503))

    page = connect(retry=retry).crm.contacts.basic_api.get_page(limit=1)

    assert page.results[0].id == FIRST
