"""Tryton: parties under its own optimistic lock, invoices under our reference.

A write carries the stamps of the records that it changes, as they were when their
values were looked at. Tryton compares them in the transaction that writes, so that a
colleague's edit is never overwritten, however close it comes.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ingestion.errors import Conflict, SystemFault
from ingestion.readings import Document
from ingestion.transport.rest import Rest
from ingestion.tryton import PARTY, PARTY_FIELDS, email_mechanism, lock
from ingestion.tryton_rpc import search_read, tell
from reverse_etl.change import Change, canonical
from reverse_etl.destinations import GONE, Answer, Caps, Held, Outgoing
from reverse_etl.destinations.tryton_invoices import Invoices


class Tryton:
    """Updates of parties, and new customer invoices."""

    system = "tryton"
    # Every record is a transaction of its own, or one conflict would take the others
    # with it; twenty of them share the reading before.
    caps = Caps(
        read_size=100,
        write_size=20,
        conditions={"party": "atomic"},
        creates={"invoice": "search"},
    )

    def __init__(self, rest: Rest) -> None:
        """Speak through this client."""
        self._rest = rest
        self._invoices = Invoices(rest)

    def read(self, changes: Sequence[Change]) -> Mapping[str, Held]:
        """Read parties by id, invoices by our reference."""
        if changes[0].action == "create":
            return self._invoices.read(changes)
        parties = self._parties(changes)
        return {
            change.change_id: Held(
                str(change.record_id),
                {name: _value(party, name) for name in change.values},
            )
            for change in changes
            if (party := parties.get(str(change.record_id)))
        }

    def send(self, batch: Sequence[Outgoing]) -> Sequence[Answer]:
        """Write each party under its lock, or enter each invoice."""
        changes = [outgoing.change for outgoing in batch]
        if changes[0].action == "create":
            enter = self._invoices.entering(changes)
            return [_answer(enter, change) for change in changes]
        parties = self._parties(changes)

        def write(change: Change) -> str:
            return self._write(change, parties.get(str(change.record_id)))

        return [_answer(write, change) for change in changes]

    def _parties(self, changes: Sequence[Change]) -> dict[str, Document]:
        ids = [int(str(change.record_id)) for change in changes]
        found = search_read(
            self._rest, PARTY, [["id", "in", ids]], PARTY_FIELDS, len(ids)
        )
        return {str(party["id"]): party for party in found}

    def _write(self, change: Change, party: Document | None) -> str:
        """Write what is still as planned, under the stamps of that very look.

        Raises:
            Conflict: a colleague was there between the plan and this look, or between
                this look and the write.
        """
        record_id = str(change.record_id)
        if party is None:
            raise Conflict(self.system, GONE, object=PARTY, record_id=record_id)
        for field in change.fields:
            there = _value(party, field.field)
            if there not in (field.theirs, field.ours):
                raise Conflict(
                    self.system,
                    f"{field.field} holds {there!r} and no longer {field.theirs!r}",
                    object=PARTY,
                    record_id=record_id,
                    field=field.field,
                )
        values = _values(party, change.values)
        stamps = lock(party)
        tell(self._rest, PARTY, "write", [int(record_id)], values, _timestamp=stamps)
        return record_id


def _answer(send: Callable[[Change], str], change: Change) -> Answer:
    """Send one change; its fault is its own."""
    try:
        return Answer(record_id=send(change))
    except SystemFault as fault:
        return Answer(fault=fault)


def _value(party: Document, name: str) -> str | None:
    """Return a field of a party as canonical text."""
    if name == "email":
        mechanism = email_mechanism(party)
        return canonical(mechanism["value"]) if mechanism else None
    return canonical(party[name])


def _values(party: Document, values: Mapping[str, str | None]) -> dict[str, Any]:
    """Return what to write into a party; its e-mail address is a record below it."""
    written: dict[str, Any] = {
        name: value for name, value in values.items() if name != "email"
    }
    if "email" in values:
        written["contact_mechanisms"] = [_email(party, values["email"])]
    return written


def _email(party: Document, address: str | None) -> list[Any]:
    mechanism = email_mechanism(party)
    if mechanism is None:
        return ["create", [{"type": "email", "value": address}]]
    if address is None:
        return ["delete", [mechanism["id"]]]
    return ["write", [mechanism["id"]], {"value": address}]
