"""Business Central: the routes, and what stands before and behind every call."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.business_central.access import Access
from sandbox.business_central.batch import Batch
from sandbox.business_central.books import Books
from sandbox.business_central.calls import Calls
from sandbox.business_central.entities import ENTITIES
from sandbox.business_central.metadata import metadata
from sandbox.business_central.shapes import (
    PLAIN,
    Answer,
    Call,
    answered,
    document,
    refuse,
    refused,
)
from sandbox.business_central.subscriptions import Subscriptions
from sandbox.business_central.turns import Turns
from sandbox.clock import Clock
from sandbox.credentials import Credentials
from sandbox.store import Document, Store
from sandbox.webhooks import Webhooks
from sandbox.wire import Api, body_of, root_url

__all__ = ["BusinessCentral"]

_METHODS = ["GET", "POST", "PATCH", "DELETE", "PUT"]


class BusinessCentral:
    """One tenant's environments; all show the same companies."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        keys: Credentials,
        hooks: Webhooks | None = None,
    ) -> None:
        """Serve the store's documents to whoever has a token."""
        self.books = Books(store, clock, keys)
        self.access = Access(self.books)
        self.turns = Turns(self.books)
        self.calls = Calls(self.books)
        self.batch = Batch(self.calls)
        self.subscriptions = Subscriptions(self.books, hooks or Webhooks(store))

    def api(self) -> Api:
        """Return the routes of both hosts: the API's, and the one that gives tokens."""
        base = "/v2.0/{environment}/api/v2.0"
        tenant = "/v2.0/{tenant}/{environment}/api/v2.0"
        routes = [
            Route("/{tenant}/oauth2/v2.0/token", self._token, methods=["POST"]),
            *(
                Route(f"{each}{rest}", self._answer, methods=_METHODS)
                for each in (tenant, base)
                for rest in ("/{path:path}", "")
            ),
        ]
        return Api(routes, refuse)

    async def _token(self, request: Request) -> Response:
        return await self.access.token(request)

    async def _answer(self, request: Request) -> Response:
        self.access.admit(request)
        async with self.turns.turn():
            return await self._worked(request)

    async def _worked(self, request: Request) -> Response:
        self.subscriptions.flush()
        call = await self._call(request)
        name = call.path.partition("(")[0].strip("/")
        match name:
            case "":
                sets = [
                    {"name": each, "kind": "EntitySet", "url": each}
                    for each in ENTITIES
                ]
                context = f"{call.root}/$metadata"
                return answered({"@odata.context": context, "value": sets}).response
            case "$metadata":
                return Response(metadata(self.books), 200, None, "application/xml")
            case "$batch":
                return self._batch(call).response
            case "subscriptions":
                return (await self.subscriptions.answer(call)).response
        return self.calls.carry_out(call).response

    def _batch(self, call: Call) -> Answer:
        if call.method != "POST":
            sentence = f"'{call.method}' requests for '$batch' are not allowed here."
            raise refused(405, "BadRequest_MethodNotAllowed", sentence)
        return self.batch.carry_out(call)

    async def _call(self, request: Request) -> Call:
        accepted = request.headers.get("accept", "*/*").lower()
        path = str(request.path_params.get("path", ""))
        wanted = "xml" if path.startswith("$metadata") else "json"
        wanted = PLAIN if path.endswith("/$count") else f"application/{wanted}"
        family, _, kind = wanted.partition("/")
        if not any(each in accepted for each in (kind, "*/*", f"{family}/*")):
            sentence = f"The answer is {wanted}."
            raise refused(406, "BadRequest_NotAcceptable", sentence)
        raw = await body_of(request, refuse)
        body: Document | None = None
        if request.method in ("POST", "PATCH", "PUT") and raw.strip():
            kind = request.headers.get("content-type", "application/json").lower()
            if "json" not in kind:
                sentence = "The content type has to be application/json."
                raise refused(415, "BadRequest_UnsupportedMediaType", sentence)
            body = document(raw)
        root = root_url(request).rstrip("/")
        shown = request.url.path
        prefix = request.scope.get("root_path", "")
        above = shown.removeprefix(prefix).partition("/api/v2.0")[0]
        return Call(
            request.method,
            path.strip("/"),
            dict(request.query_params),
            dict(request.headers),
            body,
            f"{root}{above}/api/v2.0",
        )
