"""Bulk query: a whole table as CSV, in as many pieces as the caller likes."""

import base64
import binascii
from collections.abc import Mapping
from typing import Any

from sandbox.salesforce.calls import Call, Reply
from sandbox.salesforce.errors import Refused
from sandbox.salesforce.jobs import LIFE, Jobs, Killed
from sandbox.salesforce.org import Org
from sandbox.salesforce.results import Results, Shelf
from sandbox.salesforce.soql import Plan, read
from sandbox.salesforce.tables import written
from sandbox.store import Document

CSV = "text/csv; charset=UTF-8"
OPERATIONS = ("query", "queryAll")
# Salesforce decides itself how many rows come at once, where nobody asks.
DEFAULT_RECORDS = 100_000


class BulkQuery:
    """`/jobs/query`."""

    def __init__(self, org: Org, jobs: Jobs, shelf: Shelf) -> None:
        """Run as jobs, keep results on the shelf."""
        self.org = org
        self.jobs = jobs
        self.shelf = shelf
        jobs.does("query", self._run)

    def create(self, call: Call) -> Reply:
        """Add a job; its query is checked at once."""
        body = call.json()
        operation, text = body.get("operation"), body.get("query")
        if operation not in OPERATIONS or not isinstance(text, str):
            sentence = "operation must be query or queryAll, query must be text"
            raise Refused("INVALIDJOB", sentence)
        tree = read(text)
        if tree.fields or tree.offset:
            sentence = "FIELDS() and OFFSET are not supported by the Bulk API"
            raise Refused("API_ERROR", sentence)
        plan = self._plan(text, call.version, operation)
        job = {
            "operation": operation,
            "object": plan.object,
            "query": text,
            "state": "UploadComplete",
            "startedAt": self.org.clock.now().isoformat(),
            "dueAt": self.org.clock.now().isoformat(),
        }
        made = self.jobs.start(self.jobs.create(call, "query", job))
        return Reply(body=self.jobs.shown(call, made))

    def read(self, call: Call, job_id: str) -> Reply:
        """Return a job."""
        return Reply(body=self.jobs.shown(call, self.jobs.get("query", job_id)))

    def listed(self, call: Call) -> Reply:
        """List the jobs."""
        return self.jobs.listed(call, "query")

    def change(self, call: Call, job_id: str) -> Reply:
        """Abort a job: nothing else can be changed."""
        job = self.jobs.get("query", job_id)
        if call.json().get("state") != "Aborted":
            raise Refused("INVALIDJOBSTATE", "A query job can only be Aborted")
        return Reply(body=self.jobs.shown(call, self.jobs.abort(job)))

    def delete(self, _call: Call, job_id: str) -> Reply:
        """Forget a job and its results."""
        self.jobs.delete(self.jobs.get("query", job_id))
        self.shelf.drop(job_id)
        return Reply(204)

    def results(self, call: Call, job_id: str) -> Reply:
        """Return rows as CSV, from a locator on."""
        job = self.jobs.get("query", job_id)
        if job["state"] != "JobComplete":
            sentence = f"The job is {job['state']}: it has no results"
            raise Refused("INVALIDJOBSTATE", sentence)
        results = self.shelf.get(job_id)
        size = _size(call.params.get("maxRecords"))
        start = _start(call.params.get("locator"))
        if results is None or (start and start >= results.total):
            raise Refused("INVALID_QUERY_LOCATOR", "invalid query locator")
        plan = self._plan(job["query"], f"v{job['apiVersion']}", job["operation"])
        places = self.shelf.places(results, start, size)
        rows = self.shelf.rows(plan, places, as_text=True)
        header = [label for label, _ in plan.texts]
        text = written([header, *rows], job["columnDelimiter"], job["lineEnding"])
        end = start + size
        headers = {
            "Sforce-Locator": _locator(end) if end < results.total else "null",
            "Sforce-NumberOfRecords": str(len(rows)),
        }
        return Reply(200, text.encode(), headers, CSV)

    def _run(self, job: Document) -> Mapping[str, Any]:
        if self.org.condition("kill_jobs_after_rows", None) is not None:
            raise Killed("InternalServerError : the job was stopped", {})
        plan = self._plan(job["query"], f"v{job['apiVersion']}", job["operation"])
        places = [place for (place,) in self.shelf.found(plan)]
        deleted_too = job["operation"] == "queryAll"
        results = Results(job["Id"], job["query"], deleted_too, len(places), 0)
        self.shelf.keep(results, places, LIFE)
        return {"numberRecordsProcessed": len(places)}

    def _plan(self, text: str, version: str, operation: str) -> Plan:
        plan = self.shelf.plan(text, version, deleted_too=operation == "queryAll")
        if plan.kind != "rows" or plan.nested:
            sentence = (
                "Aggregate queries and queries of children are not supported by the "
                "Bulk API"
            )
            raise Refused("API_ERROR", sentence)
        return plan


def _size(text: str | None) -> int:
    if text is None:
        return DEFAULT_RECORDS
    if not text.isdecimal() or not 0 < len(text) < 10 or int(text) == 0:
        raise Refused("INVALID_INPUT", "maxRecords must be a whole number above 0")
    return int(text)


def _locator(start: int) -> str:
    return base64.b64encode(str(start).encode()).decode().rstrip("=")


def _start(locator: str | None) -> int:
    if not locator:
        return 0
    try:
        padded = locator + "=" * (-len(locator) % 4)
        text = base64.b64decode(padded, validate=True).decode("ascii")
    except (binascii.Error, ValueError):
        text = ""
    if not text.isdecimal() or len(text) > 9:
        raise Refused("INVALID_QUERY_LOCATOR", "invalid query locator")
    return int(text)
