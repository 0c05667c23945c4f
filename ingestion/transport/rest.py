"""Rest: the one client through which every system is read and written.

Reads are retried, within bounds. A write is sent once: whoever sent it decides what
an unknown outcome means, because only the ledger knows what was intended.
"""

import random
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from types import TracebackType
from typing import Any, Protocol, Self

import httpx

from ingestion.errors import Refused, SystemFault, Transient, Unknown
from ingestion.transport import network
from ingestion.transport.answers import answered_at, parsed, redirected
from ingestion.transport.auth import Auth, unreachable
from ingestion.transport.budget import (
    LONGEST_PAUSE_SECONDS,
    WALL,
    Budget,
    Limits,
    Timer,
    shared,
)
from ingestion.transport.documents import document
from ingestion.transport.endpoints import endpoint
from ingestion.transport.exchange import (
    TIMEOUT,
    Bounds,
    NotTakenError,
    TooLargeError,
    exchange,
)
from ingestion.transport.links import base_of, path_of
from ingestion.transport.redaction import redacted
from ingestion.transport.signals import retry_after

__all__ = ["Classifier", "Rest", "retry_after"]

_ATTEMPTS = 5
_FIRST_WAIT_SECONDS = 0.25
# Until a system documents its limits: what no vendor minds, one call after another.
_UNKNOWN = Limits((), 4, "nothing is documented; four at once is what a person causes")
_NOT_SENT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
)


class Classifier(Protocol):
    """Turns a vendor's error answer into what the caller does next."""

    def __call__(self, response: httpx.Response, *, wrote: bool) -> SystemFault:
        """Return the fault; `response` is any answer that is not a success."""


class Rest:
    """One system's HTTP API, with its credential and its errors.

    `read_at` is the server's own time when it gave its first answer, the moment from
    which a cursor's overlap is measured. `requests` counts what was sent, `repeated`
    how many reads of that were asked again.
    """

    def __init__(
        self,
        system: str,
        base_url: str,
        auth: Auth,
        classify: Classifier,
        *,
        headers: Mapping[str, str] | None = None,
        limits: Limits = _UNKNOWN,
        transport: httpx.BaseTransport | None = None,
        timer: Timer = WALL,
        bounds: Bounds | None = None,
    ) -> None:
        """Prepare the client; nothing is sent before the first call.

        Args:
            system: whose API it is.
            base_url: where it is; https, or this machine.
            auth: the credential.
            classify: turns its errors.
            headers: what every request says besides.
            limits: what it documents of its limits.
            transport: the way there; the plain one where None is given.
            timer: the time by which calls are paced.
            bounds: how long an answer may take and how large it may be.

        Raises:
            Refused: the address cannot be used.
        """
        self.system = system
        self.base_url = base_of(system, base_url)
        self.requests = 0
        self.repeated = 0
        self.read_at: datetime | None = None
        # A day's calls are spent, and the vendor cannot say until when: this client
        # does not ask again, the next run's does.
        self._spent: SystemFault | None = None
        self._auth = auth
        self._classify = classify
        self._timer = timer
        self._bounds = bounds or Bounds(timer=timer)
        way = getattr(transport, "way", None) if transport else ""
        if way is None or timer is not WALL:  # what is one's own is shared with nobody
            self._budget = Budget(system, limits, timer)
        else:
            self._budget = shared(system, limits, self.base_url, way, auth.identity)
        self._client = httpx.Client(
            headers={"Accept": "application/json", **(headers or {})},
            timeout=TIMEOUT,
            transport=transport or network.plain(),
            trust_env=False,  # the settings decide, not what the process inherited
        )

    def __enter__(self) -> Self:
        """Enter the block at whose end the connections are closed."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close the connections."""
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    @property
    def budget(self) -> Budget:
        """Return the budget that all clients of this credential share."""
        return self._budget

    def path_of(self, link: str) -> str:
        """Return the path that a vendor's link leads to, for `get`.

        Raises:
            Refused: it leads to another host.
        """
        return path_of(self.system, self.base_url, link)

    def get(
        self,
        path: str,
        params: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        """Read; asked again while the system is busy, slow or away.

        Raises:
            SystemFault: as the vendor's classifier says, once retries are used up.
        """
        return self._read("GET", path, params=params, headers=headers)

    def read_post(
        self,
        path: str,
        *,
        json: Any = None,
        form: Mapping[str, Any] | None = None,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        params: Mapping[str, Any] | None = None,
    ) -> httpx.Response:
        """Read through a POST that changes nothing, such as a query; retried too.

        Raises:
            SystemFault: as the vendor's classifier says, once retries are used up.
        """
        return self._read(
            "POST",
            path,
            params=params,
            headers=headers,
            json=json,
            data=form,
            content=content,
        )

    def write(
        self,
        method: str,
        path: str,
        *,
        json: Any = None,
        form: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        params: Mapping[str, Any] | None = None,
    ) -> httpx.Response:
        """Send a change once.

        A 401 is answered with a new token and the same request: it was not carried out.

        Raises:
            Transient: no connection came about, nothing was sent.
            Unknown: it was sent and no answer, or none that can be read, came back.
            SystemFault: the vendor's answer was an error.
        """
        request = {"params": params, "json": json, "data": form}
        try:
            response = self._send(method, path, headers, request, wrote=True)
        except (httpx.HTTPError, NotTakenError) as error:
            raise Unknown(
                self.system,
                f"{method} {path} was sent and the answer was lost ({_cause(error)})",
            ) from error
        if not response.is_success:
            raise self._fault(response, wrote=True)
        if response.content:
            try:
                document(response.content)
            except ValueError as error:
                raise Unknown(
                    self.system,
                    f"{method} {path} was answered {response.status_code}"
                    " with something that is not JSON",
                    status=response.status_code,
                ) from error
        return response

    def parsed(self, response: httpx.Response) -> Any:
        """Return the JSON of an answer; numbers with a fraction are exact decimals.

        Raises:
            Transient: it should be JSON and breaks off.
            Refused: the body is not JSON, as when a web page answers, or not such that
                everybody would read the same in it.
        """
        return parsed(self.system, response)

    def _read(
        self,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str] | None,
        **request: Any,
    ) -> httpx.Response:
        attempt = 1
        while True:
            try:
                response = self._send(method, path, headers, request, wrote=False)
                if response.is_success:
                    return response
                fault = self._fault(response, wrote=False)
            except Transient as error:  # nothing was sent, or no connection came about
                fault = error
            except TooLargeError as error:
                raise Refused(
                    self.system, f"{method} {path}: {error}", "read smaller pages"
                ) from error
            except NotTakenError as error:  # to ask again would take as long again
                raise Transient(self.system, f"{method} {path}: {error}") from error
            except httpx.HTTPError as error:
                fault = Transient(
                    self.system, f"{method} {path} got no answer ({_cause(error)})"
                )
            wait = _wait(attempt, fault)
            if wait is None or not self._budget.may_repeat():
                raise fault
            self._timer.pause(wait)
            attempt += 1
            self.repeated += 1

    def _send(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str] | None,
        request: Mapping[str, Any],
        *,
        wrote: bool,
    ) -> httpx.Response:
        asked = self._timer.now()
        authorized = self._auth.headers(self._client)
        send = self._exchange
        response = send(method, path, {**authorized, **(headers or {})}, request, wrote)
        unauthorized = response.status_code == httpx.codes.UNAUTHORIZED
        if unauthorized and self._auth.renew(authorized):
            authorized = self._auth.headers(self._client)
            response = send(
                method, path, {**authorized, **(headers or {})}, request, wrote
            )
        if self.read_at is None:
            took = timedelta(seconds=self._timer.now() - asked)
            self.read_at = answered_at(response) - took
        return response

    def _exchange(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str],
        request: Mapping[str, Any],
        wrote: bool,  # noqa: FBT001 -- private, and always a name at the call
    ) -> httpx.Response:
        if not path.startswith("/"):
            path = self.path_of(path)
        url = self.base_url + path
        if self._spent is not None:
            raise replace(self._spent)
        about = endpoint(method, path, request.get("params"), request.get("json"))
        turn = self._budget.admit(about, path, wrote=wrote)
        status: int | None = None
        told: Mapping[str, str] = {}
        self.requests += 1
        try:
            response = exchange(
                self._client, method, url, self._bounds, headers=headers, **request
            )
            status, told = response.status_code, response.headers
        except _NOT_SENT as error:
            raise unreachable(self.system, url, error) from error
        finally:
            self._budget.done(turn, status, told)
        return response

    def _fault(self, response: httpx.Response, *, wrote: bool) -> SystemFault:
        """Return what an error answer asks for, and keep the pause it asks for."""
        if response.has_redirect_location:
            return redirected(self.system, response)
        fault = self._classify(response, wrote=wrote)
        fault.reason = redacted(fault.reason)
        told = fault.retry_after or 0.0
        asked = retry_after(response)
        if asked is None and told > LONGEST_PAUSE_SECONDS:
            self._spent = replace(fault)
        elif asked is not None or told:
            self._budget.pause_for(told if asked is None else asked)
        return fault


def _wait(attempt: int, fault: SystemFault) -> float | None:
    """Return the seconds to wait before the next attempt, None when there is none.

    The pause that the system asked for is the budget's: it holds for everybody.
    """
    if not isinstance(fault, Transient) or attempt >= _ATTEMPTS:
        return None
    if fault.retry_after is not None:
        return 0.0 if fault.retry_after <= LONGEST_PAUSE_SECONDS else None
    # Jitter keeps several runs that were turned away together from returning together.
    jitter = random.uniform(0.5, 1.0)  # noqa: S311 -- chance need not be secret
    return jitter * _FIRST_WAIT_SECONDS * float(2 ** (attempt - 1))


def _cause(error: Exception) -> str:
    if isinstance(error, NotTakenError):
        return str(error)
    return type(error).__name__
