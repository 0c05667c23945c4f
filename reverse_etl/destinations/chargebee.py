"""Chargebee: one customer in one call, as a form; a hundred read together."""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any
from urllib.parse import quote

from ingestion.transport.rest import Rest
from reverse_etl.change import Change
from reverse_etl.destinations import Answer, Caps, Held, Outgoing
from reverse_etl.destinations.wire import about, at, body_of

_PATHS = {"customer": "/api/v2/customers"}
# Chargebee lists no more than 100 records at once.
_PAGE = 100
# apidocs.chargebee.com, idempotency: a key is known for 30 minutes.
_KEY_LIFETIME = timedelta(minutes=30)
# A look and the write after it are never so far apart.
_LOOK_SECONDS = 600
_EVENT_PAGES = 50


class Chargebee:
    """Updates of customers, and new ones under our key."""

    system = "chargebee"
    # `resource_version` is told and cannot be demanded: nothing but a look before keeps
    # an edit. A new customer's id is our key, which Chargebee takes once.
    caps = Caps(_PAGE, 1, creates={"customer": "search"}, key_lifetime=_KEY_LIFETIME)

    def __init__(self, rest: Rest) -> None:
        """Speak through this client."""
        self._rest = rest

    def read(self, changes: Sequence[Change]) -> Mapping[str, Held]:
        """List the records of these ids; deleted ones are left out."""
        name = changes[0].object
        ids = [_id(change) for change in changes]
        response = self._rest.get(
            _PATHS[name], params={"limit": _PAGE, "id[in]": json.dumps(ids)}
        )
        listed = self._rest.parsed(response)["list"]
        records = {each[name]["id"]: each[name] for each in listed}
        return {
            change.change_id: Held(
                _id(change),
                {field: at(record, field) for field in change.values},
                at(record, "resource_version"),
            )
            for change in changes
            if (record := records.get(_id(change)))
        }

    def replaced(
        self, changes: Sequence[Change]
    ) -> Mapping[str, Mapping[str, str | None]]:
        """Return what our values replaced, as the customers' events before ours tell.

        Each event shows the customer as the change left it; where none came shortly
        before ours, nobody was there.
        """
        name = changes[0].object
        wanted = {_id(change): change for change in changes}
        ours: dict[str, int] = {}  # by record, when our own change came
        found: dict[str, Mapping[str, str | None]] = {}
        for event in self._changed(name):
            at_second = int(event["occurred_at"])
            if len(ours) == len(wanted) and at_second < (
                min(ours.values()) - _LOOK_SECONDS
            ):
                break
            record = event["content"][name]
            change = wanted.get(record["id"])
            if change is None or change.change_id in found:
                continue
            values = {field: at(record, field) for field in change.values}
            if values == change.values:
                ours[record["id"]] = at_second
            elif record["id"] in ours:
                found[change.change_id] = values
        return found

    def _changed(self, name: str) -> Iterator[Mapping[str, Any]]:
        """Yield the last events of changed records, newest first."""
        params: dict[str, Any] = {
            "limit": _PAGE,
            "event_type[is]": f"{name}_changed",
            "sort_by[desc]": "occurred_at",
        }
        for _ in range(_EVENT_PAGES):
            page = self._rest.parsed(self._rest.get("/api/v2/events", params=params))
            yield from (entry["event"] for entry in page["list"])
            if "next_offset" not in page:
                return
            params["offset"] = page["next_offset"]

    def send(self, batch: Sequence[Outgoing]) -> Sequence[Answer]:
        """Post the form, under a key by which Chargebee recognises a repeat."""
        (outgoing,) = batch
        change = outgoing.change
        form = {name: value or "" for name, value in change.values.items()}
        path = _PATHS[change.object]
        if change.action == "update":
            path = f"{path}/{quote(_id(change), safe='')}"
        else:
            form["id"] = _id(change)
        with about(change):
            response = self._rest.write(
                "POST",
                path,
                form=form,
                headers={"chargebee-idempotency-key": outgoing.idempotency_key},
            )
            body = body_of(self._rest, response, dict)
        return [Answer(record_id=body[change.object]["id"])]


def _id(change: Change) -> str:
    return str(change.record_id or change.external_key)
