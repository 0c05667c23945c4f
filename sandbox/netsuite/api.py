"""NetSuite: one ERP account: its routes, and how many requests it takes at a time."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.clock import Clock
from sandbox.credentials import Credentials
from sandbox.netsuite import books, functions, indexes
from sandbox.netsuite.catalog import CATALOG, Catalog
from sandbox.netsuite.jobs import JOB_PATH, Jobs
from sandbox.netsuite.lists import Lists
from sandbox.netsuite.login import TOKEN_PATH, Login
from sandbox.netsuite.query import Query
from sandbox.netsuite.record_types import OF_OBJECT
from sandbox.netsuite.records import Records
from sandbox.netsuite.restlets import Restlets
from sandbox.netsuite.shapes import (
    REST,
    body_of,
    check_json,
    error,
    json_object,
    media_type,
    refuse,
)
from sandbox.netsuite.wanted import Call
from sandbox.stamps import stamps
from sandbox.store import Store, Write
from sandbox.wire import Api, Refusal, answer, root_url

# Oracle, "Web Services and RESTlet Concurrency Governance": requests of one account at
# a time; 5 on shared service, 15 on tier 1, 10 more per SuiteCloud Plus licence.
TIER_1_CONCURRENCY = 15
# Oracle's REST guide: whatever takes longer is ended.
MAX_SECONDS = 15 * 60

Handler = Callable[[Request], Awaitable[Response]]


class NetSuite:
    """One account."""

    def __init__(self, store: Store, clock: Clock, keys: Credentials) -> None:
        """Serve the store's documents to whoever holds the keys."""
        self.store = store
        self.clock = clock
        self.login = Login(store, keys)
        self.query = Query(store)
        self.records = Records(store)
        self.lists = Lists(store)
        self.jobs = Jobs(store, self.records)
        self.catalog = Catalog(store)
        self.restlets = Restlets(store)
        self._in_flight = 0
        failed = self.query.failures.append
        store.extend(lambda connection: functions.add_to(connection, failed))
        indexes.prepare(store)
        books.fill(store)
        store.observers.append(self._note_deletion)

    def api(self) -> Api:
        """Return the routes."""
        jobs, record = self.jobs, f"{REST}/record/v1/{{record}}"
        task = f"{JOB_PATH}/{{job}}/task"
        routes = [
            Route(TOKEN_PATH, self.login.token, methods=["POST"]),
            self._route(f"{REST}/query/v1/suiteql", self.query.page, "POST"),
            self._route(CATALOG, self.catalog.all, "GET"),
            self._route(f"{CATALOG}/{{record}}", self.catalog.one, "GET"),
            self._route(f"{REST}/system/v1/governanceLimits", self.governance, "GET"),
            self._route(f"{REST}/system/v1/serverTime", self.server_time, "GET"),
            self._route(f"{JOB_PATH}/{{job}}", jobs.job, "GET"),
            self._route(task, jobs.tasks, "GET"),
            self._route(f"{task}/", jobs.tasks, "GET"),
            self._route(f"{task}/{{task}}", jobs.task, "GET"),
            self._route(f"{task}/{{task}}/result", jobs.result, "GET"),
            self._route(
                record, self.collection, "GET", "POST", "PATCH", "PUT", "DELETE"
            ),
            self._route(f"{record}/{{key}}", self.one, "GET", "PATCH", "PUT", "DELETE"),
            self._route(f"{record}/{{key}}/{{part}}", self.one, "GET"),
            self._route("/rest/tokeninfo", self.restlets.token_info, "GET"),
            self._route(
                "/app/site/hosting/restlet.nl",
                self.restlets.run,
                *("GET", "POST", "PUT", "DELETE"),
            ),
        ]
        return Api(routes, refuse)

    def _route(self, path: str, handler: Handler, *methods: str) -> Route:
        async def admitted(request: Request) -> Response:
            self.login.admit(request)
            self.jobs.settle()
            return await self._counted(request, handler)

        return Route(path, admitted, methods=[*methods])

    async def _counted(self, request: Request, handler: Handler) -> Response:
        """Carry a request out, unless the account is busy with too many others."""
        limit = int(
            self.store.condition("netsuite", "concurrency_limit", TIER_1_CONCURRENCY)
        )
        if self._in_flight >= limit:
            if request.url.path.endswith("restlet.nl"):
                raise Refusal(self.restlets.blocked())
            raise Refusal(refuse(429, ""))
        self._in_flight += 1
        try:
            # Our answers take milliseconds: a test that wants to see requests overlap
            # makes them slow.
            seconds = float(self.store.condition("netsuite", "seconds_per_request", 0))
            if seconds > MAX_SECONDS:
                sentence = "The request took longer than 15 minutes and was ended."
                raise Refusal(error(503, sentence))
            if seconds:
                await asyncio.sleep(seconds)
            return await handler(request)
        finally:
            self._in_flight -= 1

    async def collection(self, request: Request) -> Response:
        """List records, create one, or take a batch."""
        call = self._call(request)
        if media_type(request)[1] == "collection" or "ids" in call.query:
            if not self._later(request):
                sentence = "Batch operations need the header 'Prefer: respond-async'."
                raise Refusal(error(400, sentence, "INVALID_HEADER"))
            body = {} if call.method in ("GET", "DELETE") else await _body(request)
            return self.jobs.submit(request, self.lists.batch(call, body))
        if call.method == "GET":
            return self.lists.page(request, call)
        if call.method != "POST":
            raise Refusal(refuse(405, "Provide the id of a record."))
        return self._perform(request, await self._with_body(request, call))

    async def one(self, request: Request) -> Response:
        """Read, change, upsert or delete one record."""
        call = self._call(request)
        if call.method in ("PATCH", "PUT"):
            call = await self._with_body(request, call)
        return self._perform(request, call)

    def _call(self, request: Request) -> Call:
        validation = request.headers.get("x-netsuite-propertynamevalidation", "error")
        if validation.lower() not in ("error", "warning", "ignore"):
            sentence = "X-NetSuite-PropertyNameValidation is Error, Warning or Ignore."
            raise Refusal(error(400, sentence, "INVALID_HEADER"))
        path = request.path_params
        return Call(
            method="GET" if request.method == "HEAD" else request.method,
            record=path["record"],
            key=path.get("key", ""),
            part=path.get("part", ""),
            query=dict(request.query_params),
            root=root_url(request),
            strict=validation.lower() == "error",
        )

    async def _with_body(self, request: Request, call: Call) -> Call:
        return replace(call, body=await _body(request))

    def _later(self, request: Request) -> bool:
        preferred = request.headers.get("prefer", "").lower().split(",")
        return "respond-async" in [each.strip() for each in preferred]

    def _perform(self, request: Request, call: Call) -> Response:
        if self._later(request):
            return self.jobs.submit(request, [call])
        return self.records.perform(call)

    async def governance(self, _request: Request) -> Response:
        """Tell an administrator how many requests the account takes at a time."""
        if self.store.condition("netsuite", "role", "administrator") != "administrator":
            sentence = (
                "Permission Violation: You need the Administrator role to access this"
                " operation."
            )
            raise Refusal(error(403, sentence, "INSUFFICIENT_PERMISSION"))
        limit = int(
            self.store.condition("netsuite", "concurrency_limit", TIER_1_CONCURRENCY)
        )
        return answer(
            {
                "type": "accountLimit",
                "accountConcurrencyLimit": limit,
                "accountUnallocatedConcurrencyLimit": limit,
            }
        )

    async def server_time(self, _request: Request) -> Response:
        """Tell what time it is there."""
        now = self.clock.now().strftime("%Y-%m-%dT%H:%M:%S.000Z")
        return answer({"currentTime": now})

    def _note_deletion(self, write: Write) -> None:
        """Keep a row of whatever is deleted, by whomever, for `deletedrecord`."""
        kind = OF_OBJECT.get(write.object)
        if write.system != "netsuite" or write.after is not None or kind is None:
            return
        before: Mapping[str, Any] = write.before or {}
        stamp = stamps("netsuite", write.object, write.at, 0)["lastmodifieddate"]
        row = {
            "id": f"{write.object}-{write.id}-{write.number}",
            "recordid": write.id,
            "scriptid": kind.name.lower(),
            "name": before.get("tranid") or before.get("entityid") or write.id,
            "deletedby": write.actor,
            "context": "RESTWEBSERVICES" if write.actor == "api" else "USERINTERFACE",
            "deleteddate": stamp,
        }
        self.store.create(
            "netsuite",
            "deletedrecord",
            row,
            actor="netsuite",
            request_id=write.request_id,
        )


async def _body(request: Request) -> dict[str, Any]:
    check_json(request)
    return json_object(await body_of(request))
