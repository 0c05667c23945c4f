"""Chargebee: the site, who may call it how often, and what every call goes through."""

from collections.abc import Awaitable, Callable
from http import HTTPMethod

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from sandbox.budgets import FixedWindow
from sandbox.chargebee.desk import SYSTEM, Desk, Handler
from sandbox.chargebee.events import Events, Hooks
from sandbox.chargebee.forms import Form, form_of
from sandbox.chargebee.idempotency import Idempotency
from sandbox.chargebee.ingestion import HOST, ingest, ingest_batch
from sandbox.chargebee.kinds import INDEXED
from sandbox.chargebee.routes import GET, POST
from sandbox.chargebee.shapes import (
    INVALID,
    NOBODY,
    planned,
    problem,
    refuse,
)
from sandbox.clock import Clock
from sandbox.credentials import Credentials
from sandbox.drift import drift, drifted
from sandbox.store import Store
from sandbox.wire import (
    FORM_TYPE,
    Api,
    Refusal,
    answer,
    basic,
    body_of,
    form,
    made,
    media_type,
)

ROOT = "/api/v2"
SITE = "concord"
DOMAIN = ".chargebee.com"
# Of every test site, and of the plan Starter; Performance has 1,000 and Enterprise
# 3,500 (the vendor's documentation).
CALLS_PER_MINUTE = 150
SECONDS = 60


class Chargebee:
    """One test site."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        keys: Credentials,
        hooks: Hooks | None = None,
    ) -> None:
        """Serve the store's records to whoever has the key; `hooks` tells of writes."""
        self.store = store
        self.clock = clock
        self.keys = keys
        self.events = Events(store, hooks)
        self._calls = FixedWindow(clock, SECONDS)
        for name, fields in INDEXED.items():
            for each in fields:
                store.collection(SYSTEM, name).index(each)

    def api(self) -> Api:
        """Return the routes."""
        paths = sorted(GET | POST, key=lambda path: ("{id}" in path, path))
        routes: list[BaseRoute] = [self._route(path) for path in paths]
        for path, take in (
            ("/usage_events", ingest),
            ("/batch/usage_events", ingest_batch),
        ):
            routes.append(self._ingestion(path, take))
        return Api(routes, refuse, self._planned)

    def _ingestion(self, path: str, take: Callable[[Desk, bytes], Response]) -> Route:
        async def admitted(request: Request) -> Response:
            self._admit(request)
            body = await body_of(request, refuse)
            desk = Desk(self.store, made("req_", SYSTEM, self.store.number()))
            with self.store.transaction():
                return take(desk, body)

        return Route(f"{ROOT}{path}", admitted, methods=["POST"])

    def _route(self, path: str) -> Route:
        handlers = {
            HTTPMethod.GET: GET.get(path),
            HTTPMethod.POST: POST.get(path),
        }
        allowed = [method for method, handler in handlers.items() if handler]

        async def admitted(request: Request) -> Response:
            self._admit(request)
            method = HTTPMethod.GET if request.method == "HEAD" else request.method
            handler = handlers[HTTPMethod(method)]
            assert handler is not None  # noqa: S101 -- the route has no other methods
            desk = Desk(self.store, made("req_", SYSTEM, self.store.number()))
            if request.method != "POST":
                return self._carried_out(desk, handler, _query(request), request)
            body = await body_of(request, refuse)
            asked = _body(request, body)
            known = Idempotency(desk, request, body)
            # Reading the body may have let another request go first: none of what
            # follows waits for anything.
            replayed = known.replayed()
            if replayed is not None:
                return replayed
            with self.store.transaction():
                response = self._carried_out(desk, handler, asked, request)
                known.remember(response)
            return response

        handle: Callable[[Request], Awaitable[Response]] = admitted
        return Route(f"{ROOT}{path}", handle, methods=allowed)

    def _carried_out(
        self, desk: Desk, handler: Handler, asked: Form, request: Request
    ) -> Response:
        told = handler(desk, asked, request.path_params)
        response = told if isinstance(told, Response) else answer(told)
        return drifted(response, drift(self.store, SYSTEM))

    def _admit(self, request: Request) -> None:
        """Refuse another site's callers, strangers and who calls too often."""
        host = request.headers.get("host", "").partition(":")[0].lower()
        if host.endswith(DOMAIN) and host not in {f"{SITE}{DOMAIN}", HOST}:
            sentence = f"Sorry, the site {host.removesuffix(DOMAIN)} was not found."
            raise Refusal(problem(404, INVALID, "site_not_found", sentence))
        if basic(request) != (self.keys.chargebee_api_key, ""):
            raise Refusal(refuse(401, NOBODY))
        most = self.store.condition(SYSTEM, "requests_per_minute", CALLS_PER_MINUTE)
        if self._calls.count() > most:
            raise Refusal(self._planned(429, request))

    def _planned(self, status: int, request: Request) -> Response:
        """Return the failure, with the seconds to wait where calls were too many."""
        response = planned(status, request)
        if status == 429:
            response.headers["Retry-After"] = str(self._calls.resets_in)
        return response


def _query(request: Request) -> Form:
    try:
        return form_of(form(request.scope["query_string"]))
    except ValueError as error:
        raise Refusal(refuse(400, "The parameters are not UTF-8.")) from error


def _body(request: Request, body: bytes) -> Form:
    kind = media_type(request, FORM_TYPE)
    if body and kind != FORM_TYPE:
        sentence = f"The content type {kind[:80]} is not supported: send a form."
        raise Refusal(refuse(400, sentence))
    try:
        pairs = form(request.scope["query_string"]) + form(body)
    except ValueError as error:
        raise Refusal(refuse(400, "The parameters are not UTF-8.")) from error
    return form_of(pairs)
