"""Rest: the one client through which every system is read and written.

Reads are retried, within bounds. A write is sent once: whoever sent it decides what
an unknown outcome means, because only the ledger knows what was intended.
"""

import json
import random
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from email.utils import parsedate_to_datetime
from types import TracebackType
from typing import Any, Protocol, Self

import httpx

from ingestion.auth import Auth, unreachable
from ingestion.errors import Refused, SystemFault, Transient, Unknown

_ATTEMPTS = 5
_FIRST_WAIT_SECONDS = 0.25
# A system that asks for a longer pause than this gets it from the schedule.
_LONGEST_WAIT_SECONDS = 60.0
_TIMEOUT = httpx.Timeout(60.0, connect=10.0)


class Classifier(Protocol):
    """Turns a vendor's error answer into what the caller does next."""

    def __call__(self, response: httpx.Response, *, wrote: bool) -> SystemFault:
        """Return the fault; `response` is any answer that is not a success."""


class Rest:
    """One system's HTTP API, with its credential and its errors.

    `read_at` is the server's own time when it gave its first answer, the moment from
    which a cursor's overlap is measured. `requests` counts what was sent.
    """

    def __init__(
        self,
        system: str,
        base_url: str,
        auth: Auth,
        classify: Classifier,
        *,
        headers: Mapping[str, str] | None = None,
        transport: httpx.BaseTransport | None = None,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        """Prepare the client; nothing is sent before the first call."""
        self.system = system
        self.base_url = base_url.rstrip("/")
        self.requests = 0
        self.read_at: datetime | None = None
        self._auth = auth
        self._classify = classify
        self._pause = pause
        self._client = httpx.Client(
            headers={"Accept": "application/json", **(headers or {})},
            timeout=_TIMEOUT,
            transport=transport,
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
        headers: Mapping[str, str] | None = None,
        params: Mapping[str, Any] | None = None,
    ) -> httpx.Response:
        """Read through a POST that changes nothing, such as a query; retried too.

        Raises:
            SystemFault: as the vendor's classifier says, once retries are used up.
        """
        return self._read(
            "POST", path, params=params, headers=headers, json=json, form=form
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
        try:
            response = self._send(
                method, path, params=params, headers=headers, json=json, form=form
            )
        except httpx.TransportError as error:
            raise Unknown(
                self.system,
                f"{method} {path} was sent and the answer was lost"
                f" ({type(error).__name__})",
            ) from error
        if not response.is_success:
            raise self._classify(response, wrote=True)
        if response.content and not _is_json(response):
            raise Unknown(
                self.system,
                f"{method} {path} was answered {response.status_code}"
                " with something that is not JSON",
                status=response.status_code,
            )
        return response

    def parsed(self, response: httpx.Response) -> Any:
        """Return the JSON of an answer; numbers with a fraction are exact decimals.

        Raises:
            Refused: the body is not JSON, as when a web page answers.
        """
        try:
            return json.loads(
                response.content, parse_float=Decimal, parse_constant=_no_number
            )
        except ValueError as error:
            kind = response.headers.get("content-type", "no content type")
            raise Refused(
                self.system,
                f"{response.request.url.path} answered {kind.split(';')[0]} instead of"
                " JSON",
                f"check that {self.system.upper()}_URL is the address of the API and"
                " that no proxy or login page answers for it, then run again",
                status=response.status_code,
            ) from error

    def _read(self, method: str, path: str, **request: Any) -> httpx.Response:
        attempt = 1
        while True:
            try:
                response = self._send(method, path, **request)
                if response.is_success:
                    return response
                fault = self._classify(response, wrote=False)
            except Transient as error:  # no connection came about
                fault = error
            except httpx.TransportError as error:
                fault = Transient(
                    self.system,
                    f"{method} {path} got no answer ({type(error).__name__})",
                )
            wait = _wait(attempt, fault)
            if wait is None:
                raise fault
            self._pause(wait)
            attempt += 1

    def _send(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        json: Any = None,
        form: Mapping[str, Any] | None = None,
    ) -> httpx.Response:
        asked = time.monotonic()
        request = {"params": params, "json": json, "data": form}
        response = self._exchange(method, path, headers, request)
        if response.status_code == httpx.codes.UNAUTHORIZED and self._auth.renew():
            response = self._exchange(method, path, headers, request)
        if self.read_at is None:
            took = timedelta(seconds=time.monotonic() - asked)
            self.read_at = _answered_at(response) - took
        return response

    def _exchange(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str] | None,
        request: Mapping[str, Any],
    ) -> httpx.Response:
        url = self.base_url + path
        authorized = {**self._auth.headers(self._client), **(headers or {})}
        self.requests += 1
        try:
            return self._client.request(method, url, headers=authorized, **request)
        except (
            httpx.ConnectError,
            httpx.ConnectTimeout,
            httpx.PoolTimeout,
            httpx.ProxyError,
            httpx.UnsupportedProtocol,
        ) as error:
            raise unreachable(self.system, url, error) from error


def _wait(attempt: int, fault: SystemFault) -> float | None:
    """Return the seconds to wait before the next attempt, None when there is none."""
    if not isinstance(fault, Transient) or attempt >= _ATTEMPTS:
        return None
    asked = fault.retry_after
    if asked is not None:
        return asked if asked <= _LONGEST_WAIT_SECONDS else None
    # Jitter keeps several runs that were turned away together from returning together.
    jitter = random.uniform(0.5, 1.0)  # noqa: S311 -- chance need not be secret
    return jitter * _FIRST_WAIT_SECONDS * float(2 ** (attempt - 1))


def retry_after(response: httpx.Response) -> float | None:
    """Return the seconds that the header Retry-After asks for: a number or a date."""
    value: str | None = response.headers.get("retry-after")
    if value is None:
        return None
    try:
        return max(float(value), 0.0)
    except ValueError:
        pass
    until = _moment(value)
    if until is None:
        return None
    seconds: float = (until - datetime.now(UTC)).total_seconds()
    return max(seconds, 0.0)


def _answered_at(response: httpx.Response) -> datetime:
    """Return the server's time of its answer; ours where it does not tell."""
    return _moment(response.headers.get("date", "")) or datetime.now(UTC)


def _moment(value: str) -> datetime | None:
    """Return the moment an HTTP header names, None where it names none."""
    try:
        moment: datetime = parsedate_to_datetime(value)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _is_json(response: httpx.Response) -> bool:
    try:
        json.loads(response.content)
    except ValueError:
        return False
    return True


def _no_number(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")
