"""Fault door: carries faults out on the wire, and keeps the trace of what went over it.

A lost answer must reach the caller as a broken connection, not as a status. ASGI knows
no way to say that: a server turns an exception, or silence, into a 500. Therefore our
HTTP protocol puts the means of closing the socket into the request's scope
(`Droppable`), and `FaultDoor` uses it. Where there is no socket (httpx's ASGITransport)
it raises the error that httpx raises for one.
"""

import asyncio
import hashlib
import re
from collections.abc import Callable, MutableMapping
from typing import Any

import httpx
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from sandbox.faults import Fault, Faults

OWN = "/_sandbox"
# All methods that a vendor has routes for, and what else a browser sends.
KNOWN = frozenset((b"GET", b"HEAD", b"POST", b"PUT", b"PATCH", b"DELETE", b"OPTIONS"))
_METHOD = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,64}")  # a token of RFC 9110
PIECES = 10  # a slow answer arrives in so many


class Trace:
    """A hash over every byte that went in and out, in order; empty until begun."""

    def __init__(self) -> None:
        """Note nothing until asked to."""
        self._hash: Any = None
        self.exchanges = 0

    def begin(self) -> None:
        """Start anew."""
        self._hash, self.exchanges = hashlib.sha256(), 0

    @property
    def is_on(self) -> bool:
        """Say whether somebody asked for it."""
        return self._hash is not None

    @property
    def digest(self) -> str | None:
        """Return the hash so far, none if nobody asked for it."""
        return self._hash.hexdigest() if self._hash is not None else None

    def note(self, asked: bytes, answered: bytes, faults: list[Fault]) -> None:
        """Add one exchange."""
        kinds = ",".join(fault.kind for fault in faults).encode()
        for part in (asked, kinds, answered):
            self._hash.update(len(part).to_bytes(8, "big") + part)
        self.exchanges += 1


class FaultDoor:
    """The outermost door: lets a request through, or spoils it."""

    def __init__(
        self, app: ASGIApp, faults: Faults, trace: Trace, system: str = ""
    ) -> None:
        """Stand before `app`; `system` is whose it is, else the path's first word."""
        self.app = app
        self.faults = faults
        self.trace = trace
        self.system = system

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http" or scope["path"].startswith(OWN):
            await self.app(scope, receive, send)
            return
        system = self.system or scope["path"].strip("/").partition("/")[0]
        faults = self.faults.take(system, scope["method"], scope["path"])
        if not self.trace.is_on:
            await self._spoiled(faults, scope, receive, send)
            return
        asked, answered = _Recorder(), _Recorder()
        asked.parts.append(f"{scope['method']} {system} {scope['path']}?".encode())
        asked.parts.append(bytes(scope.get("query_string", b"")))
        try:
            await self._spoiled(
                faults, scope, asked.receiving(receive), answered.sending(send)
            )
        finally:
            self.trace.note(b"".join(asked.parts), b"".join(answered.parts), faults)

    async def _spoiled(
        self, faults: list[Fault], scope: Scope, receive: Receive, send: Send
    ) -> None:
        kinds = {fault.kind: fault for fault in faults}
        for fault in faults:
            self.faults.act(fault)
        if "delay" in kinds:
            await asyncio.sleep(float(kinds["delay"].seconds))
        if "status" in kinds:
            scope["sandbox.status"] = kinds["status"].response
        if "lost_request" in kinds:
            # All of it arrived and nobody read it: the caller always sees the same end.
            while (await receive()).get("more_body"):
                pass
        elif "lost_response" in kinds:
            await self.app(scope, receive, _unheard)
        elif "slow_body" in kinds:
            pause = float(kinds["slow_body"].seconds) / PIECES
            await self.app(scope, receive, _Slow(send, pause))
            return
        elif "truncated_body" in kinds:
            await self.app(scope, receive, _Cut(send))
        else:
            await self.app(scope, receive, send)
            return
        await _drop(scope, receive)


class _Recorder:
    """Keeps what passes."""

    def __init__(self) -> None:
        self.parts: list[bytes] = []

    def receiving(self, receive: Receive) -> Receive:
        async def noted() -> Message:
            message = await receive()
            self.parts.append(message.get("body", b""))
            return message

        return noted

    def sending(self, send: Send) -> Send:
        async def noted(message: Message) -> None:
            if message["type"] == "http.response.start":
                self.parts.append(str(message["status"]).encode())
                for name, value in message.get("headers", ()):
                    self.parts += [name, value]
            self.parts.append(message.get("body", b""))
            await send(message)

        return noted


class _Slow:
    """Sends a body in pieces, with a pause before each."""

    def __init__(self, send: Send, pause: float) -> None:
        self.send, self.pause = send, pause

    async def __call__(self, message: Message) -> None:
        body = message.get("body", b"")
        size = max(1, -(-len(body) // PIECES))
        for start in range(0, len(body) - size, size):
            await self.send(
                {**message, "body": body[start : start + size], "more_body": True}
            )
            await asyncio.sleep(self.pause)
        if body:
            message = {**message, "body": body[_last(len(body), size) :]}
        await self.send(message)


def _last(length: int, size: int) -> int:
    """Return where the last piece of a body begins."""
    return len(range(0, length - size, size)) * size


class _Cut:
    """Sends the head and the first half of a body, and nothing more."""

    def __init__(self, send: Send) -> None:
        self.send = send

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            await self.send(message)
        elif message.get("body"):
            half = message["body"][: len(message["body"]) // 2]
            await self.send({**message, "body": half, "more_body": True})


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
    """The HTTP protocol of uvicorn, with a way to close the socket from inside.

    Its parser knows some forty methods and hangs up on any other. To a vendor `BREW`
    is a request like all others: the parser is shown a method that it knows, and the
    application the one that was sent. What is no HTTP at all, the parser refuses, and
    with it an unknown method behind another request in one packet.
    """

    is_between = True  # two requests: what comes next is a method
    unknown = ""  # the method that the parser was not shown

    def data_received(self, data: bytes) -> None:
        """Take what came; put a method that the parser knows before the rest."""
        if self.is_between:
            method, blank, rest = data.partition(b" ")
            if blank and _METHOD.fullmatch(method) and method not in KNOWN:
                self.unknown = method.decode("ascii")
                data = b"POST " + rest
        super().data_received(data)

    def on_message_begin(self) -> None:
        """Offer the means of closing this connection to the request."""
        super().on_message_begin()
        self.is_between = False
        extensions: dict[str, Any] = {"sandbox.drop": self.transport.close}
        self.scope["extensions"] = extensions

    def on_headers_complete(self) -> None:
        """Begin the request under the method that was sent."""
        super().on_headers_complete()
        if self.unknown:
            self.scope["method"], self.unknown = self.unknown, ""

    def on_message_complete(self) -> None:
        """Wait for the next request."""
        super().on_message_complete()
        self.is_between = True
