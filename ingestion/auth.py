"""Auth: how a request proves who we are, per kind of credential."""

import base64
import json
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import httpx
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey

from ingestion.errors import Refused, Transient

# A token is renewed this long before it ends, so that it cannot end on the way.
_SKEW_SECONDS = 60.0
_TOKEN_TIMEOUT_SECONDS = 30.0


class Auth(Protocol):
    """What the client asks of a credential."""

    def headers(self, client: httpx.Client) -> Mapping[str, str]:
        """Return the headers that authorize a request; may fetch a token first."""

    def renew(self) -> bool:
        """Forget a token the system did not accept; False when there is none."""


@dataclass(frozen=True, slots=True)
class FixedHeader:
    """A credential that is the same for every request: an API key or basic auth."""

    value: str = field(repr=False)

    def headers(self, client: httpx.Client) -> Mapping[str, str]:
        """Return the authorization header."""
        del client
        return {"Authorization": self.value}

    def renew(self) -> bool:
        """Nothing can be renewed: the key is right or wrong."""
        return False


def bearer(key: str) -> FixedHeader:
    """Authorize with an API key."""
    return FixedHeader(f"Bearer {key}")


def basic(user: str, password: str) -> FixedHeader:
    """Authorize with a user and a password."""
    pair = base64.b64encode(f"{user}:{password}".encode()).decode("ascii")
    return FixedHeader(f"Basic {pair}")


@dataclass(slots=True)
class TokenAuth:
    """A credential that is exchanged for a token which ends after a while.

    `request` builds the form and headers of the exchange anew each time, since a
    signed assertion carries the time. One thread fetches, the others wait.
    """

    system: str
    token_url: str
    request: Callable[[], tuple[Mapping[str, str], Mapping[str, str]]]
    credential_names: str  # the settings to check, as a person would look for them
    _token: str | None = field(default=None, repr=False)
    _ends: float = 0.0
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def headers(self, client: httpx.Client) -> Mapping[str, str]:
        """Return the token as a header, fetching one when there is none or it ends.

        Raises:
            Refused: the system did not accept the credential.
            Transient: the token endpoint cannot be reached or is not well.
        """
        with self._lock:
            if self._token is None or time.monotonic() >= self._ends:
                self._fetch(client)
            return {"Authorization": f"Bearer {self._token}"}

    def renew(self) -> bool:
        """Forget the token: the next request fetches another."""
        with self._lock:
            self._token = None
        return True

    def _fetch(self, client: httpx.Client) -> None:
        form, headers = self.request()
        try:
            response = client.post(
                self.token_url,
                data=dict(form),
                headers=dict(headers),
                timeout=_TOKEN_TIMEOUT_SECONDS,
            )
        except httpx.TransportError as error:
            raise unreachable(self.system, self.token_url, error) from error
        if response.status_code >= httpx.codes.INTERNAL_SERVER_ERROR:
            raise Transient(
                self.system,
                f"the token endpoint answered {response.status_code}",
                status=response.status_code,
            )
        answer = _token_answer(response)
        token = answer.get("access_token")
        if response.is_error or not isinstance(token, str):
            said = answer.get("error_description") or answer.get("error")
            raise Refused(
                self.system,
                "the credential was not accepted"
                + (f" ({said})" if said else f" (status {response.status_code})"),
                f"check {self.credential_names}, then run again",
                code=str(answer.get("error") or "") or None,
                status=response.status_code,
            )
        self._token = token
        # Salesforce names no end; its sessions are renewed when a 401 says so.
        seconds = float(answer.get("expires_in") or 3600)
        self._ends = time.monotonic() + max(seconds - _SKEW_SECONDS, 1.0)


def _token_answer(response: httpx.Response) -> dict[str, Any]:
    try:
        answer = json.loads(response.content)
    except ValueError:
        return {}
    return answer if isinstance(answer, dict) else {}


def unreachable(system: str, url: str, error: Exception) -> Transient:
    """Say that no connection came about: nothing was sent."""
    host = httpx.URL(url).netloc.decode("ascii")
    cause = str(error) or type(error).__name__
    return Transient(
        system,
        f"{host} cannot be reached ({cause})",
        f"check {system.upper()}_URL and the network, then run again",
    )


def signing_key(system: str, path: str) -> RSAKey:
    """Read the private key that signs assertions.

    Raises:
        Refused: the file is absent or holds no RSA key.
    """
    step = f"check {system.upper()}_PRIVATE_KEY_FILE, then run again"
    try:
        pem = Path(path).read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError) as error:
        raise Refused(system, f"the key file {path} cannot be read", step) from error
    try:
        return RSAKey.import_key(pem)
    except (JoseError, ValueError, TypeError) as error:
        raise Refused(system, f"{path} holds no RSA private key", step) from error


def signed_assertion(
    key: RSAKey, *, certificate_id: str, client_id: str, audience: str, scope: str
) -> str:
    """Sign the JWT that is exchanged for a token (RFC 7523), valid for five minutes."""
    now = int(time.time())
    header = {"alg": "PS256", "typ": "JWT", "kid": certificate_id}
    claims = {
        "iss": client_id,
        "scope": [scope],
        "aud": audience,
        "iat": now,
        "exp": now + 300,
    }
    return jwt.encode(header, claims, key, algorithms=["PS256"])
