"""Zendesk: a job changes 100 records; its results say what became of each."""

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ingestion.errors import Conflict, Rejected, SystemFault, Unknown
from ingestion.transport.rest import Rest
from ingestion.zendesk import ERRORS
from reverse_etl.change import Change
from reverse_etl.destinations import Answer, Caps, Held, Outgoing
from reverse_etl.destinations.wire import at, body_of, failed, nested, unmoved

# Zendesk takes no more than 100 records in one job, and shows no more at once.
_MANY = 100
_PATHS = {"organization": "organizations", "ticket": "tickets"}
# The one object whose update can be made to depend on the time of the last one.
_SAFE = "ticket"
# Of results of jobs alone.
_RESULTS = {"UpdateConflict": Conflict}
_OVER = ("completed", "failed", "killed")
_FIRST_WAIT_SECONDS = 0.1
_LONGEST_WAIT_SECONDS = 5.0
# About a minute altogether; a job that takes longer is found out by reading.
_POLLS = 20


class Zendesk:
    """Updates of organizations and tickets by their id."""

    system = "zendesk"
    # A ticket's last change is compared to the second; an organization's is not.
    caps = Caps(_MANY, _MANY, {_SAFE: "weak"})

    def __init__(self, rest: Rest, pause: Callable[[float], None] = time.sleep) -> None:
        """Speak through this client; `pause` waits between looks at a job."""
        self._rest = rest
        self._pause = pause

    def read(self, changes: Sequence[Change]) -> Mapping[str, Held]:
        """Show the records; ones that are gone are left out."""
        name = _PATHS[changes[0].object]
        ids = ",".join(str(change.record_id) for change in changes)
        response = self._rest.get(f"/api/v2/{name}/show_many", params={"ids": ids})
        shown = self._rest.parsed(response)[name]
        records = {str(record["id"]): record for record in shown}
        return {
            change.change_id: Held(
                record_id=str(change.record_id),
                fields={name: at(record, name) for name in change.values},
                version=record["updated_at"],
            )
            for change in changes
            if (record := records.get(str(change.record_id)))
        }

    def send(self, batch: Sequence[Outgoing]) -> Sequence[Answer]:
        """Queue the job and wait for its results."""
        versions, answers = self._versions(batch)
        queued = [each for each in batch if each.change.change_id not in answers]
        if not queued:
            return [answers[each.change.change_id] for each in batch]
        name = _PATHS[batch[0].change.object]
        response = self._rest.write(
            "PUT",
            f"/api/v2/{name}/update_many",
            json={
                name: [
                    {
                        "id": int(str(each.change.record_id)),
                        **nested(each.change.values),
                        **versions.get(each.change.change_id, {}),
                    }
                    for each in queued
                ]
            },
        )
        job = body_of(self._rest, response, dict)["job_status"]
        results = self._finished(job).get("results") or []
        by_place = {result.get("index"): result for result in results}
        for place, each in enumerate(queued):
            change = each.change
            answers[change.change_id] = _answer(change, by_place.get(place))
        return [answers[each.change.change_id] for each in batch]

    def _versions(
        self, batch: Sequence[Outgoing]
    ) -> tuple[dict[str, dict[str, Any]], dict[str, Answer]]:
        """Return what makes each update safe, and the answers of what moved."""
        if batch[0].change.object != _SAFE:
            return {}, {}
        versions = {each.change.change_id: each.version for each in batch}
        answers: dict[str, Answer] = {}
        if not all(versions.values()):
            held = self.read([each.change for each in batch])
            for change in (each.change for each in batch):
                try:
                    there = unmoved(change, held.get(change.change_id))
                except SystemFault as fault:
                    answers[change.change_id] = failed(change, fault)
                else:
                    versions[change.change_id] = there.version
        safe = {
            key: {"safe_update": True, "updated_stamp": version}
            for key, version in versions.items()
        }
        return safe, answers

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
        return failed(change, Unknown("zendesk", reason))
    error = result.get("error")
    if not error:
        return Answer(record_id=change.record_id)
    kind = _RESULTS.get(str(error)) or ERRORS.get(str(error), Rejected)
    sentence = str(result.get("details") or error).rstrip(".")
    return failed(change, kind("zendesk", sentence, code=error))
