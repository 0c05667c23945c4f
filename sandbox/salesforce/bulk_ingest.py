"""Bulk ingest: a CSV file of changes, carried out row by row as a job."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sandbox.salesforce import tables
from sandbox.salesforce.bulk_query import CSV
from sandbox.salesforce.calls import Call, Reply
from sandbox.salesforce.errors import Refused
from sandbox.salesforce.field import SObject
from sandbox.salesforce.jobs import ENDED, Jobs, Killed
from sandbox.salesforce.org import SYSTEM, Org
from sandbox.salesforce.values import from_csv
from sandbox.salesforce.writer import Manner, Writer
from sandbox.store import Document

OPERATIONS = ("insert", "update", "upsert", "delete", "hardDelete")
_EMPTIED = "#N/A"  # an empty cell leaves a field as it is, this one empties it


@dataclass(slots=True)
class _Outcome:
    """What became of each row."""

    header: list[str]
    successful: list[list[str]] = field(default_factory=list)
    failed: list[list[str]] = field(default_factory=list)

    def counts(self) -> dict[str, Any]:
        """Return what the job says of itself."""
        return {
            "numberRecordsProcessed": len(self.successful) + len(self.failed),
            "numberRecordsFailed": len(self.failed),
        }


@dataclass(frozen=True, slots=True)
class _Task:
    """What is done with each row; a column of a parent's field has two names."""

    operation: str
    sobject: SObject
    columns: tuple[tuple[str, ...], ...]
    external: str
    how: Manner


class BulkIngest:
    """`/jobs/ingest`."""

    def __init__(self, org: Org, jobs: Jobs, writer: Writer) -> None:
        """Run as jobs, write through the writer."""
        self.org = org
        self.jobs = jobs
        self.writer = writer
        jobs.does("ingest", self._run)

    def create(self, call: Call) -> Reply:
        """Add a job that waits for its file."""
        body = call.json()
        operation, name = body.get("operation"), body.get("object")
        if operation not in OPERATIONS or not isinstance(name, str):
            sentence = f"operation must be one of {', '.join(OPERATIONS)}"
            raise Refused("INVALIDJOB", sentence)
        sobject = self.org.objects.get(name.lower())
        if sobject is None:
            raise Refused("INVALIDJOB", f"Unable to find object: {name}")
        external = body.get("externalIdFieldName")
        if operation == "upsert":
            self._check_external(sobject, external)
        job = {
            "operation": operation,
            "object": sobject.name,
            "externalIdFieldName": external,
            "state": "Open",
        }
        made = self.jobs.create(call, "ingest", job)
        return Reply(body=self.jobs.shown(call, made))

    def read(self, call: Call, job_id: str) -> Reply:
        """Return a job."""
        return Reply(body=self.jobs.shown(call, self.jobs.get("ingest", job_id)))

    def listed(self, call: Call) -> Reply:
        """List the jobs."""
        return self.jobs.listed(call, "ingest")

    def upload(self, call: Call, job_id: str) -> Reply:
        """Take the job's file."""
        job = self.jobs.get("ingest", job_id)
        uploads = self.org.store.collection(SYSTEM, "_upload")
        if job["state"] != "Open" or uploads.get(job_id) is not None:
            sentence = f"Uploading to a job that is {job['state']} is not allowed"
            raise Refused("INVALIDJOBSTATE", sentence)
        if not call.headers.get("content-type", "").lower().startswith("text/csv"):
            sentence = "Content type must be text/csv"
            raise Refused("UNSUPPORTED_MEDIA_TYPE", sentence, (), 415)
        try:
            text = bytes(call.body or b"").decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise Refused("INVALID_INPUT", "The file is not UTF-8") from error
        self.org.store.keep(SYSTEM, "_upload", {"Id": job_id, "text": text})
        return Reply(201)

    def change(self, call: Call, job_id: str) -> Reply:
        """Close a job's upload, which starts it, or abort it."""
        job = self.jobs.get("ingest", job_id)
        state = call.json().get("state")
        if state == "Aborted":
            return Reply(body=self.jobs.shown(call, self.jobs.abort(job)))
        if state != "UploadComplete" or job["state"] != "Open":
            sentence = f"A job that is {job['state']} cannot become {state}"
            raise Refused("INVALIDJOBSTATE", sentence)
        return Reply(body=self.jobs.shown(call, self.jobs.start(job)))

    def delete(self, _call: Call, job_id: str) -> Reply:
        """Forget a job and its results."""
        self.jobs.delete(self.jobs.get("ingest", job_id))
        return Reply(204)

    def successful(self, _call: Call, job_id: str) -> Reply:
        """Return the rows that were written, with their ids."""
        return self._outcome(job_id, "successful")

    def failed(self, _call: Call, job_id: str) -> Reply:
        """Return the rows that were refused, with the reasons."""
        return self._outcome(job_id, "failed")

    def unprocessed(self, _call: Call, job_id: str) -> Reply:
        """Return the rows that the job never came to."""
        return self._outcome(job_id, "unprocessed")

    def _outcome(self, job_id: str, which: str) -> Reply:
        job = self.jobs.get("ingest", job_id)
        if job["state"] not in ENDED:
            sentence = f"The job is {job['state']}: it has no results"
            raise Refused("INVALIDJOBSTATE", sentence)
        kept = self.org.store.collection(SYSTEM, "_outcome").get(job_id)
        text = kept[which] if kept else ""
        return Reply(200, str(text).encode(), {}, CSV)

    def _check_external(self, sobject: SObject, name: Any) -> None:
        known = sobject.field(name) if isinstance(name, str) else None
        if known is None or not (known.external_id or known.name == "Id"):
            sentence = f"Field name not found or no external id : {name}"
            raise Refused("INVALIDJOB", sentence)

    def _run(self, job: Document) -> Mapping[str, Any]:
        upload = self.org.store.collection(SYSTEM, "_upload").get(job["Id"])
        text = upload["text"] if upload else ""
        try:
            rows = tables.read(text, job["columnDelimiter"], job["lineEnding"])
            sobject = self.org.object(job["object"])
            header = rows[0] if rows else []
            columns = [self._column(sobject, each) for each in header]
        except Refused:
            self._keep(job, _Outcome([]), text)
            raise
        outcome = _Outcome(header)
        task = _Task(
            job["operation"],
            sobject,
            tuple(columns),
            str(job.get("externalIdFieldName")),
            Manner(self.org.request_id()),
        )
        most = self.org.condition("kill_jobs_after_rows", None)
        last = len(rows)
        if most is not None:
            last = min(last, 1 + self.org.number_of("kill_jobs_after_rows", 0))
        with self.org.store.transaction():
            for row in rows[1:last]:
                self._row(task, row, outcome)
        rest = [header, *rows[last:]] if header else []
        self._keep(job, outcome, tables.written(rest, job["columnDelimiter"]))
        if most is not None:
            sentence = "InternalServerError : the job was stopped"
            raise Killed(sentence, outcome.counts())
        return outcome.counts()

    def _row(self, task: _Task, row: list[str], outcome: _Outcome) -> None:
        record_id = ""
        try:
            fields = _fields(task, row)
            record_id = str(fields.get("Id") or "")
            record_id, created = self._write(task, fields)
        except Refused as refused:
            names = ", ".join(refused.fields)
            reason = f"{refused.code}:{refused}:{names} --"
            outcome.failed.append([record_id, reason, *row])
        else:
            outcome.successful.append([record_id, str(created).lower(), *row])

    def _write(self, task: _Task, fields: Document) -> tuple[str, bool]:
        sobject, how = task.sobject, task.how
        if task.operation == "insert":
            return self.writer.create(sobject, fields, how), True
        if task.operation == "upsert":
            return self.writer.upsert(sobject, task.external, fields, how)
        wanted = fields.pop("Id", None)
        if not wanted:
            raise Refused("MISSING_ARGUMENT", "Id not specified in an update call")
        if task.operation == "hardDelete":
            document = self.org.find(sobject, wanted)
            self.writer.hard_delete(sobject, document, how)
            return str(document["Id"]), False
        document = self.org.get(sobject, wanted)
        if task.operation == "delete":
            self.writer.delete(sobject, document, how)
        else:
            self.writer.update(sobject, document, fields, how)
        return str(document["Id"]), False

    def _column(self, sobject: SObject, name: str) -> tuple[str, ...]:
        """Return what a column's header names: a field, or a parent's field."""
        head, dot, last = name.strip().partition(".")
        if not dot:
            known = sobject.field(head)
            if known is not None:
                return (known.name,)
        elif head.lower() in sobject.parents:
            return (sobject.parents[head.lower()].relationship, last)
        raise Refused("InvalidBatch", f"Field name not found : {name}")

    def _keep(self, job: Document, outcome: _Outcome, unprocessed: str) -> None:
        delimiter, ending = job["columnDelimiter"], job["lineEnding"]
        done = [["sf__Id", "sf__Created", *outcome.header], *outcome.successful]
        failed = [["sf__Id", "sf__Error", *outcome.header], *outcome.failed]
        self.org.store.keep(
            SYSTEM,
            "_outcome",
            {
                "Id": job["Id"],
                "successful": tables.written(done, delimiter, ending),
                "failed": tables.written(failed, delimiter, ending),
                "unprocessed": unprocessed,
            },
        )


def _fields(task: _Task, row: Sequence[str]) -> Document:
    if len(row) != len(task.columns):
        sentence = "The number of cells is not that of the header"
        raise Refused("INVALID_INPUT", sentence)
    fields: Document = {}
    for (name, *below), cell in zip(task.columns, row, strict=True):
        if cell == "":
            continue
        if below:
            fields[name] = {below[0]: cell}
        elif cell == _EMPTIED:
            fields[name] = None
        else:
            fields[name] = from_csv(task.sobject.fields[name], cell)
    return fields
