"""Who may come in: signed assertions, tokens that end, signed requests."""

import hashlib
import hmac
import time
from base64 import b64encode
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from joserfc.jwk import RSAKey

REST = "https://1234567.suitetalk.api.netsuite.com/services/rest"
TOKEN = f"{REST}/auth/oauth2/v1/token"
CUSTOMER = f"{REST}/record/v1/customer/1001"

Form = Callable[..., dict[str, str]]
Said = Callable[[httpx.Response], tuple[int, str]]


def test_a_signed_assertion_gets_a_token(reading: Any, login: Form) -> None:
    """The token lives for an hour, and the number is text."""
    response = reading.client.post(TOKEN, data=login(reading.keys))

    assert response.status_code == 200
    assert set(response.json()) == {"access_token", "expires_in", "token_type"}
    assert response.json()["expires_in"] == "3600"


def test_an_assertion_may_be_signed_on_a_curve(reading: Any, login: Form) -> None:
    """ES256 with a certificate of its own is as good as PS256."""
    keys = reading.keys
    form = login(
        keys, key=keys.netsuite_ec_key, alg="ES256", kid=keys.netsuite_ec_certificate_id
    )

    assert reading.client.post(TOKEN, data=form).status_code == 200


@pytest.mark.parametrize(
    "wrong",
    [
        {"iss": "x"},
        {"aud": "https://example.com"},
        {"scope": ["restlets"]},
        {"kid": "x"},
        {"exp": 1},
        {"iat": 1},
        {"exp": None},
        {"exp": time.time() + 7200},
        {"key": RSAKey.generate_key(2048)},
    ],
)
def test_an_assertion_that_is_not_right_is_refused(
    reading: Any, login: Form, wrong: dict[str, Any]
) -> None:
    """Names, audience, scope, certificate, lifetime and signature all count."""
    response = reading.client.post(TOKEN, data=login(reading.keys, **wrong))

    assert (response.status_code, response.json()) == (400, {"error": "invalid_client"})


def test_an_assertion_is_taken_once(reading: Any, login: Form) -> None:
    """Whoever overheard an assertion cannot use it again."""
    form = login(reading.keys)

    statuses = [reading.client.post(TOKEN, data=form).status_code for _ in range(2)]

    assert statuses == [200, 400]


def test_no_assertion_is_no_login(reading: Any, login: Form) -> None:
    """Text that is no assertion, other grants, and a body that is no form."""
    form = login(reading.keys) | {"client_assertion": "x.y.z"}

    garbage = reading.client.post(TOKEN, data=form)
    other = reading.client.post(TOKEN, data={"grant_type": "password"})
    bytes_only = reading.client.post(TOKEN, content=b"\xff\xfe")

    assert garbage.json() == {"error": "invalid_client"}
    assert other.json() == bytes_only.json() == {"error": "unsupported_grant_type"}


def test_a_token_ends(erp: Any, said: Said) -> None:
    """After its hour a token is an invalid login; the answer names the scheme."""
    erp.clock.advance(3601)

    response = erp.suiteql("SELECT id FROM customer")

    assert said(response) == (401, "INVALID_LOGIN")
    assert response.headers["www-authenticate"].startswith('Bearer realm="1234567"')


def test_tokens_are_kept_where_a_fault_can_end_them(erp: Any, said: Said) -> None:
    """All tokens lie in the store, so that they can expire in the middle of a page."""
    (token,) = erp.store.collection("netsuite", "_token")
    erp.store.keep("netsuite", "_token", token | {"until": 0})

    assert said(erp.suiteql("SELECT id FROM customer")) == (401, "INVALID_LOGIN")


def signed(keys: Any, method: str, url: str, **changes: str) -> str:
    """Return the Authorization header of a request, made by other code than ours."""
    given = {
        "oauth_consumer_key": keys.netsuite_consumer_key,
        "oauth_token": keys.netsuite_token_id,
        "oauth_signature_method": "HMAC-SHA256",
        "oauth_timestamp": str(int(time.time())),
        "oauth_nonce": f"n{time.perf_counter_ns()}",
        "oauth_version": "1.0",
    }
    realm = changes.pop("realm", "1234567")
    given |= changes
    address, _, query = url.partition("?")
    pairs = [pair.split("=") for pair in query.split("&") if pair]
    normal = "&".join(
        sorted(
            f"{quote(name, safe='~')}={quote(value, safe='~')}"
            for name, value in [*given.items(), *pairs]
        )
    )
    base = "&".join(quote(part, safe="~") for part in (method, address, normal))
    secret = f"{keys.netsuite_consumer_secret}&{keys.netsuite_token_secret}"
    digest = hmac.new(secret.encode(), base.encode(), hashlib.sha256).digest()
    given["oauth_signature"] = b64encode(digest).decode()
    parts = [f'{name}="{quote(value, safe="~")}"' for name, value in given.items()]
    return f'OAuth realm="{realm}", ' + ", ".join(parts)


def get(erp: Any, url: str, header: str) -> httpx.Response:
    """Send a signed request."""
    answer: httpx.Response = erp.client.get(url, headers={"Authorization": header})
    return answer


def test_a_signed_request_needs_no_token(reading: Any) -> None:
    """Token-based authentication signs each request, its query too."""
    url = f"{CUSTOMER}?fields=companyName"

    answer = get(reading, url, signed(reading.keys, "GET", url))

    assert answer.status_code == 200
    assert answer.json()["companyName"] == "Customer 1"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"oauth_timestamp": "1000000000"}, "timestamp_refused"),
        ({"oauth_timestamp": "soon"}, "timestamp_refused"),
        ({"oauth_token": "x"}, "token_rejected"),
        ({"oauth_signature_method": "HMAC-SHA1"}, "signature_invalid"),
        ({"realm": "7654321"}, "token_rejected"),
        ({"oauth_nonce": ""}, "nonce_used"),
        ({"oauth_version": "2.0"}, "token_rejected"),
    ],
)
def test_a_request_signed_wrongly_is_refused(
    reading: Any, said: Said, changes: dict[str, str], reason: str
) -> None:
    """Timestamp, names, method and account all count; the header says which."""
    answer = get(reading, CUSTOMER, signed(reading.keys, "GET", CUSTOMER, **changes))

    assert said(answer) == (401, "INVALID_LOGIN")
    assert f'error="{reason}"' in answer.headers["www-authenticate"]


def test_a_signature_is_for_one_request(reading: Any, said: Said) -> None:
    """Neither for another address, nor twice for the same."""
    header = signed(reading.keys, "GET", CUSTOMER)

    elsewhere = get(reading, CUSTOMER.replace("1001", "1002"), header)
    first = get(reading, CUSTOMER, header)
    again = get(reading, CUSTOMER, header)

    assert said(elsewhere) == said(again) == (401, "INVALID_LOGIN")
    assert first.status_code == 200
    assert 'error="nonce_used"' in again.headers["www-authenticate"]


@pytest.mark.parametrize(
    "header", ["", "Bearer x", "OAuth", 'OAuth realm="1', "Basic x"]
)
def test_whoever_is_unknown_stays_outside(
    reading: Any, said: Said, header: str
) -> None:
    """No token, a foreign one, and headers that are cut off."""
    assert said(get(reading, CUSTOMER, header)) == (401, "INVALID_LOGIN")


@pytest.mark.parametrize("kind", ["process", "path", "host"])
def test_all_three_doors_lead_to_the_account(
    doors: Any, login: Form, kind: str
) -> None:
    """The audience is the address as it was asked, whichever door that was."""
    with doors.client("netsuite", kind) as client:
        address = str(client.base_url).rstrip("/") + "/services/rest"
        form = login(doors.keys, aud=f"{address}/auth/oauth2/v1/token")
        token = client.post(f"{address}/auth/oauth2/v1/token", data=form).json()
        record = client.get(
            f"{address}/record/v1/customer/1001",
            headers={"Authorization": f"Bearer {token['access_token']}"},
        ).json()

    assert record["links"][0]["href"] == f"{address}/record/v1/customer/1001"
