"""Zendesk's jobs: up to 100 records in the background, each with its own result."""

from collections.abc import Mapping, Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from sandbox.store import Document, column
from sandbox.wire import Refusal, answer, made, root_url
from sandbox.zendesk.account import Account
from sandbox.zendesk.records import Records, Rejected
from sandbox.zendesk.shapes import API, error, ids_of, is_whole, not_found

# developer.zendesk.com, job limit: 30 jobs may be queued or running.
MAX_OPEN_JOBS = 30
# The same, job statuses: a job may be asked for within an hour, in lists of 100.
KEPT_SECONDS = 3600
MAX_LISTED = 100
# Waiting takes a third of a job's time, as far as tests can tell the states apart.
_QUEUED_SHARE = 3

_VERBS = {
    "create": "Create",
    "update": "Update",
    "create_or_update": "Create Or Update",
    "delete": "Delete",
    "forget": "Permanently Delete",
}


class Jobs:
    """The jobs of one account; they are carried out when their time has come."""

    def __init__(self, account: Account, records: Mapping[str, Records]) -> None:
        """Carry out jobs over these kinds of records."""
        self.account = account
        self.records = records
        self.held = account.held("_job")
        self.held.index("is_open", "due")
        self.held.index("accepted")

    def accept(
        self, request: Request, name: str, action: str, items: Sequence[Any]
    ) -> Response:
        """Accept a job; 429 if too many are open."""
        if self.held.count(f"{column('is_open')} = 1") >= MAX_OPEN_JOBS:
            sentence = "Too many jobs queued or running"
            response = error(429, "TooManyJobs", sentence)
            response.headers["Retry-After"] = "10"
            raise Refusal(response)
        job_id = made("", "job", self.account.store.number(), length=32).lower()
        now = self.account.clock.now().timestamp()
        label = self.records[name].kind.label
        job: Document = {
            "id": job_id,
            "name": name,
            "action": action,
            "items": list(items),
            "job_type": f"Bulk {_VERBS[action]} {label}",
            "url": f"{root_url(request)}{API}/job_statuses/{job_id}.json",
            "accepted": int(now * 1000),
            "due": int((now + float(self.account.condition("job_seconds", 0))) * 1000),
            "is_open": 1,
            "looks": 0,
            "request_id": self.account.request_id(),
            "fate": self.account.condition("job_fate", None),
            "status": "completed",
            "results": None,
        }
        self.account.store.keep("zendesk", "_job", job)
        accepted = _view(job, job["accepted"])
        self.settle()
        return answer({"job_status": accepted})

    def settle(self) -> None:
        """Carry out the jobs whose time has come."""
        due = self.held.find(
            f"{column('is_open')} = 1 and {column('due')} <= ?",
            (int(self.account.clock.now().timestamp() * 1000),),
            order="place",
        )
        for job in due:
            fate = job["fate"] if isinstance(job["fate"], dict) else {}
            items = job["items"]
            if fate:
                items = items[: int(fate.get("after", 0))]
                job["status"] = str(fate.get("status", "killed"))
            results = [
                self._result(job, place, each) for place, each in enumerate(items)
            ]
            job["results"] = None if fate else results
            job["progress"] = len(items)
            job["is_open"] = 0
            self.account.store.keep("zendesk", "_job", job)

    def _result(self, job: Document, place: int, item: Any) -> Document:
        """Carry out one item of a job; return its result."""
        records, action = self.records[job["name"]], job["action"]
        label = records.kind.label
        if not isinstance(item, dict):
            return {"index": place} | _failure("BadRequest", "must be an object")
        number = item.get("id")
        result: Document = {"id": number, "index": place}
        try:
            document = self._document(records, action, item)
            if document is None and action in ("update", "delete", "forget"):
                code = f"{label}NotFound"
                return result | _failure(code, f"{label} not found")
            if document is None:
                document = records.create(item, job["request_id"])
                done = "Created"
            elif action == "forget":
                records.forget(document, job["request_id"])
                done = "Deleted"
            elif action == "delete":
                records.delete(document, job["request_id"])
                done = "Deleted"
            else:
                records.update(document, item, job["request_id"])
                done = "Updated"
        except Rejected as rejected:
            return result | _failure(rejected.code, rejected.sentence)
        verb = {"Created": "create", "Updated": "update", "Deleted": "delete"}[done]
        shown = {"id": document["id"], "index": place, "action": verb}
        if action == "create_or_update":
            shown |= {
                name: document[name]
                for name in ("external_id", "email")
                if document.get(name) is not None
            }
        return shown | {"status": done, "success": True}

    def _document(self, records: Records, action: str, item: Document) -> Any:
        """Return the record that an item means."""
        if action == "create":
            return None
        if action == "create_or_update":
            return records.match(item)
        if action == "forget":
            return records.deleted(str(item["id"]))
        if item.get("id") is not None:
            return records.find(item["id"])
        return records.by_external(item.get("external_id"))

    def _kept(self) -> tuple[str, tuple[int]]:
        oldest = int((self.account.clock.seconds() - KEPT_SECONDS) * 1000)
        return f"{column('accepted')} >= ?", (oldest,)

    async def status(self, request: Request) -> Response:
        """Show a job."""
        where, values = self._kept()
        job_id = str(request.path_params["id"])
        found = self.held.find(f"id = ? and {where}", (job_id, *values))
        if not found:
            raise not_found()
        return answer({"job_status": self._now(found[0])})

    async def statuses(self, request: Request) -> Response:
        """Show many jobs; unknown ones are left out."""
        ids = [each for each in request.query_params.get("ids", "").split(",") if each]
        if not ids:
            ids_of(request, "ids", MAX_LISTED)  # refuses
        if len(ids) > MAX_LISTED:
            sentence = f"A maximum of {MAX_LISTED} ids is allowed"
            raise Refusal(error(400, "TooManyValues", sentence))
        where, values = self._kept()
        marks = ", ".join("?" * len(ids))
        found = self.held.find(f"id in ({marks}) and {where}", (*ids, *values))
        jobs = [self._now(each) for each in found]
        page = {"next_page": None, "previous_page": None, "count": len(jobs)}
        return answer({"job_statuses": jobs, **page})

    async def every(self, request: Request) -> Response:
        """List the jobs of the last hour, newest first."""
        size = request.query_params.get("page[size]", "100")
        limit = min(int(size), MAX_LISTED) if is_whole(size) else MAX_LISTED
        where, values = self._kept()
        order = "place desc"
        found = self.held.find(where, values, order=order, limit=limit)
        return answer(
            {
                "job_statuses": [self._now(each) for each in found],
                "meta": {
                    "has_more": False,
                    "after_cursor": None,
                    "before_cursor": None,
                },
                "links": {"prev": None, "next": None},
            }
        )

    def _now(self, job: Document) -> Document:
        """Return a job as it is seen now.

        One that takes no time is seen `working` once all the same: who follows jobs
        meets every state, though no clock has moved.
        """
        looks = int(self.account.condition("job_looks", 1))
        if job["due"] == job["accepted"] and job["looks"] < looks:
            job["looks"] += 1
            self.account.store.keep("zendesk", "_job", job)
            return _view(job, job["due"]) | {
                "status": "working",
                "progress": None,
                "message": None,
                "results": None,
            }
        return _view(job, int(self.account.clock.now().timestamp() * 1000))


def _view(job: Document, now: int) -> Document:
    """Return a job as it is seen at an instant."""
    total = len(job["items"])
    took = job["due"] - job["accepted"]
    passed = now - job["accepted"]
    if not job["is_open"]:
        status, progress = job["status"], job["progress"]
    elif took and passed * _QUEUED_SHARE >= took:
        status, progress = "working", min(total, total * passed // took)
    else:
        status, progress = "queued", None
    ended = not job["is_open"]
    return {
        "id": job["id"],
        "job_type": job["job_type"],
        "url": job["url"],
        "total": total,
        "progress": progress,
        "status": status,
        "message": status.capitalize() if ended else None,
        "results": job["results"] if ended else None,
    }


def _failure(code: str, sentence: str) -> Document:
    return {"error": code, "details": sentence, "status": "Failed", "success": False}
