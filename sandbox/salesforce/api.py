"""Salesforce: the door: sessions, versions, the day's budget, and who answers what.

Shapes follow the REST API developer guide, version 68.0. Where the guide is silent the
sandbox is strict: it refuses rather than guesses.
"""

import gzip
from urllib.parse import unquote

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.clock import Clock
from sandbox.credentials import Credentials
from sandbox.salesforce import preconditions
from sandbox.salesforce.bulk_ingest import BulkIngest
from sandbox.salesforce.bulk_query import BulkQuery
from sandbox.salesforce.calls import VERSIONS, Call, Reply, Routes, release
from sandbox.salesforce.changes import Changes
from sandbox.salesforce.collections import Collections
from sandbox.salesforce.composite import Composite
from sandbox.salesforce.describe import Describe
from sandbox.salesforce.errors import Refused, missing, refuse, refuse_login
from sandbox.salesforce.jobs import Jobs
from sandbox.salesforce.limits import Budget
from sandbox.salesforce.oauth import OAuth
from sandbox.salesforce.org import Org
from sandbox.salesforce.query import Queries
from sandbox.salesforce.records import Records
from sandbox.salesforce.results import Shelf
from sandbox.salesforce.tree import Tree
from sandbox.salesforce.writer import Writer
from sandbox.store import Store
from sandbox.wire import Api, answer, bearer, body_of, dump

_METHODS = ["GET", "HEAD", "POST", "PATCH", "PUT", "DELETE", "OPTIONS"]
_DISGUISED = ("PATCH", "PUT", "DELETE")
_DATA = b"/services/data/"
_LOGIN = "/services/oauth2/"


class Salesforce:
    """One organisation."""

    def __init__(self, store: Store, clock: Clock, keys: Credentials) -> None:
        """Serve the store's documents to whoever has the keys."""
        self.org = Org(store, clock)
        self.budget = Budget(self.org)
        self.oauth = OAuth(self.org, keys)
        self.jobs = Jobs(self.org)
        self.routes = self._routes()

    def api(self) -> Api:
        """Return the routes."""
        oauth = self.oauth
        return Api(
            [
                Route("/services/oauth2/token", oauth.token, methods=["POST"]),
                Route("/services/oauth2/revoke", oauth.revoke, methods=["GET", "POST"]),
                Route(
                    "/services/oauth2/userinfo",
                    oauth.userinfo,
                    methods=["GET", "POST"],
                ),
                Route("/id/{org}/{user}", oauth.identity),
                Route("/services/data", self.versions),
                Route("/services/data/", self.versions),
                Route("/services/data/{rest:path}", self.serve, methods=_METHODS),
            ],
            refuse,
            self.planned,
        )

    def planned(self, status: int, request: Request) -> Response:
        """Return the answer to a request that is to fail with a status."""
        if _LOGIN in request.url.path:
            return refuse_login(status)
        response = refuse(status, "The request failed.")
        is_spent = status in (403, 429)
        response.headers["Sforce-Limit-Info"] = (
            self.budget.spent_header if is_spent else self.budget.header
        )
        return response

    def _routes(self) -> Routes:
        org, writer, shelf = self.org, Writer(self.org), Shelf(self.org)
        queries, records = Queries(org, shelf), Records(org, writer)
        many, tree = Collections(org, writer), Tree(org, writer)
        describe, changes = Describe(org), Changes(org)
        bulk = BulkQuery(org, self.jobs, shelf)
        ingest = BulkIngest(org, self.jobs, writer)
        composite = Composite(org, self.answer, self.budget.charge)
        one, collection = "sobjects/{name}", "composite/sobjects"
        job, load = "jobs/query/{job_id}", "jobs/ingest/{job_id}"
        return Routes(
            [
                ("GET", "", describe.resources),
                ("GET", "limits", self.budget.limits),
                ("GET", "limits/recordCount", describe.record_count),
                ("GET", "query", queries.query),
                ("GET", "queryAll", queries.query),
                ("GET", "query/{locator}", queries.more),
                ("GET", "queryAll/{locator}", queries.more),
                ("GET", "sobjects", describe.all_objects),
                ("GET", one, describe.object),
                ("POST", one, records.create),
                ("GET", f"{one}/describe", describe.whole),
                ("GET", f"{one}/updated", changes.updated),
                ("GET", f"{one}/deleted", changes.deleted),
                ("GET", f"{one}/{{record_id}}", records.read),
                ("PATCH", f"{one}/{{record_id}}", records.update),
                ("DELETE", f"{one}/{{record_id}}", records.delete),
                ("GET", f"{one}/{{field}}/{{value}}", records.read_by),
                ("PATCH", f"{one}/{{field}}/{{value}}", records.upsert),
                ("DELETE", f"{one}/{{field}}/{{value}}", records.delete_by),
                ("POST", "composite", composite.composite),
                ("POST", "composite/batch", composite.batch),
                ("POST", "composite/graph", composite.graph),
                ("POST", "composite/tree/{name}", tree.create),
                ("POST", collection, many.create),
                ("PATCH", collection, many.update),
                ("DELETE", collection, many.delete),
                ("GET", f"{collection}/{{name}}", many.read),
                ("POST", f"{collection}/{{name}}", many.read),
                ("PATCH", f"{collection}/{{name}}/{{field}}", many.upsert),
                ("GET", "jobs/query", bulk.listed),
                ("POST", "jobs/query", bulk.create),
                ("GET", job, bulk.read),
                ("PATCH", job, bulk.change),
                ("DELETE", job, bulk.delete),
                ("GET", f"{job}/results", bulk.results),
                ("GET", "jobs/ingest", ingest.listed),
                ("POST", "jobs/ingest", ingest.create),
                ("GET", load, ingest.read),
                ("PATCH", load, ingest.change),
                ("DELETE", load, ingest.delete),
                ("PUT", f"{load}/batches", ingest.upload),
                ("GET", f"{load}/successfulResults", ingest.successful),
                ("GET", f"{load}/failedResults", ingest.failed),
                ("GET", f"{load}/unprocessedrecords", ingest.unprocessed),
            ]
        )

    async def versions(self, _request: Request) -> Response:
        """List the versions of the API; needs no session."""
        return answer(
            [
                {
                    "label": release(version),
                    "url": f"/services/data/v{version}",
                    "version": version,
                }
                for version in VERSIONS
            ]
        )

    def answer(self, call: Call) -> Reply:
        """Answer a call that was let in."""
        return self.routes.answer(call)

    async def serve(self, request: Request) -> Response:
        """Answer a request to the data API."""
        try:
            self.oauth.check(bearer(request))
            self.budget.charge()
            self.jobs.settle()
            call = self._call(request, await body_of(request, refuse))
            reply = self.answer(call)
        except Refused as refused:
            reply = Reply(refused.status, [refused.error()])
        return self._response(request, reply)

    def _call(self, request: Request, body: bytes) -> Call:
        # The path as it was sent: an external id may have a slash in it, quoted.
        raw = request.scope.get("raw_path") or request.url.path.encode()
        _, _, rest = raw.partition(b"?")[0].partition(_DATA)
        try:
            steps = [
                unquote(each, errors="strict")
                for each in rest.decode("ascii").rstrip("/").split("/")
            ]
        except UnicodeDecodeError as error:
            raise missing() from error
        version, *path = steps
        if not version.startswith("v") or version[1:] not in VERSIONS:
            raise missing()
        params = dict(request.query_params)
        method = request.method
        if method == "POST" and params.get("_HttpMethod") in _DISGUISED:
            # For clients that cannot send other methods.
            method = params["_HttpMethod"]
        return Call(
            method,
            tuple(path),
            params,
            dict(request.headers),
            body,
            version,
            self.org.request_id(),
        )

    def _response(self, request: Request, reply: Reply) -> Response:
        headers = reply.headers | {"Sforce-Limit-Info": self.budget.header}
        body = reply.body
        content = (
            body if isinstance(body, bytes) else b"" if body is None else dump(body)
        )
        if "ETag" in headers and "gzip" in request.headers.get("accept-encoding", ""):
            # A compressed answer has a tag of its own, and either tag names the record.
            headers["ETag"] = preconditions.compressed(headers["ETag"])
            if content:
                content = gzip.compress(content, 1, mtime=0)
                headers["Content-Encoding"] = "gzip"
        if not content:
            return Response(status_code=reply.status, headers=headers)
        return Response(content, reply.status, headers, reply.media_type)
