"""Tokens: fetched once for all threads, renewed once, kept where they rotate."""

import stat
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey

from ingestion import salesforce
from ingestion.errors import Refused, SystemFault, Transient
from ingestion.readings import Batch, Step
from ingestion.systems import system
from ingestion.transport.auth import TokenAuth
from ingestion.transport.grants import (
    RefreshToken,
    client_assertion,
    jwt_bearer,
    signing_key,
)
from tests.ingestion.timers import Virtual

Handler = Callable[[httpx.Request], httpx.Response]


class TokenServer:
    """Gives a new token each time: t1, t2, …; counts, and may be slow."""

    def __init__(self, **answer: Any) -> None:
        """Add these to every answer."""
        self.answer = answer
        self.given = 0
        self.gate = threading.Event()
        self.gate.set()

    def __call__(self, request: httpx.Request) -> httpx.Response:
        """Answer one request."""
        del request
        self.gate.wait(5)
        self.given += 1
        body = {"access_token": f"token-{self.given}", **self.answer}
        return httpx.Response(200, json=body)

    def client(self) -> httpx.Client:
        """Return a client of it."""
        return httpx.Client(transport=httpx.MockTransport(self))


def auth(timer: Virtual | None = None) -> TokenAuth:
    """Return a credential of a vendor."""
    made = TokenAuth("vendor", "https://vendor.test/token", lambda: ({}, {}), "THE_KEY")
    if timer:
        made.now = timer.now
    return made


def test_threads_that_need_a_token_fetch_one() -> None:
    """Sixteen threads wait for the one that fetches."""
    server, one = TokenServer(), auth()
    server.gate.clear()
    client = server.client()
    got: list[str] = []
    threads = [
        threading.Thread(
            target=lambda: got.append(one.headers(client)["Authorization"])
        )
        for _ in range(16)
    ]
    for each in threads:
        each.start()

    server.gate.set()
    for each in threads:
        each.join()

    assert got == ["Bearer token-1"] * 16
    assert server.given == 1


def test_a_token_that_many_saw_refused_is_renewed_once() -> None:
    """Whoever comes second with the old token does not throw the new one away."""
    server, one = TokenServer(), auth()
    client = server.client()
    refused = one.headers(client)

    renewed = []
    for _ in range(8):
        one.renew(refused)
        renewed.append(one.headers(client)["Authorization"])

    assert renewed == ["Bearer token-2"] * 8
    assert server.given == 2


@pytest.mark.parametrize(
    ("expires_in", "usable"),
    [
        (3600, 3540.0),
        ("1800", 1740.0),
        (100, 90.0),
        (None, 3540.0),
        (0, 3540.0),
        (-5, 3540.0),
        ("soon", 3540.0),
        ("inf", 3540.0),
    ],
)
def test_a_token_is_renewed_before_it_ends(expires_in: Any, usable: float) -> None:
    """It cannot end on the way; a life that makes no sense is taken for the usual."""
    timer = Virtual()
    server, one = TokenServer(expires_in=expires_in), auth(timer)
    client = server.client()

    one.headers(client)
    timer.passes(usable - 1)
    one.headers(client)
    before = server.given
    timer.passes(2)
    one.headers(client)

    assert (before, server.given) == (1, 2)


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (httpx.Response(503), Transient),
        (httpx.Response(429, headers={"Retry-After": "9"}), Transient),
        (httpx.Response(400, json={"error": "invalid_grant"}), Refused),
        (httpx.Response(400, json={"error": "invalid_client_id"}), Refused),
        (httpx.Response(302, headers={"location": "https://evil.test/"}), Refused),
        (httpx.Response(200, html="<html>Sign in</html>"), Refused),
        (httpx.Response(200, json=["token"]), Refused),
        (httpx.Response(200, json={"access_token": 7}), Refused),
        (httpx.Response(200, content=b"[" * 3000), Refused),
        (httpx.Response(200, content=b"x" * 2_000_000), Transient),
    ],
)
def test_a_token_endpoint_that_gives_no_token_is_a_fault(
    answer: httpx.Response, kind: type[SystemFault]
) -> None:
    """Busy is asked again, no is no; nothing else comes out."""
    client = httpx.Client(transport=httpx.MockTransport(lambda _request: answer))

    with pytest.raises(SystemFault) as caught:
        auth().headers(client)

    assert type(caught.value) is kind
    assert caught.value.system == "vendor"


def test_what_a_token_endpoint_says_back_is_cleaned() -> None:
    """A vendor that quotes the secret does not bring it into our logs."""
    body = {"error": "invalid_client", "error_description": "bad secret s3cr3t-s3cr3t"}
    client = httpx.Client(
        transport=httpx.MockTransport(lambda _request: httpx.Response(401, json=body))
    )
    one = salesforce.authorization(
        {"SALESFORCE_CLIENT_ID": "id", "SALESFORCE_CLIENT_SECRET": "s3cr3t-s3cr3t"},
        "https://concord.my.salesforce.com",
    )

    with pytest.raises(Refused) as caught:
        one.headers(client)

    assert "s3cr3t" not in caught.value.reason
    assert "s3cr3t" not in repr(one)


KEY = RSAKey.generate_key(2048)


def test_a_client_assertion_is_signed_as_netsuite_wants_it() -> None:
    """PS256, the certificate's id in the header, a list of scopes, minutes of life."""
    form = client_assertion(
        KEY,
        certificate_id="cert",
        client_id="app",
        audience="https://there/token",
        scope="rest_webservices",
        now=lambda: 1000.5,
    )

    token = jwt.decode(form["client_assertion"], KEY, algorithms=["PS256"])
    assert token.header == {"alg": "PS256", "typ": "JWT", "kid": "cert"}
    assert token.claims == {
        "iss": "app",
        "scope": ["rest_webservices"],
        "aud": "https://there/token",
        "iat": 1000,
        "exp": 1180,
    }
    assert form["grant_type"] == "client_credentials"


def test_a_bearer_assertion_is_signed_as_salesforce_wants_it() -> None:
    """RS256, in the name of the user."""
    form = jwt_bearer(
        KEY,
        client_id="app",
        subject="user@acme.test",
        audience="https://login.salesforce.com",
        now=lambda: 1000.0,
    )

    token = jwt.decode(form["assertion"], KEY, algorithms=["RS256"])
    assert token.claims["sub"] == "user@acme.test"
    assert form["grant_type"] == "urn:ietf:params:oauth:grant-type:jwt-bearer"


def test_a_key_that_is_none_is_refused(tmp_path: Path) -> None:
    """The sentence names the file and the setting."""
    path = tmp_path / "key.pem"
    path.write_text("no key")

    with pytest.raises(Refused, match=r"no RSA private key.*NETSUITE_PRIVATE_KEY_FILE"):
        signing_key("netsuite", str(path))


def test_a_refresh_token_that_rotates_is_on_the_disk_before_it_is_needed(
    tmp_path: Path,
) -> None:
    """The old one has ended; the next process starts with the new one."""
    path = tmp_path / "refresh"
    path.write_text("old-refresh-token\n")
    token = RefreshToken("vendor", path)
    asked: list[bytes] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.content)
        body = {"access_token": "a-token", "refresh_token": f"new-token-{len(asked)}"}
        return httpx.Response(200, json=body)

    one = auth()
    one.request, one.keep = lambda: (token.form(), {}), token.keep
    client = httpx.Client(transport=httpx.MockTransport(answer))
    one.renew(one.headers(client))
    one.headers(client)

    assert [form.rpartition(b"=")[2] for form in asked] == [
        b"old-refresh-token",
        b"new-token-1",
    ]
    assert path.read_text() == "new-token-2"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_a_refresh_token_that_does_not_rotate_stays(tmp_path: Path) -> None:
    """No answer without a new one touches the file."""
    path = tmp_path / "refresh"
    path.write_text("the-refresh-token")

    RefreshToken("vendor", path).keep({"access_token": "x"})

    assert path.read_text() == "the-refresh-token"


@pytest.mark.parametrize("content", [None, "", "\n"])
def test_a_missing_refresh_token_names_its_file(
    tmp_path: Path, content: str | None
) -> None:
    """The reader learns which file and which setting."""
    path = tmp_path / "refresh"
    if content is not None:
        path.write_text(content)

    with pytest.raises(Refused, match="VENDOR_REFRESH_TOKEN_FILE"):
        RefreshToken("vendor", path).form()


def test_salesforce_accepts_the_signed_assertion(place: Any, keys: Any) -> None:
    """The sandbox's login service checks key, audience and user, and lets us read."""
    file = keys.write_key("salesforce", place.home)
    environ = {
        **place.environ,
        "SALESFORCE_PRIVATE_KEY_FILE": str(file),
        "SALESFORCE_USERNAME": keys.salesforce_username,
        "SALESFORCE_CLIENT_SECRET": "not used with a key",
    }

    with system("salesforce").connect(environ) as rest:
        wanted = [place.any_id("salesforce", "account")]
        page = salesforce.named("accounts", wanted).fetch(Step(rest))

    (found,) = page.arrivals
    assert isinstance(found, Batch)
    assert [record["Id"] for record in found.documents] == wanted
