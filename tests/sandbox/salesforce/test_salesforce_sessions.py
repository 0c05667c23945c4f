"""Sessions at Salesforce: who gets one, how long it lasts, what a day allows."""

import time
from typing import Any

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey

HOST = "https://concord.my.salesforce.com"
TOKEN = f"{HOST}/services/oauth2/token"
GRANT = {"grant_type": "client_credentials"}


def assertion(keys: Any, *, key: RSAKey | None = None, **claims: Any) -> dict[str, str]:
    """Return the form that asks for a token; `claims` replace the right ones."""
    right = {
        "iss": keys.salesforce_client_id,
        "sub": keys.salesforce_username,
        "aud": "https://login.salesforce.com",
        "exp": int(time.time()) + 180,
    }
    signed = jwt.encode({"alg": "RS256"}, right | claims, key or keys.salesforce_key)
    grant = "urn:ietf:params:oauth:grant-type:jwt-bearer"
    return {"grant_type": grant, "assertion": signed}


@pytest.mark.parametrize(
    ("client", "secret", "error"),
    [("wrong", "wrong", "invalid_client_id"), (None, "wrong", "invalid_client")],
)
def test_wrong_credentials_get_no_token(
    reading: Any, client: str | None, secret: str, error: str
) -> None:
    """Both halves of the credentials are checked, by form or by Basic."""
    client = client or reading.keys.salesforce_client_id
    given = {"client_id": client, "client_secret": secret}

    by_form = reading.salesforce.post(TOKEN, data=GRANT | given)
    by_basic = reading.salesforce.post(TOKEN, data=GRANT, auth=(client, secret))

    assert (by_form.status_code, by_form.json()["error"]) == (400, error)
    assert by_basic.json() == by_form.json()


def test_the_instance_is_where_the_caller_is(reading: Any) -> None:
    """`instance_url` leads back to this door; there is no expires_in."""
    keys = reading.keys
    token = reading.salesforce.post(
        TOKEN,
        data=GRANT,
        auth=(keys.salesforce_client_id, keys.salesforce_client_secret),
    ).json()

    assert token["instance_url"] == HOST
    assert set(token) == {
        *("access_token", "instance_url", "id", "token_type", "issued_at"),
        *("signature", "scope"),
    }


def test_a_signed_assertion_opens_a_session(reading: Any) -> None:
    """Signed in at the common host, a client is sent to the organisation's own."""
    answer = reading.salesforce.post(
        "https://login.salesforce.com/services/oauth2/token",
        data=assertion(reading.keys, exp=str(int(time.time()) + 60)),
    ).json()
    who = httpx.Headers({"Authorization": f"Bearer {answer['access_token']}"})

    assert answer["instance_url"] == HOST
    identity = reading.salesforce.get(answer["id"], headers=who).json()
    info = reading.salesforce.get(f"{HOST}/services/oauth2/userinfo", headers=who)
    assert identity["username"] == reading.keys.salesforce_username
    assert info.json()["user_id"] == identity["user_id"]


@pytest.mark.parametrize(
    ("claims", "error", "sentence"),
    [
        ({"aud": "https://else.example"}, "invalid_grant", "audience is invalid"),
        (
            {"sub": "x@y.example"},
            "invalid_grant",
            "user hasn't approved this consumer",
        ),
        ({"iss": "nobody"}, "invalid_client_id", "client identifier invalid"),
        ({"exp": 1}, "invalid_grant", "expired authorization code"),
        ({"exp": 99_999_999_999}, "invalid_grant", "invalid assertion"),
        ({"exp": "soon"}, "invalid_grant", "invalid assertion"),
        ({"key": "another"}, "invalid_grant", "invalid assertion"),
    ],
)
def test_a_wrong_assertion_opens_nothing(
    reading: Any, claims: dict[str, Any], error: str, sentence: str
) -> None:
    """Audience, user, client, expiry and signature are all checked."""
    key = reading.keys.netsuite_key if claims.pop("key", None) else None

    response = reading.salesforce.post(
        TOKEN, data=assertion(reading.keys, key=key, **claims)
    )

    assert response.status_code == 400
    assert response.json() == {"error": error, "error_description": sentence}


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"grant_type": "password"},
        {"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer"},
        {
            "grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer",
            "assertion": "a.b.c",
        },
    ],
)
def test_nonsense_opens_nothing(reading: Any, form: dict[str, str]) -> None:
    """An unknown grant or an assertion that is none is a 400 with an error."""
    response = reading.salesforce.post(TOKEN, data=form)

    assert response.status_code == 400
    assert set(response.json()) == {"error", "error_description"}


def test_client_credentials_need_the_own_domain(reading: Any) -> None:
    """The common host does not know whose client this is."""
    keys = reading.keys

    response = reading.salesforce.post(
        "https://login.salesforce.com/services/oauth2/token",
        data=GRANT,
        auth=(keys.salesforce_client_id, keys.salesforce_client_secret),
    )

    assert (response.status_code, response.json()["error"]) == (400, "invalid_grant")


def test_a_session_ends(served: Any) -> None:
    """An old session is refused with INVALID_SESSION_ID, as a missing one is."""
    served.clock.advance(3 * 3600)

    response = served.soql("SELECT Id FROM Account")

    assert response.status_code == 401
    assert response.json() == [
        {"message": "Session expired or invalid", "errorCode": "INVALID_SESSION_ID"}
    ]


def test_a_revoked_session_is_over(served: Any) -> None:
    """Revoking works once; then the session is unknown everywhere."""
    token = served.salesforce.headers["authorization"].split()[1]
    url = f"{HOST}/services/oauth2/revoke"

    first = served.salesforce.post(url, data={"token": token})
    second = served.salesforce.post(url, data={"token": token})

    assert (first.status_code, second.status_code) == (200, 400)
    assert served.soql("SELECT Id FROM Account").status_code == 401
    assert served.salesforce.get(f"{HOST}/services/oauth2/userinfo").status_code == 403


def test_limits_and_versions_are_told(served: Any) -> None:
    """What is left of the day's calls, and which versions there are."""
    limits = served.salesforce.get("limits/").json()
    versions = served.salesforce.get(f"{HOST}/services/data").json()
    unknown = served.salesforce.get(f"{HOST}/services/data/v1.0/limits")
    asked = {"q": "SELECT Id FROM Account LIMIT 1"}
    old = served.salesforce.get(f"{HOST}/services/data/v31.0/query", params=asked)

    assert limits["DailyApiRequests"] == {"Max": 100_000, "Remaining": 99_999}
    assert [each["version"] for each in versions] == [f"{n}.0" for n in range(31, 69)]
    assert versions[0]["label"] == "Summer '14"
    assert (versions[-1]["label"], versions[-1]["url"]) == (
        *("Winter '27", "/services/data/v68.0"),
    )
    assert old.json()["records"][0]["attributes"]["url"].startswith(
        "/services/data/v31.0/sobjects/"
    )
    assert unknown.status_code == 404


def test_a_days_calls_are_spent_and_come_back(served: Any) -> None:
    """403 without Retry-After until the first call is 24 hours old."""
    served.conditions(daily_calls=2, session_seconds=10**6)
    keys = served.keys
    token = served.salesforce.post(
        TOKEN,
        data=GRANT,
        auth=(keys.salesforce_client_id, keys.salesforce_client_secret),
    ).json()["access_token"]
    served.salesforce.headers["Authorization"] = f"Bearer {token}"

    first = [served.salesforce.get("limits") for _ in range(3)]
    served.clock.advance(24 * 3600)
    later = served.salesforce.get("limits")

    assert [each.status_code for each in first] == [200, 200, 403]
    assert first[2].json() == [
        {
            "message": "TotalRequests Limit exceeded.",
            "errorCode": "REQUEST_LIMIT_EXCEEDED",
        }
    ]
    assert "retry-after" not in first[2].headers
    assert first[2].headers["sforce-limit-info"] == "api-usage=2/2"
    assert later.status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "nope", 404, "NOT_FOUND"),
        ("GET", "sobjects/Nope/describe", 404, "NOT_FOUND"),
        ("PUT", "sobjects/Account", 405, "METHOD_NOT_ALLOWED"),
        ("DELETE", "query", 405, "METHOD_NOT_ALLOWED"),
        ("GET", "../v9/limits", 404, "NOT_FOUND"),
        ("GET", "%FF%FE", 404, "NOT_FOUND"),
        ("GET", "sobjects/Account/%C3%28", 404, "NOT_FOUND"),
    ],
)
def test_a_wrong_path_or_method_has_an_error_of_salesforce(
    reading: Any, method: str, path: str, status: int, code: str
) -> None:
    """Never a bare status: a list with one error, even for what isn't text."""
    response = reading.salesforce.request(method, path)

    assert (response.status_code, response.json()[0]["errorCode"]) == (status, code)
    assert "sforce-limit-info" in response.headers


@pytest.mark.parametrize(
    ("body", "kind", "status", "code"),
    [
        (b"{", "application/json", 400, "JSON_PARSER_ERROR"),
        (b"[]", "application/json", 400, "JSON_PARSER_ERROR"),
        (b'{"Name": NaN}', "application/json", 400, "JSON_PARSER_ERROR"),
        (b'{"Name": "\xff"}', "application/json", 400, "JSON_PARSER_ERROR"),
        (b'{"Name": "\\ud800"}', "application/json", 400, "JSON_PARSER_ERROR"),
        (b'{"a":' * 3000, "application/json", 400, "JSON_PARSER_ERROR"),
        (b"[" * 900 + b"]" * 900, "application/json", 400, "JSON_PARSER_ERROR"),
        (b"<a/>", "application/xml", 415, "UNSUPPORTED_MEDIA_TYPE"),
        (b'{"NumberOfEmployees": 1e300}', "", 400, "NUMBER_OUTSIDE_VALID_RANGE"),
        (b'{"Name": {"a": 1}}', "", 400, "INVALID_TYPE_ON_FIELD_IN_RECORD"),
        (b'{"Name": "x", "Parent": {"a": []}}', "", 400, "INVALID_FIELD"),
    ],
)
def test_a_broken_body_is_refused(
    reading: Any, body: bytes, kind: str, status: int, code: str
) -> None:
    """Whatever is sent, the answer says what is wrong with it."""
    response = reading.salesforce.post(
        "sobjects/Account",
        content=body,
        headers={"Content-Type": kind or "application/json"},
    )

    assert (response.status_code, response.json()[0]["errorCode"]) == (status, code)
