"""HubSpot's gate: tokens, scopes, budgets, and the form of every refusal."""

from collections.abc import Callable
from typing import Any

import pytest

CONTACTS = "/crm/v3/objects/contacts"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
JSON = {"Content-Type": "application/json"}


def grant(account: Any, path: str = "/oauth/v1/token", **given: str) -> Any:
    """Ask for a token; what is given replaces what would be right."""
    right = {
        "grant_type": "refresh_token",
        "client_id": account.keys.hubspot_client_id,
        "client_secret": account.keys.hubspot_client_secret,
        "refresh_token": account.keys.hubspot_refresh_token,
    }
    return account.hubspot.post(path, data=right | given)


def with_token(account: Any, token: str) -> Any:
    """Ask for contacts with another token."""
    return account.hubspot.get(CONTACTS, headers={"Authorization": f"Bearer {token}"})


@pytest.mark.parametrize("version", ["v1", "v3", "2026-03"])
def test_a_refresh_token_opens_the_account(account: Any, version: str) -> None:
    """Each version of the token path gives an access token for thirty minutes."""
    told = grant(account, f"/oauth/{version}/token").json()

    assert told["token_type"] == "bearer"
    assert told["expires_in"] == 1800
    assert told["refresh_token"] == account.keys.hubspot_refresh_token
    assert with_token(account, told["access_token"]).status_code == 200


@pytest.mark.parametrize(
    ("given", "status"),
    [
        ({"grant_type": "password"}, "BAD_GRANT_TYPE"),
        ({"client_id": "x"}, "BAD_CLIENT_ID"),
        ({"client_secret": "x"}, "BAD_CLIENT_SECRET"),
        ({"refresh_token": "x"}, "BAD_REFRESH_TOKEN"),
        ({"grant_type": "authorization_code", "code": "x"}, "BAD_AUTH_CODE"),
    ],
)
def test_a_wrong_login_is_named(
    account: Any, given: dict[str, str], status: str
) -> None:
    """The token path names what was wrong in its own words."""
    answer = grant(account, **given)

    assert (answer.status_code, answer.json()["status"]) == (400, status)


def test_a_token_expires(account: Any) -> None:
    """After thirty minutes a token is expired, which differs from unknown."""
    token = grant(account).json()["access_token"]
    account.clock.advance(1800)

    expired = with_token(account, token)
    unknown = with_token(account, f"{token}x")

    assert (expired.status_code, unknown.status_code) == (401, 401)
    assert expired.json()["category"] == "EXPIRED_AUTHENTICATION"
    assert unknown.json()["category"] == "INVALID_AUTHENTICATION"


def test_a_token_that_was_ended_is_expired(account: Any) -> None:
    """A fault that ends all sessions shows as expiry, and a new token helps."""
    token = grant(account).json()["access_token"]
    for held in account.store.collection("hubspot", "_token").ids():
        account.store.drop("hubspot", "_token", held)

    ended = with_token(account, token)
    renewed = with_token(account, grant(account).json()["access_token"])

    assert ended.json()["category"] == "EXPIRED_AUTHENTICATION"
    assert renewed.status_code == 200


def test_a_refresh_token_can_be_ended(account: Any) -> None:
    """A refresh token that was deleted opens nothing any more."""
    path = f"/oauth/v1/refresh-tokens/{account.keys.hubspot_refresh_token}"
    about = account.hubspot.get(path).json()

    account.hubspot.delete(path)

    assert about["client_id"] == account.keys.hubspot_client_id
    assert grant(account).json()["status"] == "BAD_REFRESH_TOKEN"
    assert account.hubspot.get(path).status_code == 404


def test_a_token_can_be_asked_about_and_ended(account: Any) -> None:
    """The newer paths tell whether a token is active, and end a refresh token."""
    app = {
        "client_id": account.keys.hubspot_client_id,
        "client_secret": account.keys.hubspot_client_secret,
    }
    refresh = account.keys.hubspot_refresh_token
    access = grant(account).json()["access_token"]

    def told(token: str, path: str = "introspect") -> Any:
        root = "/oauth/2026-03/token"
        return account.hubspot.post(f"{root}/{path}", data=app | {"token": token})

    before = [told(token).json() for token in (access, refresh, "x")]
    ended = told(refresh, "revoke")

    assert [each["active"] for each in before] == [True, True, False]
    assert before[0]["expires_in"] == 1800
    assert ended.status_code == 204
    assert told(refresh).json() == {"active": False}
    assert grant(account).json()["status"] == "BAD_REFRESH_TOKEN"


def test_only_the_oldest_path_takes_secrets_in_the_query(account: Any) -> None:
    """v1 reads the query, the newer paths only the form."""
    query = {
        "grant_type": "refresh_token",
        "client_id": account.keys.hubspot_client_id,
        "client_secret": account.keys.hubspot_client_secret,
        "refresh_token": account.keys.hubspot_refresh_token,
    }

    answers = [
        account.hubspot.post(f"/oauth/{version}/token", params=query, headers=FORM)
        for version in ("v1", "v3", "2026-03")
    ]

    assert [each.status_code for each in answers] == [200, 400, 400]


def test_an_app_acts_for_itself_with_the_scopes_it_named(account: Any) -> None:
    """A token for the app itself opens the journal and nothing else."""
    scope = "developer.webhooks_journal.read"
    token = grant(account, grant_type="client_credentials", scope=scope).json()
    headers = {"Authorization": f"Bearer {token['access_token']}"}

    journal = account.hubspot.get(
        "/webhooks-journal/journal/2026-03/latest", headers=headers
    )
    contacts = with_token(account, token["access_token"])

    assert (journal.status_code, contacts.status_code) == (204, 403)


@pytest.mark.parametrize(
    ("method", "path", "scope"),
    [
        ("GET", CONTACTS, "crm.objects.contacts.read"),
        ("POST", f"{CONTACTS}/search", "crm.objects.contacts.read"),
        ("POST", f"{CONTACTS}/batch/read", "crm.objects.contacts.read"),
        ("POST", f"{CONTACTS}/batch/upsert", "crm.objects.contacts.write"),
        ("DELETE", "/crm/v3/objects/deals/1", "crm.objects.deals.write"),
        ("GET", "/crm/v3/objects/tickets", "tickets"),
        ("GET", "/crm/v3/objects/products", "e-commerce"),
        ("GET", "/crm/v3/owners", "crm.objects.owners.read"),
        ("POST", "/crm/v3/properties/deals", "crm.schemas.deals.write"),
        (
            "PUT",
            "/crm/v4/objects/deals/1/associations/default/contacts/1",
            "crm.objects.deals.write",
        ),
    ],
)
def test_each_path_needs_its_scope(
    account: Any, method: str, path: str, scope: str
) -> None:
    """Without scopes everything is refused, and the answer says which one it takes."""
    account.conditions(scopes=[])

    answer = account.hubspot.request(method, path)

    told = answer.json()
    assert (answer.status_code, told["category"]) == (403, "MISSING_SCOPES")
    assert told["errors"][0]["context"] == {"requiredGranularScopes": [scope]}


def test_the_budget_of_ten_seconds_rolls(start: Callable[..., Any]) -> None:
    """After 190 calls the next is refused until the first is ten seconds old."""
    account = start(searches_per_second=None)
    for _ in range(100):
        account.hubspot.get("/crm/v3/owners")
    account.clock.advance(6)
    for _ in range(90):
        last = account.hubspot.get("/crm/v3/owners")

    refused = account.hubspot.get("/crm/v3/owners")
    account.clock.advance(4)
    later = account.hubspot.get("/crm/v3/owners")

    assert last.headers["X-HubSpot-RateLimit-Max"] == "190"
    assert last.headers["X-HubSpot-RateLimit-Remaining"] == "0"
    assert last.headers["X-HubSpot-RateLimit-Interval-Milliseconds"] == "10000"
    assert last.headers["X-HubSpot-RateLimit-Daily"] == "650000"
    assert last.headers["X-HubSpot-RateLimit-Daily-Remaining"] == "649810"
    told = refused.json()
    assert (refused.status_code, told["policyName"]) == (429, "TEN_SECONDLY_ROLLING")
    assert told["errorType"] == "RATE_LIMIT"
    assert told["category"] == "RATE_LIMITS"
    assert later.status_code == 200
    assert later.headers["X-HubSpot-RateLimit-Remaining"] == "99"


def test_the_budget_of_the_day_lasts_until_midnight(start: Callable[..., Any]) -> None:
    """A day's budget is a policy of its own, and midnight renews it."""
    account = start(calls_per_day=3)
    for _ in range(3):
        account.hubspot.get("/crm/v3/owners")

    refused = account.hubspot.get("/crm/v3/owners")
    account.clock.advance(12 * 3600)
    usage = account.hubspot.get("/account-info/v3/api-usage/daily/private-apps").json()

    assert refused.json()["policyName"] == "DAILY"
    assert usage["results"][0]["currentUsage"] == 1
    assert usage["results"][0]["usageLimit"] == 3


def test_apps_have_budgets_of_their_own(start: Callable[..., Any]) -> None:
    """An OAuth app may call 110 times in ten seconds, beside the private app."""
    account = start(searches_per_second=None)
    token = grant(account).json()["access_token"]

    answers = [with_token(account, token) for _ in range(111)]

    assert [answer.status_code for answer in answers] == [200] * 110 + [429]
    assert "X-HubSpot-RateLimit-Daily" not in answers[0].headers
    assert account.hubspot.get(CONTACTS).status_code == 200


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (("GET", "/crm/v3/dragons", b"", {}), 404),
        (("GET", "/", b"", {}), 404),
        (("GET", "/crm/v3/objects/%00%ff", b"", {}), 400),
        (("PUT", CONTACTS, b"{}", JSON), 405),
        (("POST", CONTACTS, b"{}", {}), 415),
        (("POST", CONTACTS, b"{}", FORM), 415),
        (("POST", CONTACTS, b"", JSON), 400),
        (("POST", CONTACTS, b"{", JSON), 400),
        (("POST", CONTACTS, b"\xff\xfe", JSON), 400),
        (("POST", CONTACTS, b"[]", JSON), 400),
        (("POST", CONTACTS, b"[" * 100_000, JSON), 400),
        (("POST", CONTACTS, b'{"properties":{"email":NaN}}', JSON), 400),
        (("POST", CONTACTS, b'{"properties":{"firstname":"\\ud800"}}', JSON), 400),
        (("POST", CONTACTS, b'{"properties":[]}', JSON), 400),
        (("POST", CONTACTS, b'{"properties":{},"associations":{}}', JSON), 400),
        (("POST", "/oauth/v1/token", b"\xff=\xff", FORM), 400),
        (("POST", "/oauth/v1/token", b"{}", JSON), 415),
    ],
)
def test_a_refusal_has_one_form(
    account: Any, request_: tuple[str, str, bytes, dict[str, str]], status: int
) -> None:
    """Whatever is wrong with a request, the answer says so in HubSpot's form."""
    method, path, content, headers = request_

    answer = account.hubspot.request(method, path, content=content, headers=headers)

    told = answer.json()
    assert answer.status_code == status
    assert {"status", "message", "correlationId"} <= set(told)
    assert len(told["correlationId"]) == 36


def test_refusals_can_be_told_apart(account: Any) -> None:
    """Each answer has an id of its own, the same ones on every run."""
    ids = [
        account.hubspot.get("/crm/v3/dragons").json()["correlationId"] for _ in range(2)
    ]

    assert len(set(ids)) == 2


def test_an_account_on_the_move_answers_nobody(account: Any) -> None:
    """During a migration every call is told when to come back."""
    account.conditions(migrating=True)

    answer = account.hubspot.get(CONTACTS)

    assert answer.status_code == 477
    assert answer.headers["Retry-After"] == "300"
