"""Faults: what can go wrong between a caller and a vendor, on demand.

A lost answer must reach the caller as a broken connection, not as a status. ASGI knows
no way to say that: a server turns an exception, or silence, into a 500. Therefore our
HTTP protocol puts the means of closing the socket into the request's scope
(`Droppable`), and `FaultDoor` uses it. Where there is no socket (httpx's ASGITransport)
it raises the error that httpx raises for one.
"""

import asyncio
from collections.abc import Callable, MutableMapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal, get_args

import httpx
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from sandbox.wire import Refuse, answer

Kind = Literal["lost_response", "lost_request", "status", "delay"]
MAX_DELAY_SECONDS = 60.0


@dataclass(slots=True)
class Fault:
    """A plan to spoil the next `times` requests that match it.

    Attributes:
        system: whose door; the empty string means every vendor's.
        method: the HTTP method; the empty string means any.
        path_contains: a part of the path.
        kind: `lost_response` carries the request out and closes the socket without an
            answer; `lost_request` closes it before anything happened; `status` answers
            with `status` and `body` instead (Stripe stores a 500 under the request's
            idempotency key, as it does with its own); `delay` waits `seconds` first.
    """

    system: str
    method: str
    path_contains: str
    kind: Kind
    times: int = 1
    status: int = 500
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    seconds: float | Decimal = 1.0

    def spoils(self, method: str, path: str) -> bool:
        """Say whether this request is meant."""
        return (
            self.times > 0
            and self.system in ("", path.strip("/").partition("/")[0])
            and self.method.upper() in ("", method)
            and self.path_contains in path
        )

    def response(self, refuse: Refuse) -> Response:
        """Return the planned answer, in the vendor's shape if none was given."""
        if self.body is None:
            planned = refuse(self.status, "The sandbox was told to fail here.")
            planned.headers.update(self.headers)
            return planned
        return answer(self.body, self.status, self.headers)


class Faults:
    """The faults that are waiting for a request."""

    def __init__(self) -> None:
        """Start with none."""
        self.waiting: list[Fault] = []

    def plan(self, wanted: Any) -> None:
        """Replace the waiting faults; ValueError names the first thing not understood.

        An empty list clears them.
        """
        if not isinstance(wanted, list):
            raise ValueError("Faults are a JSON list.")  # noqa: TRY004 -- bad input
        self.waiting = [_fault(each) for each in wanted]

    def take(self, method: str, path: str) -> Fault | None:
        """Return the first fault that spoils this request, and count it."""
        for fault in self.waiting:
            if fault.spoils(method, path):
                fault.times -= 1
                if fault.times == 0:
                    self.waiting.remove(fault)
                return fault
        return None


def _fault(wanted: Any) -> Fault:
    if not isinstance(wanted, dict):
        raise ValueError("A fault is a JSON object.")  # noqa: TRY004 -- bad input
    if wanted.get("kind") not in get_args(Kind):
        raise ValueError(f"kind must be one of {', '.join(get_args(Kind))}.")
    settings: dict[str, Any] = {"system": "", "method": "", "path_contains": ""}
    settings |= wanted
    try:
        fault = Fault(**settings)
    except TypeError as error:
        raise ValueError(f"A fault has no such setting: {error}.") from error
    if not isinstance(fault.times, int) or fault.times < 1:
        raise ValueError("times must be a whole number above 0.")
    if not isinstance(fault.status, int) or not 200 <= fault.status <= 599:
        raise ValueError("status must be an HTTP status from 200 to 599.")
    if not isinstance(fault.seconds, int | float | Decimal):
        raise ValueError("seconds must be a number.")  # noqa: TRY004 -- bad input
    if not 0 <= fault.seconds <= MAX_DELAY_SECONDS:
        raise ValueError(f"seconds must be from 0 to {MAX_DELAY_SECONDS:.0f}.")
    texts: Sequence[Any] = (fault.system, fault.method, fault.path_contains)
    if not all(isinstance(text, str) for text in texts):
        raise ValueError("system, method and path_contains must be text.")
    return fault


class FaultDoor:
    """The outermost door: carries out the waiting faults."""

    def __init__(self, app: ASGIApp, faults: Faults) -> None:
        """Stand before `app`."""
        self.app = app
        self.faults = faults

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or spoil it."""
        fault = None
        if scope["type"] == "http" and not scope["path"].startswith("/_sandbox"):
            fault = self.faults.take(scope["method"], scope["path"])
        if fault is None:
            await self.app(scope, receive, send)
        elif fault.kind == "delay":
            await asyncio.sleep(float(fault.seconds))
            await self.app(scope, receive, send)
        elif fault.kind == "status":
            scope["sandbox.status"] = fault.response
            await self.app(scope, receive, send)
        else:
            if fault.kind == "lost_response":
                await self.app(scope, receive, _unheard)
            await _drop(scope, receive)


async def _unheard(_message: MutableMapping[str, Any]) -> None:
    """Take a part of the answer and lose it."""


async def _drop(scope: Scope, receive: Receive) -> None:
    close: Callable[[], None] | None = scope.get("extensions", {}).get("sandbox.drop")
    if close is None:
        raise httpx.RemoteProtocolError(
            "Server disconnected without sending a response."
        )
    close()
    # Returning before the server has seen the end of the connection would make it
    # write its own 500.
    while (await receive())["type"] != "http.disconnect":
        pass


class Droppable(HttpToolsProtocol):
    """The HTTP protocol of uvicorn, with a way to close the socket from inside."""

    def on_message_begin(self) -> None:
        """Offer the means of closing this connection to the request."""
        super().on_message_begin()
        extensions: dict[str, Any] = {"sandbox.drop": self.transport.close}
        self.scope["extensions"] = extensions
