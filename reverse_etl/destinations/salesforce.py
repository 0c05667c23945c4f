"""Salesforce: 25 records in one call, each under a condition, or 200 without any.

An account is written under its entity tag, which Salesforce compares in the transaction
that writes. Other objects have none: their time of change is compared, to the second.
Objects that only we write need no condition, and go 200 at once.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any
from urllib.parse import quote

import httpx

from ingestion.errors import Conflict, Rejected, SystemFault, Transient, Unknown
from ingestion.salesforce import DATA, ERRORS, classify
from ingestion.transport.rest import Rest
from reverse_etl.change import Change
from reverse_etl.described import Property
from reverse_etl.destinations import Answer, Caps, Held, Outgoing
from reverse_etl.destinations.wire import (
    about,
    at,
    body_of,
    chunks,
    failed,
    part_fault,
    unmoved,
)

# Salesforce takes no more than 200 records in one collection call, and no more than 25
# requests in a composite one, which counts as one call of the day's.
_COLLECTION = 200
_COMPOSITE = 25
# The one object whose records have entity tags.
_TAGGED = "Account"

Part = Mapping[str, Any]


class Salesforce:
    """Updates of any object's records by their id."""

    system = "salesforce"

    def __init__(self, rest: Rest, unconditional: Collection[str] = ()) -> None:
        """Speak through this client.

        Args:
            rest: The client.
            unconditional: The objects that nobody else writes.
        """
        self._rest = rest
        self._unconditional = frozenset(unconditional)
        self.caps = Caps(
            _COLLECTION,
            _COLLECTION,
            {_TAGGED: "atomic", **dict.fromkeys(unconditional, "emulated")},
            otherwise="weak",
        )

    def describe(self, object_name: str) -> Mapping[str, Property]:
        """Return an object's fields, without those that our user may not see."""
        response = self._rest.get(f"{DATA}/sobjects/{quote(object_name)}/describe")
        return {
            field["name"]: Property(
                max_length=field["length"] or None,
                options=_choices(field) if field["restrictedPicklist"] else None,
                writable=field["updateable"] or field["createable"],
            )
            for field in self._rest.parsed(response)["fields"]
        }

    def read(self, changes: Sequence[Change]) -> Mapping[str, Held]:
        """Select the touched fields of the records; deleted ones are left out."""
        fields = sorted({name for change in changes for name in change.values})
        ids = ", ".join(f"'{_quoted(str(change.record_id))}'" for change in changes)
        with about(*changes):
            response = self._rest.get(
                f"{DATA}/query",
                params={
                    "q": f"SELECT Id, SystemModstamp, {', '.join(fields)}"
                    f" FROM {changes[0].object} WHERE Id IN ({ids})"
                },
            )
        # 200 records never fill a page of 2,000: there is no next one.
        records = {row["Id"]: row for row in self._rest.parsed(response)["records"]}
        return {
            change.change_id: _held(change, record, record["SystemModstamp"])
            for change in changes
            if (record := records.get(change.record_id))
        }

    def send(self, batch: Sequence[Outgoing]) -> Sequence[Answer]:
        """Patch the records; each stands alone, and has its own answer."""
        name = batch[0].change.object
        if name in self._unconditional:
            return self._collected([outgoing.change for outgoing in batch])
        answers: list[Answer] = []
        for some in chunks(batch, _COMPOSITE):
            try:
                answers += self._conditional(some)
            except SystemFault as fault:
                if not answers:
                    raise
                return _broken_off(batch, answers, len(some), fault)
        return answers

    def _conditional(self, batch: Sequence[Outgoing]) -> list[Answer]:
        """Patch up to 25 records in one call, each under its own condition."""
        conditions, answers = self._looked_at(batch)
        patches = {
            outgoing.change.change_id: {
                "method": "PATCH",
                "url": _url(outgoing.change),
                "httpHeaders": conditions[outgoing.change.change_id],
                "body": outgoing.change.values,
            }
            for outgoing in batch
            if outgoing.change.change_id in conditions
        }
        if patches:
            response = self._rest.write(
                "POST", f"{DATA}/composite", json=_composite(patches)
            )
            parts = _parts(patches, body_of(self._rest, response, dict))
        for change in (outgoing.change for outgoing in batch):
            if change.change_id in patches:
                answers[change.change_id] = _patched(change, parts)
        return [answers[outgoing.change.change_id] for outgoing in batch]

    def _looked_at(
        self, batch: Sequence[Outgoing]
    ) -> tuple[dict[str, dict[str, str]], dict[str, Answer]]:
        """Return each record's condition, and the answers of those that moved."""
        changes = [outgoing.change for outgoing in batch]
        faults: Mapping[str, SystemFault] = {}
        if is_tagged := changes[0].object == _TAGGED:
            held, faults = self._tagged(changes)
        elif all(outgoing.version for outgoing in batch):
            return {
                outgoing.change.change_id: _since(str(outgoing.version))
                for outgoing in batch
            }, {}
        else:
            held = self.read(changes)
        conditions, answers = {}, {}
        for change in changes:
            key = change.change_id
            try:
                if key in faults:
                    raise faults[key]
                version = str(unmoved(change, held.get(key)).version)
            except SystemFault as fault:
                answers[key] = failed(change, fault)
            else:
                conditions[key] = (
                    {"If-Match": version} if is_tagged else _since(version)
                )
        return conditions, answers

    def _tagged(
        self, changes: Sequence[Change]
    ) -> tuple[Mapping[str, Held], Mapping[str, SystemFault]]:
        """Read up to 25 records with their entity tags; deleted ones are left out."""
        looks = {
            change.change_id: {
                "method": "GET",
                "url": f"{_url(change)}?fields={','.join(sorted(change.values))}",
            }
            for change in changes
        }
        response = self._rest.read_post(f"{DATA}/composite", json=_composite(looks))
        parts = _parts(looks, self._rest.parsed(response))
        held, faults = {}, {}
        for change in changes:
            part = parts[change.change_id]
            status, body = part["httpStatusCode"], part["body"]
            if status == httpx.codes.OK:
                tag = part["httpHeaders"]["ETag"]
                held[change.change_id] = _held(change, body, tag)
            elif status != httpx.codes.NOT_FOUND:
                fault = part_fault(classify, status, body, wrote=False)
                faults[change.change_id] = fault
        return held, faults

    def _collected(self, changes: Sequence[Change]) -> list[Answer]:
        """Patch up to 200 records in one call, whatever they hold."""
        records = [
            {
                "attributes": {"type": change.object},
                "id": change.record_id,
                **change.values,
            }
            for change in changes
        ]
        response = self._rest.write(
            "PATCH",
            f"{DATA}/composite/sobjects",
            json={"allOrNone": False, "records": records},
        )
        results = body_of(self._rest, response, list)
        if len(results) != len(changes):
            raise Unknown(
                self.system,
                f"{len(changes)} records were sent and {len(results)} were answered",
            )
        return [
            _collected(change, result)
            for change, result in zip(changes, results, strict=True)
        ]


def _choices(field: Mapping[str, Any]) -> frozenset[str]:
    values = field["picklistValues"]
    return frozenset(each["value"] for each in values if each["active"])


def _held(change: Change, record: Mapping[str, Any], version: str) -> Held:
    fields = {name: at(record, name) for name in change.values}
    return Held(str(change.record_id), fields, version)


def _url(change: Change) -> str:
    return f"{DATA}/sobjects/{change.object}/{quote(str(change.record_id), safe='')}"


def _since(stamp: str) -> dict[str, str]:
    """Return the condition that a record is that old; dates of HTTP are in GMT."""
    at_utc = datetime.fromisoformat(stamp).astimezone(UTC)
    return {"If-Unmodified-Since": format_datetime(at_utc, usegmt=True)}


def _composite(requests: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Return the body of a call whose parts each stand alone."""
    parts = [
        {"referenceId": f"part{place}", **request}
        for place, request in enumerate(requests.values())
    ]
    return {"allOrNone": False, "compositeRequest": parts}


def _parts(requests: Mapping[str, Any], answer: Mapping[str, Any]) -> dict[str, Part]:
    """Return the answers to the parts, by what was asked for."""
    by_name = {each["referenceId"]: each for each in answer["compositeResponse"]}
    return {
        key: by_name[f"part{place}"]
        for place, key in enumerate(requests)
        if f"part{place}" in by_name
    }


def _patched(change: Change, parts: Mapping[str, Part]) -> Answer:
    part = parts.get(change.change_id)
    if part is None:
        return failed(change, Unknown("salesforce", "the call does not tell of it"))
    status = part["httpStatusCode"]
    if httpx.codes.is_success(status):
        return Answer(record_id=change.record_id)
    return failed(change, part_fault(classify, status, part["body"]))


def _broken_off(
    batch: Sequence[Outgoing], answers: list[Answer], size: int, fault: SystemFault
) -> list[Answer]:
    """Return the answers of a batch of which a later call failed.

    What was refused for one record's sake is tried again, first of its batch; what
    comes after was not sent.
    """
    unsent = Transient("salesforce", f"an earlier call failed: {fault.reason}")
    kept = unsent if isinstance(fault, Rejected | Conflict) else fault
    done = len(answers)
    for place, outgoing in enumerate(batch[done:]):
        told = replace(kept if place < size else unsent)
        answers.append(failed(outgoing.change, told))
    return answers


def _collected(change: Change, result: Mapping[str, Any]) -> Answer:
    if result.get("success"):
        return Answer(record_id=change.record_id)
    error = next(iter(result.get("errors") or [{}]))
    code = error.get("statusCode")
    fault: SystemFault = ERRORS.get(str(code), Rejected)(
        "salesforce",
        str(error.get("message") or code or "no reason was given").rstrip("."),
        field=next(iter(error.get("fields") or []), None),
        code=code,
    )
    return failed(change, fault)


def _quoted(value: str) -> str:
    return value.replace("\\", "\\\\").replace("'", "\\'")
