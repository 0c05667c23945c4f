"""Jobs: up to a hundred records that NetSuite takes at once and writes later."""

import time
from collections.abc import Callable, Sequence
from typing import Any

import httpx

from ingestion.errors import Conflict, Refused, Rejected, SystemFault, Unknown
from ingestion.transport.rest import Rest
from reverse_etl.change import Change
from reverse_etl.destinations import Answer
from reverse_etl.destinations.wire import failed

_JOB = "/services/rest/async/v1/job"
_TYPE = "application/vnd.oracle.resource+json; type=collection"
_FIRST_WAIT_SECONDS = 0.25
_LONGEST_WAIT_SECONDS = 5.0
# About a minute altogether; what a longer job did is found out by reading.
_POLLS = 18

Document = dict[str, Any]


class Jobs:
    """The jobs of one account."""

    def __init__(self, rest: Rest, pause: Callable[[float], None] = time.sleep) -> None:
        """Speak through this client; `pause` waits between looks at a job."""
        self._rest = rest
        self._pause = pause

    def submit(
        self, method: str, path: str, documents: Sequence[Document], key: str
    ) -> str:
        """Submit a batch, wait until it is carried out, and return the job's id.

        Raises:
            Unknown: it goes on, or cannot be followed, or was submitted before.
        """
        response = self._rest.write(
            method,
            path,
            json={"items": list(documents)},
            headers={
                "Content-Type": _TYPE,
                "Prefer": "respond-async",
                "X-NetSuite-idempotency-key": key,
            },
        )
        job = record_at(response)
        wait = _FIRST_WAIT_SECONDS
        try:
            for _ in range(_POLLS):
                told = self._rest.parsed(self._rest.get(f"{_JOB}/{job}"))
                if told["completed"]:
                    return job
                self._pause(wait)
                wait = min(2 * wait, _LONGEST_WAIT_SECONDS)
        except SystemFault as fault:
            # The job was accepted: that we may not look says nothing about it.
            raise Unknown(
                "netsuite", f"job {job} cannot be followed: {fault.reason}"
            ) from fault
        raise Unknown("netsuite", f"job {job} goes on")

    def result(self, job: str, task: int, change: Change) -> Answer:
        """Return what became of one record: what would have been answered at once."""
        try:
            response = self._rest.get(f"{_JOB}/{job}/task/{task}/result")
        except (Rejected, Conflict, Refused) as fault:
            return failed(change, fault)
        except SystemFault as fault:
            reason = f"job {job} does not tell of it: {fault.reason}"
            return failed(change, Unknown("netsuite", reason))
        if change.record_id:
            return Answer(record_id=change.record_id)
        return Answer(record_id=record_at(response))


def record_at(response: httpx.Response) -> str:
    """Return the id of what an answer says it made.

    Raises:
        Unknown: it does not say.
    """
    place: str = response.headers.get("location", "")
    name = place.rstrip("/").rpartition("/")[2]
    if not name:
        raise Unknown("netsuite", "the place of the new record was not told")
    return name
