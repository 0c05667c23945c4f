"""Destination of a declared vendor: one record in one call, read by its id."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

import httpx

from ingestion.errors import Rejected
from ingestion.transport.rest import Rest
from reverse_etl.change import Change
from reverse_etl.destinations import Answer, Caps, Held, Outgoing
from reverse_etl.destinations.declared.writer import Call, Writer, WrittenObject
from reverse_etl.destinations.wire import about, at, body_of, nested


class Declared:
    """Updates of the declared objects, and new ones under our key."""

    def __init__(self, rest: Rest, writer: Writer) -> None:
        """Speak through this client as the writer says."""
        self._rest = rest
        self._writer = writer
        self.system = writer.vendor
        self.caps = Caps(
            read_size=1,
            write_size=1,
            creates={
                name: each.sent_twice
                for name, each in writer.objects.items()
                if each.create
            },
        )

    def read(self, changes: Sequence[Change]) -> Mapping[str, Held]:
        """Read the record by its id, or by our key."""
        (change,) = changes
        wanted = self._writer.objects[change.object]
        try:
            response = self._rest.get(_path(wanted.read, change))
        except Rejected as fault:
            if fault.status == httpx.codes.NOT_FOUND:
                return {}
            raise
        record = _record(self._rest.parsed(response), wanted)
        fields = {name: at(record, name) for name in change.values}
        version = at(record, wanted.version) if wanted.version else None
        return {change.change_id: Held(record[self._writer.id], fields, version)}

    def send(self, batch: Sequence[Outgoing]) -> Sequence[Answer]:
        """Send the fields that change, and our key with a new record."""
        (change,) = [outgoing.change for outgoing in batch]
        wanted = self._writer.objects[change.object]
        values, call = change.values, wanted.update
        if change.action == "create":
            if wanted.create is None:
                raise Rejected(self.system, f"no {change.object} is made there")
            values, call = {wanted.key: change.external_key, **values}, wanted.create
        with about(change):
            response = self._rest.write(
                call.method, _path(call, change), json=nested(values)
            )
            record = _record(body_of(self._rest, response, dict), wanted)
        return [Answer(record_id=str(record[self._writer.id]))]


def _record(answer: Any, wanted: WrittenObject) -> Mapping[str, Any]:
    record: Mapping[str, Any] = answer[wanted.data] if wanted.data else answer
    return record


def _path(call: Call, change: Change) -> str:
    name = quote(str(change.record_id or change.external_key), safe="")
    return call.path.replace("{id}", name)
