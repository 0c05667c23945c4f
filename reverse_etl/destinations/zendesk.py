"""Zendesk: a job changes 100 organizations; its results say what became of each."""

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ingestion.errors import Rejected, SystemFault, Unknown
from ingestion.transport.rest import Rest
from ingestion.zendesk import ERRORS
from reverse_etl.change import Change
from reverse_etl.destinations import Answer, Caps, Held, Outgoing
from reverse_etl.destinations.wire import at, body_of, nested

# Zendesk takes no more than 100 records in one job, and shows no more at once.
_MANY = 100
_OVER = ("completed", "failed", "killed")
_FIRST_WAIT_SECONDS = 0.1
_LONGEST_WAIT_SECONDS = 5.0
# About a minute altogether; a job that takes longer is found out by reading.
_POLLS = 20


class Zendesk:
    """Updates of organizations by their id."""

    system = "zendesk"
    caps = Caps(read_size=_MANY, write_size=_MANY)

    def __init__(self, rest: Rest, pause: Callable[[float], None] = time.sleep) -> None:
        """Speak through this client; `pause` waits between looks at a job."""
        self._rest = rest
        self._pause = pause

    def read(self, changes: Sequence[Change]) -> Mapping[str, Held]:
        """Show the organizations; ones that are gone are left out."""
        ids = ",".join(str(change.record_id) for change in changes)
        response = self._rest.get(
            "/api/v2/organizations/show_many", params={"ids": ids}
        )
        shown = self._rest.parsed(response)["organizations"]
        records = {str(record["id"]): record for record in shown}
        return {
            change.change_id: Held(
                record_id=str(change.record_id),
                fields={
                    name: at(records[change.record_id], name) for name in change.values
                },
            )
            for change in changes
            if change.record_id in records
        }

    def send(self, batch: Sequence[Outgoing]) -> Sequence[Answer]:
        """Queue the job and wait for its results."""
        organizations = [
            {
                "id": int(str(outgoing.change.record_id)),
                **nested(outgoing.change.values),
            }
            for outgoing in batch
        ]
        response = self._rest.write(
            "PUT",
            "/api/v2/organizations/update_many",
            json={"organizations": organizations},
        )
        job = body_of(self._rest, response, dict)["job_status"]
        results = self._finished(job).get("results") or []
        by_place = {result.get("index"): result for result in results}
        return [
            _answer(outgoing.change, by_place.get(place))
            for place, outgoing in enumerate(batch)
        ]

    def _finished(self, job: Mapping[str, Any]) -> Mapping[str, Any]:
        """Look at the job until it is over, or patience is."""
        wait = _FIRST_WAIT_SECONDS
        for _ in range(_POLLS):
            if job["status"] in _OVER:
                break
            self._pause(wait)
            wait = min(2 * wait, _LONGEST_WAIT_SECONDS)
            try:
                response = self._rest.get(f"/api/v2/job_statuses/{job['id']}")
            except SystemFault as fault:
                # The job was accepted: that we may not look says nothing about it.
                raise Unknown(
                    self.system, f"job {job['id']} cannot be followed: {fault.reason}"
                ) from fault
            job = self._rest.parsed(response)["job_status"]
        return job


def _answer(change: Change, result: Mapping[str, Any] | None) -> Answer:
    if result is None:
        reason = "the job ended, or goes on, without a result for the record"
        fault: SystemFault = Unknown("zendesk", reason)
    elif error := result.get("error"):
        fault = ERRORS.get(str(error), Rejected)(
            "zendesk", str(result.get("details") or error).rstrip("."), code=error
        )
    else:
        return Answer(record_id=change.record_id)
    fault.object = change.object
    fault.record_id = change.record_id
    return Answer(fault=fault)
