"""Jobs: requests that NetSuite takes now and carries out later.

`Prefer: respond-async` makes a job of a request. A batch makes one task of every
record; whatever becomes of one task, the others go on. Jobs, their tasks and their
idempotency keys survive a restart.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from sandbox.instants import to_seconds
from sandbox.netsuite.records import Records
from sandbox.netsuite.shapes import COLLECTION_TYPE, REST, error
from sandbox.netsuite.wanted import Call
from sandbox.store import Document, Store, column
from sandbox.wire import Refusal, answer, parse, root_url, whole

JOB_PATH = f"{REST}/async/v1/job"
# Oracle, "Batch Operations": at most 100 records in one request.
MAX_BATCH = 100
# NetSuite's jobs take seconds to minutes. The sandbox carries them out at once unless
# the condition `job_seconds` says otherwise.
VENDOR_JOB_SECONDS = 10
TWICE = (
    "A request with the same idempotency key is already submitted. See the"
    ' "Location" header for a link to the previously submitted job'
)


class Jobs:
    """The asynchronous service of one account."""

    def __init__(self, store: Store, records: Records) -> None:
        """Keep jobs in the store; carry them out on the records."""
        self.store = store
        self.records = records

    def submit(self, request: Request, calls: Sequence[Call]) -> Response:
        """Take a job, once for every idempotency key."""
        key = request.headers.get("x-netsuite-idempotency-key", "")[:300]
        headers = {"Preference-Applied": "respond-async"}
        # As documented: without the host, whose prefix on the plain door must stay.
        place = request.scope.get("root_path", "") + JOB_PATH
        keys = self.store.collection("netsuite", "_idempotency")
        known = keys.get(key) if key else None
        if known is not None:
            headers["Location"] = f"{place}/{known['job']}"
            raise Refusal(
                error(
                    400, TWICE, "IDEMPOTENCY_ERROR", title="Conflict", headers=headers
                )
            )
        job_id = str(self.store.number())
        now = self.store.clock.seconds()
        seconds = float(self.store.condition("netsuite", "job_seconds", 0))
        job: Document = {
            "id": job_id,
            "created": now,
            "due": now + seconds,
            "done": False,
            "calls": [asdict(each) for each in calls],
            "results": [],
        }
        with self.store.transaction():
            self.store.keep("netsuite", "_job", job)
            if key:
                self.store.keep("netsuite", "_idempotency", {"id": key, "job": job_id})
        self.settle()
        headers["Location"] = f"{place}/{job_id}"
        return Response(status_code=202, headers=headers)

    def settle(self) -> None:
        """Carry out the jobs whose time has come; a condition kills some midway."""
        due = self.store.collection("netsuite", "_job").find(
            f"{column('done')} = 0 and {column('due')} <= ?",
            (self.store.clock.seconds(),),
        )
        for job in due:
            kill = self.store.condition("netsuite", "kill_jobs_after", None)
            with self.store.transaction():
                for place, call in enumerate(job["calls"]):
                    killed = kill is not None and place >= int(kill)
                    job["results"].append(None if killed else self._result(call))
                job["done"] = True
                self.store.keep("netsuite", "_job", job)

    def _result(self, call: Mapping[str, Any]) -> Document:
        try:
            response = self.records.perform(Call(**call))
        except Refusal as refusal:
            response = refusal.response
        body = bytes(response.body)
        return {
            "status": response.status_code,
            "location": response.headers.get("location"),
            "type": response.headers.get("content-type"),
            "body": parse(body) if body else None,
        }

    async def job(self, request: Request) -> Response:
        """Tell how far a job is."""
        job = self._found(request)
        here = self._address(request, job)
        return answer(
            {
                "links": [_link("self", here)],
                "completed": job["done"],
                "id": job["id"],
                "progress": self._progress(job),
                "task": {"links": [_link("self", f"{here}/task")]},
            }
        )

    async def tasks(self, request: Request) -> Response:
        """List a job's tasks, one for each record."""
        job = self._found(request)
        here = f"{self._address(request, job)}/task"
        items = [
            {"links": [_link("self", f"{here}/{place}")]}
            for place in range(1, len(job["calls"]) + 1)
        ]
        return answer(
            {
                "links": [_link("self", here)],
                "count": len(items),
                "hasMore": False,
                "items": items,
                "offset": 0,
                "totalResults": len(items),
            }
        )

    async def task(self, request: Request) -> Response:
        """Tell how far one task is."""
        job = self._found(request)
        place = self._task_place(request, job)
        here = f"{self._address(request, job)}/task/{place}"
        result = job["results"][place - 1] if job["done"] else None
        progress = self._progress(job)
        if job["done"]:
            failed = result is None or result["status"] >= 400
            progress = "failed" if failed else "succeeded"
        return answer(
            {
                "links": [_link("related", f"{here}/result"), _link("self", here)],
                "completed": job["done"],
                "id": str(place),
                "progress": progress,
                "startTime": _instant(job["created"]),
                **({"endTime": _instant(job["due"])} if job["done"] else {}),
            }
        )

    async def result(self, request: Request) -> Response:
        """Give the answer that the request would have had at once."""
        job = self._found(request)
        place = self._task_place(request, job)
        if not job["done"]:
            sentence = "The result is not available: the task has not completed."
            raise Refusal(error(404, sentence, "NONEXISTENT_ID"))
        result = job["results"][place - 1]
        if result is None:
            sentence = "An unexpected error occurred. The task was not completed."
            return error(500, sentence, "UNEXPECTED_ERROR")
        headers = {"Location": result["location"]} if result["location"] else {}
        if result["body"] is None:
            return Response(status_code=result["status"], headers=headers)
        response = answer(result["body"], result["status"], headers)
        response.headers["Content-Type"] = result["type"] or COLLECTION_TYPE
        return response

    def _progress(self, job: Document) -> str:
        if job["done"]:
            failed = any(each is None for each in job["results"])
            single = len(job["results"]) == 1 and not failed
            if single and job["results"][0]["status"] >= 400:
                failed = True
            return "failed" if failed else "succeeded"
        started = self.store.clock.seconds() > job["created"]
        return "processing" if started else "pending"

    def _found(self, request: Request) -> Document:
        wanted = request.path_params["job"]
        job = self.store.collection("netsuite", "_job").get(wanted)
        if job is None:
            sentence = f"Job '{wanted[:100]}' does not exist."
            raise Refusal(error(404, sentence, "NONEXISTENT_ID"))
        return job

    def _task_place(self, request: Request, job: Document) -> int:
        wanted = request.path_params["task"]
        place = whole(wanted)
        if place is not None and 1 <= place <= len(job["calls"]):
            return place
        sentence = f"Task '{wanted[:100]}' does not exist."
        raise Refusal(error(404, sentence, "NONEXISTENT_ID"))

    def _address(self, request: Request, job: Document) -> str:
        return f"{root_url(request)}{JOB_PATH}/{job['id']}"


def _link(rel: str, href: str) -> dict[str, str]:
    return {"rel": rel, "href": href}


def _instant(seconds: float | Decimal) -> str:
    return to_seconds(datetime.fromtimestamp(float(seconds), UTC))
