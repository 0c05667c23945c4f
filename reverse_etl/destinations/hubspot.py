"""HubSpot: a hundred records in one call, each named by our change and told apart."""

from collections.abc import Mapping, Sequence
from typing import Any

from ingestion.errors import Rejected, Unknown
from ingestion.hubspot.api import VERSION, told
from ingestion.transport.rest import Rest
from reverse_etl.change import Change, canonical
from reverse_etl.described import Property
from reverse_etl.destinations import Answer, Caps, Held, Outgoing
from reverse_etl.destinations.wire import at, body_of, chunks, failed

# HubSpot takes no more than 100 records in one batch, of reading or writing.
_BATCH = 100
# HubSpot shows the history of no more than 50 records at once; believed, unverified.
_HISTORIES = 50
# The path of each object, and the property that HubSpot keeps unique among its records.
_PATHS = {"company": "companies", "contact": "contacts", "deal": "deals"}
_KEYS = {"company": "account_number", "contact": "email", "deal": "deal_number"}
# HubSpot's knowledge base, "property field types": a text has no more characters.
_LONGEST = 65_536
# An input that names itself so fails alone; without it one bad value fails the batch.
_TRACE = "objectWriteTraceId"


class HubSpot:
    """Updates of companies, contacts and deals; new ones under a unique property."""

    system = "hubspot"
    # HubSpot has no versions: nothing but a look before keeps an edit.
    caps = Caps(_BATCH, _BATCH, creates=dict.fromkeys(_PATHS, "upsert"))

    def __init__(self, rest: Rest) -> None:
        """Speak through this client."""
        self._rest = rest

    def describe(self, object_name: str) -> Mapping[str, Property]:
        """Return an object's properties; archived ones are not among them."""
        response = self._rest.get(f"/crm/properties/{VERSION}/{_PATHS[object_name]}")
        return {
            each["name"]: Property(
                max_length=_LONGEST if each["type"] == "string" else None,
                options=_choices(each),
                writable=not each["modificationMetadata"]["readOnlyValue"],
            )
            for each in self._rest.parsed(response)["results"]
        }

    def read(self, changes: Sequence[Change]) -> Mapping[str, Held]:
        """Read the records by id, new ones by our key; archived ones are left out.

        A record that was merged away is shown as the one that took it in, under that
        one's id: it is left out too, and planned again.
        """
        first = changes[0]
        by = None if first.action == "update" else _KEYS[first.object]
        names = sorted({name for change in changes for name in change.values})
        asked: dict[str, Any] = {
            "properties": [*names, by] if by else names,
            "inputs": [{"id": _key(change)} for change in changes],
        }
        if by:
            asked["idProperty"] = by
        response = self._rest.read_post(_path(first, "read"), json=asked)
        found = {
            (at(row, f"properties.{by}") if by else row["id"]): row
            for row in self._rest.parsed(response)["results"]
        }
        return {
            change.change_id: Held(
                row["id"],
                {name: at(row, f"properties.{name}") for name in change.values},
                row.get("updatedAt"),
            )
            for change in changes
            if (row := found.get(_key(change)))
        }

    def replaced(
        self, changes: Sequence[Change]
    ) -> Mapping[str, Mapping[str, str | None]]:
        """Return what our values replaced, as HubSpot's history tells.

        A value that the plan did not see is an edit that was overwritten: it came after
        our last look, which HubSpot cannot keep a write from.
        """
        first = changes[0]
        names = sorted({name for change in changes for name in change.values})
        found: dict[str, Mapping[str, Any]] = {}
        for some in chunks(changes, _HISTORIES):
            asked = {
                "properties": names,
                "propertiesWithHistory": names,
                "inputs": [{"id": str(change.record_id)} for change in some],
            }
            response = self._rest.read_post(_path(first, "read"), json=asked)
            rows = self._rest.parsed(response)["results"]
            found |= {row["id"]: row["propertiesWithHistory"] for row in rows}
        return {
            change.change_id: {
                name: canonical(versions[1]["value"])
                for name in change.values
                if len(versions := found[str(change.record_id)].get(name, [])) > 1
                and canonical(versions[0]["value"]) == change.values[name]
            }
            for change in changes
            if str(change.record_id) in found
        }

    def send(self, batch: Sequence[Outgoing]) -> Sequence[Answer]:
        """Update the records, or upsert them by our key; each has its own answer."""
        first = batch[0].change
        is_update = first.action == "update"
        inputs = []
        for outgoing in batch:
            change = outgoing.change
            values = {name: value or "" for name, value in change.values.items()}
            given = {"id": _key(change), "properties": values}
            given[_TRACE] = change.change_id
            if not is_update:
                given["idProperty"] = _KEYS[change.object]
            inputs.append(given)
        response = self._rest.write(
            "POST",
            _path(first, "update" if is_update else "upsert"),
            json={"inputs": inputs},
        )
        body = body_of(self._rest, response, dict)
        answers = {
            row[_TRACE]: Answer(record_id=row["id"]) for row in body.get("results", [])
        }
        for error in body.get("errors", []):
            for change_id in (error.get("context") or {}).get(_TRACE, []):
                answers[change_id] = Answer(fault=told(error, Rejected))
        return [_answer(outgoing.change, answers) for outgoing in batch]


def _choices(described: Mapping[str, Any]) -> frozenset[str] | None:
    """Return what can be chosen; None where it is no choice, or one of several."""
    if described["type"] != "enumeration" or described["fieldType"] == "checkbox":
        return None
    if described.get("externalOptions"):
        return None  # such as owners, who are kept elsewhere
    return frozenset(each["value"] for each in described["options"])


def _answer(change: Change, answers: Mapping[str, Answer]) -> Answer:
    answer = answers.get(change.change_id)
    if answer is None:
        return failed(change, Unknown("hubspot", "the batch does not tell of it"))
    return failed(change, answer.fault) if answer.fault else answer


def _key(change: Change) -> str:
    """Return what a batch calls the record; HubSpot keeps addresses in lower case."""
    if change.action == "update":
        return str(change.record_id)
    key = str(change.external_key)
    return key.lower() if _KEYS[change.object] == "email" else key


def _path(change: Change, action: str) -> str:
    return f"/crm/objects/{VERSION}/{_PATHS[change.object]}/batch/{action}"
