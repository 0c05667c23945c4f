"""Salesforce: tokens, SOQL and its pages, describe and limits.

Shapes follow the REST API developer guide, version 68.0. Where the guide is silent the
sandbox is strict: it refuses rather than guesses.
"""

from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.clock import Clock
from sandbox.credentials import Credentials
from sandbox.salesforce import soql
from sandbox.salesforce.records import Records
from sandbox.salesforce.schema import FIELDS, describe
from sandbox.store import Document, Store
from sandbox.wire import (
    Api,
    Refusal,
    answer,
    basic,
    bearer,
    body_of,
    form,
    made,
    root_url,
)

VERSION = "v68.0"
VERSIONS = ("66.0", "67.0", "68.0")
DATA = "/services/data/{version}"
DEFAULT_BATCH = 2000
SMALLEST_BATCH = 200
DAILY_CALLS = 100_000
SESSION_SECONDS = 2 * 60 * 60
# Salesforce forgets a query that was not read on; ours are whole lists in memory.
MAX_CURSORS = 50


@dataclass(frozen=True, slots=True)
class Cursor:
    """The rows of a query that did not fit on its first page."""

    name: str
    fields: tuple[str, ...]
    rows: list[Document]
    batch: int


class Salesforce:
    """One organisation."""

    def __init__(self, store: Store, clock: Clock, keys: Credentials) -> None:
        """Serve the store's documents to whoever has the keys."""
        self.store = store
        self.clock = clock
        self.keys = keys
        self.records = Records(store, clock)
        self.calls = 0
        self._sessions: dict[str, int] = {}
        self._cursors: dict[str, Cursor] = {}

    def api(self) -> Api:
        """Return the routes."""
        records = self.records
        one = DATA + "/sobjects/{name}/{record_id}"
        many = DATA + "/composite/sobjects"
        routes = [
            Route("/services/oauth2/token", self.token, methods=["POST"]),
            Route("/services/data", self.versions),
            Route("/services/data/", self.versions),
            self._route(DATA + "/query", self.query),
            self._route(DATA + "/queryAll", self.query),
            self._route(DATA + "/query/{locator}", self.more),
            self._route(DATA + "/queryAll/{locator}", self.more),
            self._route(DATA + "/limits", self.limits),
            self._route(DATA + "/sobjects/{name}/describe", self.describe),
            self._route(one, records.read),
            self._route(one, records.update, "PATCH"),
            self._route(one, records.delete, "DELETE"),
            self._route(many, records.update_many, "PATCH"),
            self._route(many + "/{name}", records.read_many, "POST"),
        ]
        return Api(routes, refuse)

    def _route(self, path: str, handler: Any, method: str = "GET") -> Route:
        async def admitted(request: Request) -> Response:
            self._admit(request)
            try:
                response: Response = await handler(request)
            except Refusal as refusal:
                response = refusal.response
            response.headers["Sforce-Limit-Info"] = (
                f"api-usage={self.calls}/{DAILY_CALLS}"
            )
            return response

        return Route(path, admitted, methods=[method])

    def _admit(self, request: Request) -> None:
        token = bearer(request) or ""
        if self._sessions.get(token, 0) <= self.clock.seconds():
            raise Refusal(refuse(401, "Session expired or invalid"))
        if request.path_params.get("version", VERSION)[1:] not in VERSIONS:
            raise Refusal(refuse(404, "The requested resource does not exist"))
        self.calls += 1

    async def token(self, request: Request) -> Response:
        """Give a session for the client's credentials."""
        try:
            fields = dict(form(await body_of(request, refuse)))
        except ValueError:
            fields = {}
        if fields.get("grant_type") != "client_credentials":
            return _no_token("unsupported_grant_type", "grant type not supported")
        client = basic(request) or (
            fields.get("client_id", ""),
            fields.get("client_secret", ""),
        )
        if client[0] != self.keys.salesforce_client_id:
            return _no_token("invalid_client_id", "client identifier invalid")
        if client[1] != self.keys.salesforce_client_secret:
            return _no_token("invalid_client", "invalid client credentials")
        now = self.clock.now()
        token = made("00D000000000062!", self.store.number(), length=40)
        self._sessions[token] = self.clock.seconds() + SESSION_SECONDS
        instance = root_url(request)
        return answer(
            {
                "access_token": token,
                "signature": made("", "signature", token, length=43) + "=",
                "scope": "api",
                "instance_url": instance,
                "id": f"{instance}/id/00D000000000062EAA/005000000000001AAA",
                "token_type": "Bearer",
                "issued_at": str(int(now.timestamp() * 1000)),
            }
        )

    async def versions(self, _request: Request) -> Response:
        """List the versions of the API; needs no session."""
        return answer(
            [
                {
                    "label": f"Release {version}",
                    "url": f"/services/data/v{version}",
                    "version": version,
                }
                for version in VERSIONS
            ]
        )

    async def describe(self, request: Request) -> Response:
        """Describe one object."""
        return answer(describe(self.records.object_name(request)))

    async def limits(self, _request: Request) -> Response:
        """Tell how much of the day's calls is left."""
        left = max(0, DAILY_CALLS - self.calls)
        return answer({"DailyApiRequests": {"Max": DAILY_CALLS, "Remaining": left}})

    async def query(self, request: Request) -> Response:
        """Answer a query with its first page."""
        text = parse_qs(request.url.query).get("q", [""])[0]
        try:
            query = soql.understand(text, FIELDS)
        except soql.SoqlError as error:
            raise Refusal(errors(400, error.code, str(error))) from error
        deleted_too = request.url.path.endswith("/queryAll")
        rows = self._run(query, deleted_too=deleted_too)
        if not query.fields:
            return answer({"totalSize": len(rows), "done": True, "records": []})
        cursor = Cursor(query.object, query.fields, rows, _batch(request))
        locator = made("01g", self.store.number(), length=15)
        if len(rows) > cursor.batch:
            self._cursors[locator] = cursor
            if len(self._cursors) > MAX_CURSORS:
                del self._cursors[next(iter(self._cursors))]
        return self._page(request, locator, cursor, 0)

    async def more(self, request: Request) -> Response:
        """Answer with a further page of an earlier query."""
        locator, _, start = request.path_params["locator"].rpartition("-")
        cursor = self._cursors.get(locator)
        if cursor is None or not start.isdecimal() or int(start) >= len(cursor.rows):
            raise Refusal(errors(400, "INVALID_QUERY_LOCATOR", "invalid query locator"))
        return self._page(request, locator, cursor, int(start))

    def _run(self, query: soql.Query, *, deleted_too: bool) -> list[Document]:
        types = FIELDS[query.object]
        held = self.store.collection("salesforce", query.object)
        rows = [
            document
            for document in held.find(order="id")
            if (deleted_too or not document.get("IsDeleted"))
            and query.matches(document)
        ]
        for field, descending, nulls_last in reversed(query.order):
            kind = types[field]
            present = [row for row in rows if row.get(field) is not None]
            absent = [row for row in rows if row.get(field) is None]
            present.sort(
                key=lambda row, field=field, kind=kind: soql.comparable(  # type: ignore[misc]
                    kind, row[field]
                ),
                reverse=descending,
            )
            rows = present + absent if nulls_last else absent + present
        return rows if query.limit is None else rows[: query.limit]

    def _page(
        self, request: Request, locator: str, cursor: Cursor, start: int
    ) -> Response:
        end = start + cursor.batch
        version = request.path_params["version"]
        page: dict[str, Any] = {
            "totalSize": len(cursor.rows),
            "done": end >= len(cursor.rows),
        }
        if not page["done"]:
            # Relative to the instance, as Salesforce gives it: callers put it after
            # `instance_url`, which here has a path of its own.
            page["nextRecordsUrl"] = f"/services/data/{version}/query/{locator}-{end}"
        page["records"] = [
            {
                "attributes": {
                    "type": cursor.name,
                    "url": f"/services/data/{version}/sobjects/"
                    f"{cursor.name}/{row['Id']}",
                }
            }
            | {field: row.get(field, _default(field)) for field in cursor.fields}
            for row in cursor.rows[start:end]
        ]
        return answer(page)


def _default(field: str) -> Any:
    return False if field == "IsDeleted" else None


def _batch(request: Request) -> int:
    """Return the page size asked for; it is a hint, so nonsense is not an error."""
    option = request.headers.get("sforce-query-options", "")
    _, _, size = option.partition("batchSize=")
    if not size.strip().isdecimal():
        return DEFAULT_BATCH
    return min(max(int(size), SMALLEST_BATCH), DEFAULT_BATCH)


def _no_token(code: str, sentence: str) -> Response:
    return answer({"error": code, "error_description": sentence}, 400)


def errors(
    status: int, code: str, sentence: str, fields: list[str] | None = None
) -> Response:
    """Return Salesforce's error: a list, even of one."""
    body: dict[str, Any] = {"message": sentence, "errorCode": code}
    if fields:
        body["fields"] = fields
    return answer([body], status)


def refuse(status: int, sentence: str) -> Response:
    """Return the error that goes with an HTTP status."""
    codes = {
        400: "MALFORMED_REQUEST",
        401: "INVALID_SESSION_ID",
        403: "REQUEST_LIMIT_EXCEEDED",
        404: "NOT_FOUND",
        405: "METHOD_NOT_ALLOWED",
        413: "REQUEST_TOO_LARGE",
        503: "SERVER_UNAVAILABLE",
    }
    if status == 404:
        sentence = "The requested resource does not exist"
    return errors(status, codes.get(status, "UNKNOWN_EXCEPTION"), sentence)
