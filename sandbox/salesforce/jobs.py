"""Jobs: what Bulk API 2.0 does in its own time, by the sandbox's clock.

A job waits, runs and ends after the condition `job_seconds`; it is carried out at the
first request after that moment. Salesforce keeps jobs for seven days.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from sandbox.salesforce.calls import Call, Reply
from sandbox.salesforce.errors import Refused, missing
from sandbox.salesforce.ids import new_id
from sandbox.salesforce.org import SYSTEM, Org
from sandbox.salesforce.tables import DELIMITERS, ENDINGS
from sandbox.salesforce.users import USER_ID
from sandbox.salesforce.values import instant
from sandbox.store import Document

LIFE = timedelta(days=7)
PREFIX = "750"
ENDED = ("JobComplete", "Failed", "Aborted")
_RUNNING = "UploadComplete"
# A new job is found waiting for this share of its time, and running afterwards.
_WAITING_SHARE = 3

Work = Callable[[Document], Mapping[str, Any]]


class Killed(Exception):  # noqa: N818 -- it says what became of a job
    """The job ended before its work did; what was done stays done."""

    def __init__(self, sentence: str, changes: Mapping[str, Any]) -> None:
        """Keep what the job says of it, and what changes in the job besides."""
        super().__init__(sentence)
        self.changes = changes


class Jobs:
    """The jobs of one organisation."""

    def __init__(self, org: Org) -> None:
        """Keep jobs in the organisation's store."""
        self.org = org
        self._work: dict[str, Work] = {}
        # The jobs are in the store; this only spares a look at it with every request.
        self._open = bool(self._running())

    def does(self, kind: str, work: Work) -> None:
        """Say how a kind of job is carried out.

        Args:
            kind: `query` or `ingest`.
            work: takes the job, returns what changes in it; Refused or Killed if it
                fails.
        """
        self._work[kind] = work

    def create(self, call: Call, kind: str, job: Document) -> Document:
        """Add a job with the settings that both kinds have."""
        body = call.json()
        delimiter = str(body.get("columnDelimiter") or "COMMA").upper()
        ending = str(body.get("lineEnding") or "LF").upper()
        if delimiter not in DELIMITERS or ending not in ENDINGS:
            sentence = "columnDelimiter or lineEnding is not a valid value"
            raise Refused("INVALIDJOB", sentence)
        if str(body.get("contentType") or "CSV").upper() != "CSV":
            raise Refused("INVALIDJOB", "contentType must be CSV")
        now = instant(self.org.clock.now().isoformat())
        document = {
            "Id": new_id(PREFIX, self.org.store.number()),
            "kind": kind,
            "createdDate": now,
            "systemModstamp": now,
            "lineEnding": ending,
            "columnDelimiter": delimiter,
            "apiVersion": call.version[1:],
            "numberRecordsProcessed": 0,
            "numberRecordsFailed": 0,
            **job,
        }
        self._keep(document)
        return document

    def get(self, kind: str, job_id: str) -> Document:
        """Return a job; Refused if there is none or it is too old."""
        job = self.org.store.collection(SYSTEM, "_job").get(job_id)
        if job is None or job["kind"] != kind:
            raise missing()
        if datetime.fromisoformat(job["createdDate"]) + LIFE <= self.org.clock.now():
            self.org.store.drop(SYSTEM, "_job", job_id)
            self.org.store.drop(SYSTEM, "_upload", job_id)
            self.org.store.drop(SYSTEM, "_outcome", job_id)
            raise missing()
        return job

    def listed(self, call: Call, kind: str) -> Reply:
        """List the jobs of a kind, the newest first."""
        held = self.org.store.collection(SYSTEM, "_job").find(
            "json_extract(body, '$.kind') = ?", (kind,), order="place desc", limit=1000
        )
        records = [self.shown(call, each) for each in held]
        return Reply(body={"done": True, "records": records, "nextRecordsUrl": None})

    def start(self, job: Document) -> Document:
        """Let a job run from now on."""
        due = self.org.clock.now() + timedelta(
            seconds=self.org.number_of("job_seconds", 0)
        )
        started = {"startedAt": self.org.clock.now().isoformat()}
        return self.change(job, started | {"state": _RUNNING, "dueAt": due.isoformat()})

    def change(self, job: Document, changes: Mapping[str, Any]) -> Document:
        """Change a job and keep it."""
        stamp = instant(self.org.clock.now().isoformat())
        changed = job | dict(changes) | {"systemModstamp": stamp}
        self._keep(changed)
        return changed

    def settle(self) -> None:
        """Carry out the jobs whose time has come."""
        if not self._open:
            return
        now = self.org.clock.now()
        for job in self._running():
            if datetime.fromisoformat(job["dueAt"]) <= now:
                self._carry_out(job)
        self._open = bool(self._running())

    def abort(self, job: Document) -> Document:
        """Stop a job that has not ended."""
        if job["state"] in ENDED:
            sentence = f"Aborting a {job['state']} job is not allowed"
            raise Refused("INVALIDJOBSTATE", sentence)
        return self.change(job, {"state": "Aborted"})

    def delete(self, job: Document) -> None:
        """Forget a job that has ended."""
        if job["state"] not in ENDED:
            sentence = f"The job is {job['state']}: only ended jobs can be deleted"
            raise Refused("INVALIDJOBSTATE", sentence)
        for name in ("_job", "_upload", "_outcome"):
            self.org.store.drop(SYSTEM, name, job["Id"])

    def shown(self, call: Call, job: Document) -> Document:
        """Return a job as the API shows it."""
        kind = job["kind"]
        shown = {
            "id": job["Id"],
            "operation": job["operation"],
            "object": job["object"],
            "createdById": USER_ID,
            "createdDate": job["createdDate"],
            "systemModstamp": job["systemModstamp"],
            "state": self._state(job),
            "concurrencyMode": "Parallel",
            "contentType": "CSV",
            "apiVersion": Decimal(job["apiVersion"]),
            "lineEnding": job["lineEnding"],
            "columnDelimiter": job["columnDelimiter"],
            "jobType": "V2Query" if kind == "query" else "V2Ingest",
            "retries": 0,
            "totalProcessingTime": 0,
            "numberRecordsProcessed": job["numberRecordsProcessed"],
        }
        if kind == "ingest":
            shown |= {
                "externalIdFieldName": job.get("externalIdFieldName"),
                "contentUrl": call.url("jobs", "ingest", job["Id"], "batches")[1:],
                "numberRecordsFailed": job["numberRecordsFailed"],
                "apiActiveProcessingTime": 0,
                "apexProcessingTime": 0,
            }
        if job.get("errorMessage"):
            shown["errorMessage"] = job["errorMessage"]
        return shown

    def _state(self, job: Document) -> str:
        if job["state"] != _RUNNING:
            return str(job["state"])
        started = datetime.fromisoformat(job["startedAt"])
        due = datetime.fromisoformat(job["dueAt"])
        begins = started + (due - started) / _WAITING_SHARE
        return "InProgress" if self.org.clock.now() >= begins else _RUNNING

    def _carry_out(self, job: Document) -> None:
        work = self._work[job["kind"]]
        try:
            changes = dict(work(job)) | {"state": "JobComplete"}
        except Killed as killed:
            changes = dict(killed.changes)
            changes |= {"state": "Failed", "errorMessage": str(killed)}
        except Refused as refused:
            sentence = f"{refused.code} : {refused}"
            changes = {"state": "Failed", "errorMessage": sentence}
        self.change(job, changes)

    def _running(self) -> list[Document]:
        return self.org.store.collection(SYSTEM, "_job").find(
            "json_extract(body, '$.state') = ?", (_RUNNING,)
        )

    def _keep(self, job: Document) -> None:
        self.org.store.keep(SYSTEM, "_job", job)
        if job["state"] == _RUNNING:
            self._open = True
