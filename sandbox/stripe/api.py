"""Stripe: keys, the routes, and requests that may be repeated.

Lists are in `stripe_lists`, writes in `stripe_writes`, events in `stripe_events`.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.clock import Clock
from sandbox.credentials import Credentials
from sandbox.store import Store
from sandbox.stripe import lists
from sandbox.stripe.events import Events
from sandbox.stripe.shapes import (
    API_VERSION,
    Params,
    check_known,
    decode,
    error,
    expansions,
    missing,
    refuse,
)
from sandbox.stripe.writes import Writes
from sandbox.wire import Api, Refusal, Refuse, basic, bearer, body_of, form, made

MAX_IDEMPOTENCY_KEY = 255
# Stripe may forget a key after a day.
KEY_SECONDS = 24 * 60 * 60

Handler = Callable[[Request, Params], Response]
Planned = Callable[[Refuse], Response]


@dataclass(frozen=True, slots=True)
class Remembered:
    """What was answered to the first request with an idempotency key."""

    request: tuple[str, tuple[tuple[str, str], ...]]
    status: int
    body: bytes
    request_id: str
    until: int


class Stripe:
    """One account."""

    def __init__(self, store: Store, clock: Clock, keys: Credentials) -> None:
        """Serve the store's documents to whoever has the key."""
        self.store = store
        self.clock = clock
        self.keys = keys
        self.events = Events(store, clock)
        self.writes = Writes(store, clock, self.events)
        self._remembered: dict[str, Remembered] = {}

    def api(self) -> Api:
        """Return the routes."""
        writes = self.writes
        routes = [
            self._get("/v1/invoices/{id}/lines", self._lines),
            self._get("/v1/billing/meters/{id}/event_summaries", self._summaries),
            self._get("/v1/subscription_items", self._items),
            self._get("/v1/webhook_endpoints", writes.list_endpoints),
            self._get("/v1/webhook_endpoints/{id}", writes.read_endpoint),
            self._post("/v1/webhook_endpoints", writes.create_endpoint),
            self._delete("/v1/webhook_endpoints/{id}", writes.delete_endpoint),
            self._post("/v1/customers", writes.create_customer),
            self._post("/v1/customers/{id}", writes.update_customer),
            self._post("/v1/subscriptions/{id}", writes.update_subscription),
            self._post("/v1/invoiceitems", writes.create_invoice_item),
            self._delete("/v1/invoiceitems/{id}", writes.delete_invoice_item),
        ]
        for name, listed in lists.LISTS.items():
            routes.append(self._get(f"/v1/{listed.path}", self._list(name)))
            routes.append(self._get(f"/v1/{listed.path}/{{id}}", self._one(name)))
        return Api(routes, refuse, fails_inside=True)

    def _get(self, path: str, handler: Handler) -> Route:
        async def asked(request: Request, _request_id: str) -> Response:
            return handler(request, decode(_query(request)))

        return Route(path, self._answered(asked), methods=["GET"])

    def _delete(self, path: str, handler: Handler) -> Route:
        async def asked(request: Request, request_id: str) -> Response:
            request.state.request_id = request_id
            return handler(request, decode(_query(request)))

        return Route(path, self._answered(asked), methods=["DELETE"])

    def _post(self, path: str, handler: Handler) -> Route:
        async def asked(request: Request, request_id: str) -> Response:
            try:
                pairs = form(await body_of(request, refuse))
            except ValueError as broken:
                sentence = "Invalid request body: it is not a form in UTF-8."
                raise Refusal(error(400, sentence)) from broken
            request.state.request_id = request_id
            key = request.headers.get("idempotency-key")
            if key is None:
                return self._executed(handler, request, pairs)
            return self._once(handler, request, pairs, key)

        return Route(path, self._answered(asked), methods=["POST"])

    def _answered(
        self, asked: Callable[[Request, str], Awaitable[Response]]
    ) -> Callable[[Request], Awaitable[Response]]:
        """Return the handler with what every answer has: a check, an id, a version."""

        async def handle(request: Request) -> Response:
            request_id = made("req_", self.store.number(), length=14)
            try:
                self._admit(request)
                planned: Planned | None = request.scope.get("sandbox.status")
                if planned is not None and request.method != "POST":
                    response = planned(refuse)
                else:
                    response = await asked(request, request_id)
            except Refusal as refusal:
                response = refusal.response
            response.headers["Request-Id"] = request_id
            response.headers["Stripe-Version"] = request.headers.get(
                "stripe-version", API_VERSION
            )
            key = request.headers.get("idempotency-key")
            if key is not None and request.method == "POST":
                response.headers["Idempotency-Key"] = key
            return response

        return handle

    def _admit(self, request: Request) -> None:
        user = basic(request)
        key = user[0] if user else bearer(request)
        if not key:
            sentence = (
                "You did not provide an API key. You need to provide your API key in "
                "the Authorization header, using Bearer auth (e.g. 'Authorization: "
                "Bearer YOUR_SECRET_KEY')."
            )
            raise Refusal(error(401, sentence))
        if key != self.keys.stripe_api_key:
            shown = key[:8] + "*" * 8 + key[-4:] if len(key) > 16 else "*" * 8
            raise Refusal(error(401, f"Invalid API Key provided: {shown}"))

    def _executed(
        self, handler: Handler, request: Request, pairs: list[tuple[str, str]]
    ) -> Response:
        planned: Planned | None = request.scope.get("sandbox.status")
        if planned is not None:
            return planned(refuse)
        return handler(request, decode(pairs))

    def _once(
        self,
        handler: Handler,
        request: Request,
        pairs: list[tuple[str, str]],
        key: str,
    ) -> Response:
        """Carry a request out, or repeat what was answered to its key before.

        As Stripe says: the first answer is kept whether it succeeded or failed, a 500
        included; nothing is kept where the parameters failed validation, or where the
        request never began (429, 409).
        """
        if not key or len(key) > MAX_IDEMPOTENCY_KEY:
            sentence = (
                f"Idempotency keys must be 1 to {MAX_IDEMPOTENCY_KEY} characters long."
            )
            raise Refusal(error(400, sentence, kind="idempotency_error"))
        asked = (request.url.path, tuple(sorted(pairs)))
        before = self._remembered.get(key)
        if before is not None and before.until > self.clock.seconds():
            if before.request != asked:
                sentence = (
                    "Keys for idempotent requests can only be used with the same "
                    "parameters they were first used with. Try using a key other than "
                    f"'{key}' if you meant to execute a different request."
                )
                raise Refusal(error(400, sentence, kind="idempotency_error"))
            headers = {
                "Idempotent-Replayed": "true",
                "Original-Request": before.request_id,
            }
            return Response(before.body, before.status, headers, "application/json")
        request_id = request.state.request_id
        self.events.idempotency_keys[request_id] = key
        response = self._executed(handler, request, pairs)
        if response.status_code < 400 or response.status_code >= 500:
            until = self.clock.seconds() + KEY_SECONDS
            self._remembered[key] = Remembered(
                asked, response.status_code, bytes(response.body), request_id, until
            )
        return response

    def _list(self, name: str) -> Handler:
        return lambda _request, params: lists.list_objects(self.store, name, params)

    def _one(self, name: str) -> Handler:
        def read(request: Request, params: Params) -> Response:
            check_known(params, ("expand",))
            record_id = request.path_params["id"]
            if self.store.collection("stripe", name).get(record_id) is None:
                raise missing(name, record_id)
            expand = expansions(params, name, listed=False)
            body = lists.rendered(self.store, name, record_id, expand)
            return Response(body, media_type="application/json")

        return read

    def _lines(self, request: Request, params: Params) -> Response:
        return lists.lines(self.store, request.path_params["id"], params)

    def _summaries(self, request: Request, params: Params) -> Response:
        return lists.event_summaries(self.store, request.path_params["id"], params)

    def _items(self, _request: Request, params: Params) -> Response:
        return lists.subscription_items(self.store, params)


def _query(request: Request) -> list[tuple[str, str]]:
    return parse_qsl(request.url.query, keep_blank_values=True)
