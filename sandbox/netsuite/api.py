"""NetSuite: tokens for signed assertions, SuiteQL by pages; records in their module."""

from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.clock import Clock, wall_seconds
from sandbox.credentials import Credentials
from sandbox.netsuite import suiteql, tables
from sandbox.netsuite.records import NetSuiteRecords
from sandbox.netsuite.shapes import error, refuse
from sandbox.store import Store
from sandbox.wire import Api, Refusal, answer, bearer, body_of, form, made, parse

REST = "/services/rest"
TOKEN_PATH = f"{REST}/auth/oauth2/v1/token"
TOKEN_SECONDS = 3600
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
# Oracle allows an assertion to live for an hour.
MAX_ASSERTION_SECONDS = 3600
# Two machines' clocks are never the same.
LEEWAY_SECONDS = 60
MAX_LIMIT = 1000


class NetSuite:
    """One account."""

    def __init__(self, store: Store, clock: Clock, keys: Credentials) -> None:
        """Serve the store's documents to whoever holds the private key."""
        self.store = store
        self.clock = clock
        self.keys = keys
        self.records = NetSuiteRecords(store)
        self._sessions: dict[str, int] = {}

    def api(self) -> Api:
        """Return the routes."""
        records = self.records
        one = f"{REST}/record/v1/{{record}}/{{id}}"
        routes = [
            Route(TOKEN_PATH, self.token, methods=["POST"]),
            self._route(f"{REST}/query/v1/suiteql", self.query, "POST"),
            self._route(one, records.read, "GET"),
            self._route(one, records.change, "PATCH"),
            self._route(one, records.upsert, "PUT"),
            self._route(one, records.delete, "DELETE"),
        ]
        return Api(routes, refuse)

    def _route(self, path: str, handler: Any, method: str) -> Route:
        async def admitted(request: Request) -> Response:
            token = bearer(request) or ""
            if self._sessions.get(token, 0) <= self.clock.seconds():
                raise Refusal(refuse(401, "Invalid login attempt."))
            response: Response = await handler(request)
            return response

        return Route(path, _refusing(admitted), methods=[method])

    async def token(self, request: Request) -> Response:
        """Give a session for an assertion that the account's certificate verifies."""
        try:
            fields = dict(form(await body_of(request, refuse)))
        except ValueError:
            fields = {}
        if fields.get("grant_type") != "client_credentials":
            return answer({"error": "unsupported_grant_type"}, 400)
        if fields.get("client_assertion_type") != ASSERTION_TYPE:
            return answer({"error": "invalid_request"}, 400)
        own_address = str(request.url.replace(query=""))
        if not self._trusted(fields.get("client_assertion", ""), own_address):
            return answer({"error": "invalid_client"}, 400)
        token = made("", "netsuite token", self.store.number(), length=64)
        self._sessions[token] = self.clock.seconds() + TOKEN_SECONDS
        return answer(
            {
                "access_token": token,
                "expires_in": str(TOKEN_SECONDS),
                "token_type": "bearer",
            }
        )

    def _trusted(self, assertion: str, audience: str) -> bool:
        """Say whether the assertion is ours: signature, names and lifetime."""
        try:
            token = jwt.decode(assertion, self.keys.netsuite_key, algorithms=["PS256"])
        except (JoseError, ValueError):
            return False
        claims = token.claims
        scope = claims.get("scope", "")
        scopes = (
            scope if isinstance(scope, list) else str(scope).replace(",", " ").split()
        )
        audiences = claims.get("aud")
        audiences = audiences if isinstance(audiences, list) else [audiences]
        issued, expires = claims.get("iat"), claims.get("exp")
        if not isinstance(issued, int | float) or not isinstance(expires, int | float):
            return False
        now = wall_seconds()
        return (
            token.header.get("kid") == self.keys.netsuite_certificate_id
            and claims.get("iss") == self.keys.netsuite_client_id
            and "rest_webservices" in scopes
            and audience in audiences
            and issued - LEEWAY_SECONDS <= now < expires + LEEWAY_SECONDS
            and expires - issued <= MAX_ASSERTION_SECONDS
        )

    async def query(self, request: Request) -> Response:
        """Answer a SuiteQL query with one page."""
        if request.headers.get("prefer", "").replace(" ", "").lower() != "transient":
            sentence = "The required request header 'Prefer' must be 'transient'."
            raise Refusal(error(400, sentence, "INVALID_HEADER"))
        try:
            body = parse(await body_of(request, refuse))
        except ValueError as broken:
            sentence = f"Invalid request body: {broken}"
            raise Refusal(error(400, sentence, "INVALID_CONTENT")) from broken
        text = body.get("q") if isinstance(body, dict) else None
        if not isinstance(text, str):
            sentence = "The request body must be a JSON object with the text 'q'."
            raise Refusal(error(400, sentence, "INVALID_CONTENT"))
        limit, offset = _window(request)
        try:
            search = suiteql.understand(text)
            found = search.run(tables.rows(self.store, search.table))
        except suiteql.SuiteqlError as broken:
            sentence = (
                f"Invalid search query. Detailed unprocessed description: {broken}."
            )
            raise Refusal(error(400, sentence, "INVALID_PARAMETER")) from broken
        if search.counting:
            items = [{"links": [], search.counting: str(len(found))}]
            found = found[:1]
            total = 1
        else:
            items = [search.shown(row) for row in found[offset : offset + limit]]
            total = len(found)
        more = offset + limit < total
        return answer(
            {
                "links": _links(request, limit, offset, more=more),
                "count": len(items),
                "hasMore": more,
                "items": items,
                "offset": offset,
                "totalResults": total,
            }
        )


def _refusing(handler: Any) -> Any:
    """Return the handler; a refusal becomes its answer before Starlette sees it."""

    async def handle(request: Request) -> Response:
        try:
            response: Response = await handler(request)
        except Refusal as refusal:
            return refusal.response
        return response

    return handle


def _window(request: Request) -> tuple[int, int]:
    limit = _whole(request, "limit", MAX_LIMIT)
    offset = _whole(request, "offset", 0)
    if not 1 <= limit <= MAX_LIMIT:
        sentence = f"limit must be from 1 to {MAX_LIMIT}"
        raise Refusal(error(400, sentence, "INVALID_PARAMETER", parameter="limit"))
    if offset % limit:
        sentence = "offset must be divisible by limit"
        raise Refusal(error(400, sentence, "INVALID_PARAMETER", parameter="offset"))
    return limit, offset


def _whole(request: Request, name: str, default: int) -> int:
    text = request.query_params.get(name)
    if text is None:
        return default
    if not text.isdecimal() or len(text) > 9:
        sentence = f"{name} must be a whole number"
        raise Refusal(error(400, sentence, "INVALID_PARAMETER", parameter=name))
    return int(text)


def _links(
    request: Request, limit: int, offset: int, *, more: bool
) -> list[dict[str, str]]:
    def link(rel: str, start: int) -> dict[str, str]:
        url = request.url.replace(query=f"limit={limit}&offset={start}")
        return {"rel": rel, "href": str(url)}

    links = [link("self", offset)]
    if more:
        links.append(link("next", offset + limit))
    if offset:
        links.append(link("previous", max(0, offset - limit)))
    return links
