"""Wire: an application in the place of another: it notes calls and alters answers.

One server serves a whole session; the application behind it changes with every test.
What a vendor never says by itself (a page of HTML, a list without an end) is said here,
on the way out, so that everything before it is real.
"""

import gzip
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_plus

from starlette.applications import Starlette
from starlette.types import Message, Receive, Scope, Send

from sandbox.wire import dump, parse


@dataclass(slots=True)
class Answer:
    """An answer as it goes over the wire."""

    status: int
    body: bytes
    type: str = "application/json"
    packed: str = ""
    heard: str = ""  # the credential of the call


Change = Callable[[Answer], Answer]


@dataclass(frozen=True, slots=True)
class Call:
    """A call and the status of its answer; `asks` is what it asks for, as one text."""

    asks: str
    status: int


@dataclass(slots=True)
class Rule:
    """Answers to calls that `meant` recognises are changed, `times` of them."""

    meant: Callable[[str], bool]
    change: Change
    times: int


class Wire(Starlette):
    """The application that the server runs; another one stands behind it."""

    def __init__(self, inner: Starlette) -> None:
        """Stand for `inner`, whose credentials all later applications have too."""
        super().__init__()
        self.state = inner.state
        self.inner = inner
        self.calls: list[Call] = []
        self.rules: list[Rule] = []

    def stand_for(self, inner: Starlette) -> None:
        """Stand for another application from now on."""
        self.inner = inner
        self.calls.clear()
        self.rules.clear()

    def alter(
        self, meant: Callable[[str], bool], change: Change, times: int = 1_000_000
    ) -> None:
        """Change the next answers to calls that are meant."""
        self.rules.append(Rule(meant, change, times))

    def rule_for(self, asks: str) -> Rule | None:
        """Return the rule that changes this answer, and count it."""
        for rule in self.rules:
            if rule.times > 0 and rule.meant(asks):
                rule.times -= 1
                return rule
        return None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one call."""
        if scope["type"] != "http":
            await self.inner(scope, receive, send)
            return
        body, more = b"", True
        while more:  # whoever spoils a call may not have read it
            message = await receive()
            body += message.get("body", b"")
            more = message.get("more_body", False)
        exchange = _Exchange(self, scope, body, receive, send)
        await self.inner(scope, exchange.receive, exchange.send)


class _Exchange:
    """One call and its answer, which is held back where it is to be changed."""

    def __init__(
        self, wire: Wire, scope: Scope, body: bytes, receive: Receive, send: Send
    ) -> None:
        self._wire = wire
        self._receive, self._send = receive, send
        query = unquote_plus(scope["query_string"].decode())
        said = [
            scope["method"],
            f"{scope['path']}?{query}",
            unquote_plus(body.decode()),
        ]
        self._asks = " ".join(said).strip()
        self._heard = dict(scope["headers"]).get(b"authorization", b"").decode()
        self._body: bytes | None = body
        self._rule: Rule | None = None
        self._start: Message = {}
        self._held = b""

    async def receive(self) -> Message:
        if self._body is None:
            return await self._receive()
        body, self._body = self._body, None
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._wire.calls.append(Call(self._asks, message["status"]))
            self._rule = self._wire.rule_for(self._asks)
            self._start = message
        if self._rule is None:
            await self._send(message)
        elif message["type"] == "http.response.body":
            self._held += message.get("body", b"")
            if not message.get("more_body"):
                await self._changed(self._rule)

    async def _changed(self, rule: Rule) -> None:
        told = Answer(self._start["status"], self._held, heard=self._heard)
        given = rule.change(told)
        own = (b"content-length", b"content-type")
        headers = [each for each in self._start["headers"] if each[0] not in own]
        headers.append((b"content-length", str(len(given.body)).encode()))
        headers.append((b"content-type", given.type.encode()))
        if given.packed:
            headers.append((b"content-encoding", given.packed.encode()))
        await self._send({**self._start, "status": given.status, "headers": headers})
        await self._send({"type": "http.response.body", "body": given.body})


def told(change: Callable[[Any], None]) -> Change:
    """Return a change of what an answer says, made in place."""

    def changed(answer: Answer) -> Answer:
        content = parse(answer.body)
        change(content)
        return Answer(answer.status, dump(content))

    return changed


def always(change: Change) -> Change:
    """Return a change that gives its first answer for ever."""
    first: list[Answer] = []

    def changed(answer: Answer) -> Answer:
        if not first:
            first.append(change(answer))
        return first[0]

    return changed


def page_of_html(_answer: Answer) -> Answer:
    """Answer as a proxy, or a login page, does: 200 and HTML."""
    return Answer(200, b"<html><body>Sign in</body></html>", "text/html")


def broken_off(answer: Answer) -> Answer:
    """Answer the first half, and say that this is all of it."""
    return Answer(answer.status, answer.body[: len(answer.body) // 2])


def bomb(size: int) -> Change:
    """Return the answer of few bytes that unpack to `size`."""
    return lambda _answer: Answer(200, gzip.compress(b"[" * size), packed="gzip")
