"""Stripe: keys, versions, limits, and requests that may be repeated.

Who answers which path is in `routes`; what a request may carry, in `parameters`.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.clock import Clock
from sandbox.credentials import Credentials
from sandbox.drift import drift, drifted
from sandbox.store import Store
from sandbox.stripe import clocks, listed
from sandbox.stripe.books import SYSTEM, Books
from sandbox.stripe.events import Events
from sandbox.stripe.expanding import Expansion, expansions
from sandbox.stripe.idempotency import Asked, Keys
from sandbox.stripe.limits import Limits
from sandbox.stripe.parameters import EXPAND, checked
from sandbox.stripe.routes import Endpoint, endpoints_of
from sandbox.stripe.shapes import (
    API_VERSION,
    Declined,
    Params,
    Unread,
    decode,
    error,
    key_of,
    known_version,
    masked,
    planned,
    refuse,
)
from sandbox.webhooks import Webhooks
from sandbox.wire import (
    Api,
    Planned,
    Refusal,
    answer,
    body_of,
    form,
    made,
    parse_storable,
)

Pairs = list[tuple[str, str]]
Fails = Callable[[Planned, Request], Response]
_FORM = "application/x-www-form-urlencoded"
# A refusal that says nothing about the request: it never began.
_NEVER_BEGAN = (409, 429)


class Stripe:
    """One account."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        keys: Credentials,
        hooks: Webhooks | None = None,
    ) -> None:
        """Serve the store's documents to whoever has the key; `hooks` are told."""
        self.store = store
        self.clock = clock
        self.keys = keys
        self.events = Events(Books(store, "stripe", ""), hooks or Webhooks(store))
        self.limits = Limits()
        self.idempotency = Keys()
        listed.index(store)

    def api(self) -> Api:
        """Return the routes."""
        routes = [
            Route(
                f"/{endpoint.api}/{endpoint.path}",
                self._answered(
                    self._posted if endpoint.method == "POST" else self._asked, endpoint
                ),
                methods=[endpoint.method],
            )
            for endpoint in endpoints_of()
        ]
        return Api(routes, refuse, planned, fails_inside=True)

    def _answered(
        self,
        asked: Callable[[Request, Endpoint, Books], Awaitable[Response]],
        endpoint: Endpoint,
    ) -> Callable[[Request], Awaitable[Response]]:
        """Return the handler with what every answer has: a check, an id, a version."""

        async def handle(request: Request) -> Response:
            request_id = made("req_", self.store.number(), length=14)
            books = Books(self.store, "api", request_id)
            key = request.headers.get("idempotency-key")
            try:
                self._admit(request, books)
                with self.events.asked_with(request_id, key):
                    response = await asked(request, endpoint, books)
            except Refusal as refusal:
                response = refusal.response
            response.headers["Request-Id"] = request_id
            response.headers["Stripe-Version"] = request.headers.get(
                "stripe-version", API_VERSION
            )
            if key is not None and request.method == "POST":
                response.headers["Idempotency-Key"] = key
            again = _worth_trying(request, response)
            if again is not None:
                response.headers["Stripe-Should-Retry"] = str(again).lower()
            return response

        return handle

    def _admit(self, request: Request, books: Books) -> None:
        key = key_of(request)
        if not key:
            sentence = (
                "You did not provide an API key. You need to provide your API key in "
                "the Authorization header, using Bearer auth (e.g. 'Authorization: "
                "Bearer YOUR_SECRET_KEY')."
            )
            raise Refusal(error(401, sentence))
        if key != self.keys.stripe_api_key:
            raise Refusal(error(401, f"Invalid API Key provided: {masked(key)}"))
        version = request.headers.get("stripe-version", API_VERSION)
        if not known_version(version):
            raise Refusal(error(400, f"Invalid Stripe API version: {version[:40]}"))
        path = request.scope["route"].path if "route" in request.scope else ""
        self.limits.spend(books, key, request.method, path or request.url.path)

    async def _asked(
        self, request: Request, endpoint: Endpoint, books: Books
    ) -> Response:
        """Answer a GET or a DELETE, whose parameters are in the address."""
        fault: Fails | None = request.scope.get("sandbox.status")
        if fault is not None:
            return fault(planned, request)
        raw = request.scope.get("query_string", b"").decode("utf-8", "replace")
        params = _decoded(parse_qsl(raw, keep_blank_values=True))
        return self._carried_out(request, endpoint, books, params)

    async def _posted(
        self, request: Request, endpoint: Endpoint, books: Books
    ) -> Response:
        """Answer a POST, once for each key."""
        read = _body if endpoint.api == "v1" else _json
        pairs, params = await read(request)
        key = request.headers.get("idempotency-key")
        if key is None:
            return self._executed(request, endpoint, books, params)[0]
        asked: Asked = (request.url.path, pairs)
        before = self.idempotency.begin(books, key, asked)
        if before is not None:
            return before
        try:
            wait = float(books.condition("execution_seconds", 0))
            if wait:
                await asyncio.sleep(min(wait, 60))
            response, began = self._executed(request, endpoint, books, params)
            if began:
                self.idempotency.keep(books, key, asked, books.request_id, response)
        finally:
            self.idempotency.end(key)
        return response

    def _executed(
        self,
        request: Request,
        endpoint: Endpoint,
        books: Books,
        params: Params,
    ) -> tuple[Response, bool]:
        """Return the answer, and whether the endpoint began its work."""
        fault: Fails | None = request.scope.get("sandbox.status")
        if fault is not None:
            response = fault(planned, request)
            return response, response.status_code >= 500
        try:
            return self._carried_out(request, endpoint, books, params), True
        except Unread as refusal:
            return refusal.response, False
        except Refusal as refusal:
            response = refusal.response
            return response, response.status_code not in _NEVER_BEGAN

    def _carried_out(
        self,
        request: Request,
        endpoint: Endpoint,
        books: Books,
        params: Params,
    ) -> Response:
        """Call the handler; all that it writes stands together, or nothing does."""
        with self.store.transaction():
            clocks.settle(Books(self.store, "stripe", ""))
        ids = tuple(request.path_params.values())
        if endpoint.is_read:
            expand = checked(params, EXPAND).get("expand", [])
            return self._shown(books, endpoint.handler(books, *ids), expand)
        if endpoint.method == "GET":
            return self._shown(
                books, endpoint.handler(books, params, *ids), _expand(params)
            )
        for record_id in ids:
            if "\0" in record_id:
                raise Refusal(refuse(404, ""))
        with self.store.transaction():
            try:
                done = endpoint.handler(books, params, *ids)
                return self._shown(books, done, _expand(params))
            except Declined as declined:
                return declined.response

    def _shown(self, books: Books, done: object, expand: object) -> Response:
        """Return the answer, as the schema is by now."""
        return drifted(self._whole(books, done, expand), drift(self.store, SYSTEM))

    def _whole(self, books: Books, done: object, expand: object) -> Response:
        if isinstance(done, Response):
            return done
        wanted = expansions(expand if isinstance(expand, list) else [], listed=False)
        secret = done.get("secret") if isinstance(done, dict) else None
        view = Expansion(books, wanted).whole(done)  # type: ignore[arg-type]
        return answer(view | ({"secret": secret} if secret else {}))


def _decoded(pairs: Pairs) -> Params:
    try:
        return decode(pairs)
    except Refusal as refusal:
        raise Unread(refusal.response) from None


def _expand(params: Params) -> object:
    return (
        checked({"expand": params["expand"]}, EXPAND)["expand"]
        if "expand" in params
        else []
    )


async def _json(request: Request) -> tuple[Pairs, Params]:
    """Return the body of a request to the second API, and what it asks for."""
    body = await body_of(request, refuse)
    try:
        value = parse_storable(body) if body.strip() else {}
    except ValueError as broken:
        raise Refusal(error(400, f"Invalid JSON: {broken}")) from broken
    if not isinstance(value, dict):
        raise Refusal(error(400, "Invalid JSON: the body is not an object."))
    return [("", body.decode("utf-8-sig"))], _as_text(value)


def _as_text(value: Any) -> Any:
    """Return a JSON value with all texts that a form would have in its place."""
    if isinstance(value, dict):
        return {name: _as_text(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_as_text(each) for each in value]
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else str(value)


async def _body(request: Request) -> tuple[Pairs, Params]:
    """Return the pairs of a form, and what they ask for."""
    kind = request.headers.get("content-type", _FORM).partition(";")[0].strip().lower()
    body = await body_of(request, refuse)
    if body and kind != _FORM:
        sentence = (
            "Invalid request (check that your POST content type is "
            f"{_FORM}). If you have questions, we can help at "
            "https://support.stripe.com/."
        )
        raise Refusal(error(400, sentence))
    try:
        pairs = form(body)
    except ValueError as broken:
        sentence = "Invalid request body: it is not a form in UTF-8."
        raise Refusal(error(400, sentence)) from broken
    return pairs, _decoded(pairs)


def _worth_trying(request: Request, response: Response) -> bool | None:
    """Say what `Stripe-Should-Retry` says: whether the same could succeed, if known.

    A 500 to a POST is stored under its key: trying again gives the same.
    """
    status = response.status_code
    if status < 400:
        return None
    if status == 409 or b'"code":"lock_timeout"' in bytes(response.body):
        return True
    if 400 <= status < 500 or (status == 500 and request.method == "POST"):
        return False
    return None
