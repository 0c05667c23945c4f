"""Bulk: a query as a job of Bulk API 2.0, whose results are fetched in large pieces.

Each function is one step; what it returns is where the next one begins. A job outlives
the process that made it: it is in the place, and whoever goes on waits for it, or
fetches the pieces that are left. A job that is no longer there is made anew.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from ingestion.errors import SystemFault, Transient
from ingestion.readings import Document, Place
from ingestion.salesforce.access import DATA, documented
from ingestion.salesforce.soql import fields_of
from ingestion.salesforce.tables import documents
from ingestion.streams import Stream
from ingestion.transport.budget import Timer
from ingestion.transport.rest import Rest

_JOBS = f"{DATA}/jobs/query"
# Seconds between two looks at a job, twice as many each time: small jobs take some, and
# no long one is so urgent that it is worth more than two calls a minute.
_FIRST_LOOK, _LONGEST_LOOK = 1.0, 30.0
_GONE = 404


@dataclass(frozen=True, slots=True)
class Job:
    """A job, as a place keeps it.

    Attributes:
        id: the job's; empty before there is one.
        tries: how many jobs there were before it.
        looks: how often it was found unfinished.
        total: how many records it has; None while it is unfinished.
        locator: where the next piece of its results begins; empty at the first.
        seen: how many records its pieces had so far.
    """

    id: str = ""
    tries: int = 0
    looks: int = 0
    total: int | None = None
    locator: str = ""
    seen: int = 0

    @property
    def place(self) -> Place:
        """Return it as a place keeps it."""
        return [*(self.id, self.tries, self.looks), self.total, self.locator, self.seen]

    @classmethod
    def of(cls, place: Sequence[Any]) -> "Job":
        """Return the job that a place keeps."""
        return cls(*place)


@dataclass(frozen=True, slots=True)
class Piece:
    """What a step brought: records, and the job as it is now; None: it is done with."""

    records: Sequence[Document]
    job: Job | None


@dataclass(frozen=True, slots=True)
class Query:
    """What jobs are made for.

    Attributes:
        stream: whose records are wanted.
        statement: in SOQL.
        size: the most records in a piece of the results.
        timer: by which to wait for an unfinished job.
    """

    stream: Stream
    statement: str
    size: int
    timer: Timer


def advance(rest: Rest, query: Query, job: Job) -> Piece:
    """Do what a job needs next: make it, look at it, fetch a piece.

    One that was fetched is left: Salesforce forgets it after seven days, and to delete
    it would be one more call of a day's.

    Raises:
        Transient: the job failed, was aborted, or gave other than it announced; the
            next run makes another.
    """
    if not job.id:
        return Piece((), replace(job, id=_made(rest, query.statement)))
    try:
        if job.total is None:
            return Piece((), _looked(rest, job, query.timer))
        return _fetched(rest, query, job)
    except SystemFault as fault:
        if fault.status != _GONE and fault.code != "INVALID_QUERY_LOCATOR":
            raise
        # Jobs that disappear again and again are ended by the longest walk allowed.
        _wait(query.timer, job.tries)
        return Piece((), Job(tries=job.tries + 1))


def _made(rest: Rest, statement: str) -> str:
    body = {
        "operation": "queryAll",
        "query": statement,
        "contentType": "CSV",
        "columnDelimiter": "COMMA",
        "lineEnding": "LF",
    }
    # It changes nothing: a job that is made twice costs one of 10,000 a day.
    answer = rest.parsed(rest.read_post(_JOBS, json=body))
    with documented(_JOBS):
        return str(answer["id"])


def _looked(rest: Rest, job: Job, timer: Timer) -> Job:
    answer = rest.parsed(rest.get(f"{_JOBS}/{job.id}"))
    with documented(_JOBS):
        state = answer["state"]
        if state == "JobComplete":
            return replace(job, total=int(answer["numberRecordsProcessed"]))
        said = answer.get("errorMessage") or f"its state is {state}"
    if state in ("Failed", "Aborted"):
        raise _given_up(rest, job, f"the bulk job {job.id} ended early: {said}")
    _wait(timer, job.looks)
    return replace(job, looks=job.looks + 1)


def _wait(timer: Timer, times: int) -> None:
    timer.pause(min(_FIRST_LOOK * 2.0 ** min(times, 10), _LONGEST_LOOK))


def _fetched(rest: Rest, query: Query, job: Job) -> Piece:
    stream = query.stream
    params = {"maxRecords": str(query.size)}
    if job.locator:
        params["locator"] = job.locator
    response = rest.get(
        f"{_JOBS}/{job.id}/results", params=params, headers={"Accept": "text/csv"}
    )
    records = documents(rest.system, stream, fields_of(stream), response.content)
    announced = response.headers.get("sforce-numberofrecords", "")
    locator = response.headers.get("sforce-locator", "null")
    seen = job.seen + len(records)
    if announced != str(len(records)):
        said = f"a piece said it had {announced or 'no number of'} records"
        raise _given_up(rest, job, f"{said} and had {len(records):,}")
    if locator != "null":
        if not records:
            raise _given_up(rest, job, "an empty piece said that there are more")
        return Piece(records, replace(job, locator=locator, seen=seen))
    if seen != job.total:
        said = f"the bulk job {job.id} announced {job.total:,} records"
        raise _given_up(rest, job, f"{said} and gave {seen:,}")
    return Piece(records, None)


def _given_up(rest: Rest, job: Job, reason: str) -> Transient:
    """Return the fault of a job that is of no more use, which is deleted.

    Whoever goes on from here does not find it, and makes another.
    """
    _delete(rest, job)
    return Transient(rest.system, reason.rstrip("."))


def _delete(rest: Rest, job: Job) -> None:
    try:
        rest.write("DELETE", f"{_JOBS}/{job.id}")
    except SystemFault:
        # Everything of it is here, and Salesforce itself forgets it after seven days.
        return
