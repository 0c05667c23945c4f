"""Salesforce: sObject Collections write 200 records at once, SOQL reads them back."""

from collections.abc import Mapping, Sequence
from typing import Any

from ingestion.errors import Rejected, SystemFault, Unknown
from ingestion.salesforce import DATA, ERRORS
from ingestion.transport.rest import Rest
from reverse_etl.change import Change
from reverse_etl.destinations import Answer, Caps, Held, Outgoing
from reverse_etl.destinations.wire import at, body_of

# Salesforce takes no more than 200 records in one collection call.
_COLLECTION = 200


class Salesforce:
    """Updates of any object's records by their id."""

    system = "salesforce"
    caps = Caps(read_size=_COLLECTION, write_size=_COLLECTION)

    def __init__(self, rest: Rest) -> None:
        """Speak through this client."""
        self._rest = rest

    def read(self, changes: Sequence[Change]) -> Mapping[str, Held]:
        """Select the touched fields of the records; deleted ones are left out."""
        fields = sorted({name for change in changes for name in change.values})
        ids = ", ".join(f"'{_quoted(str(change.record_id))}'" for change in changes)
        response = self._rest.get(
            f"{DATA}/query",
            params={
                "q": f"SELECT Id, {', '.join(fields)} FROM {changes[0].object}"
                f" WHERE Id IN ({ids})"
            },
        )
        # 200 records never fill a page of 2,000: there is no next one.
        records = {row["Id"]: row for row in self._rest.parsed(response)["records"]}
        return {
            change.change_id: Held(
                record_id=str(change.record_id),
                fields={name: at(records[change.record_id], name) for name in fields},
            )
            for change in changes
            if change.record_id in records
        }

    def send(self, batch: Sequence[Outgoing]) -> Sequence[Answer]:
        """Patch the records; each stands alone, and has its own answer."""
        records = [
            {
                "attributes": {"type": outgoing.change.object},
                "id": outgoing.change.record_id,
                **outgoing.change.values,
            }
            for outgoing in batch
        ]
        response = self._rest.write(
            "PATCH",
            f"{DATA}/composite/sobjects",
            json={"allOrNone": False, "records": records},
        )
        results = body_of(self._rest, response, list)
        if len(results) != len(batch):
            raise Unknown(
                self.system,
                f"{len(batch)} records were sent and {len(results)} were answered",
            )
        return [
            _answer(outgoing.change, result)
            for outgoing, result in zip(batch, results, strict=True)
        ]


def _answer(change: Change, result: Mapping[str, Any]) -> Answer:
    if result.get("success"):
        return Answer(record_id=change.record_id)
    error = next(iter(result.get("errors") or [{}]))
    code = error.get("statusCode")
    fault: SystemFault = ERRORS.get(str(code), Rejected)(
        "salesforce",
        str(error.get("message") or code or "no reason was given").rstrip("."),
        object=change.object,
        record_id=change.record_id,
        field=next(iter(error.get("fields") or []), None),
        code=code,
    )
    return Answer(fault=fault)


def _quoted(value: str) -> str:
    return value.replace("\\", "\\\\").replace("'", "\\'")
