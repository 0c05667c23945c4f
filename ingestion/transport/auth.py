"""Auth: how a request proves who we are, per kind of credential."""

import base64
import math
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import httpx

from ingestion.errors import Refused, Transient
from ingestion.transport.documents import document
from ingestion.transport.exchange import Bounds, NotTakenError, exchange
from ingestion.transport.redaction import Secret, redacted, secret
from ingestion.transport.signals import retry_after

# A token is renewed this long before it ends, so that it cannot end on the way; of a
# short life, a tenth.
_SKEW_SECONDS = 60.0
_SKEW_SHARE = 0.1
# Salesforce names no end; its sessions are renewed when a 401 says so.
_USUAL_LIFE_SECONDS = 3600.0
# A token's answer is a few hundred bytes; nobody needs longer for it than this.
_BOUNDS = Bounds(seconds=30.0, size=1024 * 1024)

Form = Mapping[str, str]


class Auth(Protocol):
    """What the client asks of a credential."""

    @property
    def identity(self) -> str:
        """Return what tells this credential from others of the same system."""
        ...

    def headers(self, client: httpx.Client) -> Mapping[str, str]:
        """Return the headers that authorize a request; may fetch a token first."""
        ...

    def renew(self, refused: Mapping[str, str]) -> bool:
        """Forget the token in these headers; False when there is none to renew."""
        ...


@dataclass(frozen=True, slots=True)
class FixedHeader:
    """A credential that is the same for every request: an API key or basic auth."""

    value: str = field(repr=False)

    @property
    def identity(self) -> str:
        """Return the credential itself."""
        return self.value

    def headers(self, client: httpx.Client) -> Mapping[str, str]:
        """Return the authorization header."""
        del client
        return {"Authorization": self.value}

    def renew(self, refused: Mapping[str, str]) -> bool:
        """Nothing can be renewed: the key is right or wrong."""
        del refused
        return False


def bearer(key: str) -> FixedHeader:
    """Authorize with an API key."""
    return FixedHeader(Secret(f"Bearer {secret(key)}"))


def basic(user: str, password: str) -> FixedHeader:
    """Authorize with a user and a password, or with a key alone as the user."""
    secret(password or user)
    pair = base64.b64encode(f"{user}:{password}".encode()).decode("ascii")
    return FixedHeader(Secret(f"Basic {secret(pair)}"))


@dataclass(slots=True)
class TokenAuth:
    """A credential that is exchanged for a token which ends after a while.

    One thread fetches, the others wait. A token that was refused is forgotten once:
    whoever comes second with the same one takes what the first has fetched.

    Attributes:
        system: whose.
        token_url: where it is exchanged.
        request: builds form and headers of the exchange anew each time, since a signed
            assertion carries the time.
        credential_names: the settings to check, as a person would look for them.
        identity: what tells this credential from others of the system.
        keep: is given each answer before its token is used, to store a new refresh
            token where the old one has just ended.
        now: tells how time passes.
    """

    system: str
    token_url: str
    request: Callable[[], tuple[Form, Mapping[str, str]]]
    credential_names: str
    identity: str = field(default="", repr=False)
    keep: Callable[[Mapping[str, Any]], None] | None = None
    now: Callable[[], float] = time.monotonic
    _token: Secret | None = field(default=None, repr=False)
    _ends: float = 0.0
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def headers(self, client: httpx.Client) -> Mapping[str, str]:
        """Return the token as a header, fetching one when there is none or it ends.

        Raises:
            Refused: the system did not accept the credential.
            Transient: the token endpoint cannot be reached or is not well.
        """
        with self._lock:
            if self._token is None or self.now() >= self._ends:
                self._fetch(client)
            return {"Authorization": Secret(f"Bearer {self._token}")}

    def renew(self, refused: Mapping[str, str]) -> bool:
        """Forget the token in these headers: the next request fetches another."""
        with self._lock:
            if refused.get("Authorization") == f"Bearer {self._token}":
                self._token = None
        return True

    def _fetch(self, client: httpx.Client) -> None:
        form, headers = self.request()
        try:
            response = exchange(
                client,
                "POST",
                self.token_url,
                _BOUNDS,
                data=dict(form),
                headers=headers,
            )
        except httpx.TransportError as error:
            raise unreachable(self.system, self.token_url, error) from error
        except NotTakenError as error:
            raise Transient(self.system, f"the token endpoint: {error}") from error
        busy = (httpx.codes.REQUEST_TIMEOUT, httpx.codes.TOO_MANY_REQUESTS)
        if response.is_server_error or response.status_code in busy:
            raise Transient(
                self.system,
                f"the token endpoint answered {response.status_code}",
                status=response.status_code,
                retry_after=retry_after(response),
            )
        answer = _token_answer(response)
        token = answer.get("access_token")
        if not response.is_success or not isinstance(token, str):
            said = answer.get("error_description") or answer.get("error")
            raise Refused(
                self.system,
                "the credential was not accepted"
                + (
                    f" ({redacted(str(said))[:300]})"
                    if said
                    else f" (status {response.status_code})"
                ),
                f"check {self.credential_names}, then run again",
                code=str(answer.get("error") or "") or None,
                status=response.status_code,
            )
        if self.keep is not None:
            self.keep(answer)
        self._token = secret(token)
        self._ends = self.now() + _usable_seconds(answer.get("expires_in"))


def _usable_seconds(expires_in: Any) -> float:
    """Return for how long a token is used, of the life that its answer named."""
    try:
        life = float(expires_in or _USUAL_LIFE_SECONDS)
    except (TypeError, ValueError):
        life = _USUAL_LIFE_SECONDS
    if not math.isfinite(life) or life <= 0:
        life = _USUAL_LIFE_SECONDS
    return life - min(_SKEW_SECONDS, life * _SKEW_SHARE)


def _token_answer(response: httpx.Response) -> dict[str, Any]:
    try:
        answer = document(response.content)
    except ValueError:
        return {}
    return answer if isinstance(answer, dict) else {}


def unreachable(system: str, url: str, error: Exception) -> Transient:
    """Say that no connection came about: nothing was sent."""
    host = httpx.URL(url).netloc.decode("ascii")
    cause = str(error) or type(error).__name__
    return Transient(
        system,
        f"{host} cannot be reached ({redacted(cause)})",
        f"check {system.upper()}_URL and the network, then run again",
    )
