"""NetSuite: records by the REST record API, up to a hundred in one job, and SuiteQL."""

import hashlib
import re
import time
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any
from urllib.parse import quote

from ingestion.errors import Rejected, SystemFault, Unknown
from ingestion.netsuite import query
from ingestion.transport.rest import Rest
from reverse_etl.change import Change
from reverse_etl.described import Property
from reverse_etl.destinations import Answer, Caps, Held, Outgoing
from reverse_etl.destinations.netsuite_jobs import Document, Jobs, record_at
from reverse_etl.destinations.netsuite_journals import (
    JOURNAL,
    LINES,
    OF_LINES,
    body_of,
    next_step,
    shown_by_lines,
)
from reverse_etl.destinations.wire import about, at, failed, json_number, nested
from reverse_etl.money import major, minor

_RECORD = "/services/rest/record/v1"
_SCHEMA = "application/schema+json"
# What an invoice is made of, where that is not the field itself.
_MADE_OF = {"total": "item"}
# NetSuite takes up to 100 records in a job, and up to 1,000 values in a query's list.
_MANY = 100
# NetSuite cannot address an external id with other characters.
_EXTERNAL_ID = re.compile(r"[A-Za-z0-9_-]+")

_TABLES = {
    "customer": "FROM customer",
    "invoice": "FROM transaction WHERE type = 'CustInvc' AND",
    JOURNAL: "FROM transaction WHERE type = 'Journal' AND",
}
# How SuiteQL shows a field of the record API, where lower case is not enough.
_COLUMNS = {
    "tranDate": "TO_CHAR(trandate, 'YYYY-MM-DD')",
    "dueDate": "TO_CHAR(duedate, 'YYYY-MM-DD')",
    "currency": "BUILTIN.DF(currency)",
    "total": "foreigntotal",
}


class NetSuite:
    """Updates of customers, new invoices, and new journals that nobody approved yet."""

    system = "netsuite"
    # NetSuite has no versions: nothing but a look before keeps an edit.
    caps = Caps(_MANY, _MANY, creates={"invoice": "upsert", JOURNAL: "upsert"})

    def __init__(
        self,
        rest: Rest,
        invoice_item: str | None = None,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        """Speak through this client.

        Args:
            rest: The client.
            invoice_item: Internal id of the item on the line of a created invoice;
                NetSuite may demand one.
            pause: Waits between looks at a job.
        """
        self._rest = rest
        self._invoice_item = invoice_item
        self._jobs = Jobs(rest, pause)

    def describe(self, object_name: str) -> Mapping[str, Property]:
        """Return a record's fields as the account's metadata has them.

        A total cannot be written: it is what the lines of an invoice add up to.
        """
        response = self._rest.get(
            f"{_RECORD}/metadata-catalog/{quote(object_name)}",
            headers={"Accept": _SCHEMA},
        )
        fields = self._rest.parsed(response)["properties"]
        return {
            name: Property(
                max_length=field.get("maxLength"),
                options=frozenset(field["enum"]) if "enum" in field else None,
                writable=_MADE_OF.get(name) in fields or not field.get("readOnly"),
            )
            for name, field in fields.items()
        }

    def read(self, changes: Sequence[Change]) -> Mapping[str, Held]:
        """Select the touched fields, by id or by our external id."""
        first = changes[0]
        fields = sorted({name for change in changes for name in change.values})
        if first.action == "update":
            named = {str(change.record_id): change for change in changes}
            ids = ", ".join(sorted(name for name in named if name.isdecimal()))
            condition, key = f"id IN ({ids or 0})", "id"
        else:
            named = {str(change.external_key): change for change in changes}
            keys = ", ".join(
                f"'{name}'" for name in sorted(named) if _addressable(name)
            )
            condition, key = f"externalid IN ({keys or repr('')})", "externalid"
        table = _TABLES[first.object]
        is_journal = first.object == JOURNAL
        columns = [
            f"{_COLUMNS.get(name, name)} AS {name.lower()}"
            for name in fields
            if not (is_journal and name in OF_LINES)
        ]
        with about(*changes):
            rows = query(
                self._rest,
                f"SELECT id, {key} AS our_key, {', '.join(columns)} {table}"
                f" {'' if table.endswith('AND') else 'WHERE'} {condition}",
            )["items"]
            if is_journal:
                rows = [
                    row | shown_by_lines(self._rest, row["id"], row["currency"])
                    for row in rows
                ]
        return {
            named[row["our_key"]].change_id: Held(
                record_id=row["id"],
                fields={name: _value(row, name) for name in fields},
            )
            for row in rows
        }

    def send(self, batch: Sequence[Outgoing]) -> Sequence[Answer]:
        """Patch the records or put the invoices: one at once, several as a job."""
        documents: list[Document] = []
        answers: dict[int, Answer] = {}
        for place, outgoing in enumerate(batch):
            change = outgoing.change
            try:
                documents.append(self._document(change))
            except Rejected as fault:
                answers[place] = failed(change, fault)
        changes = [
            outgoing.change
            for place, outgoing in enumerate(batch)
            if place not in answers
        ]
        if changes and changes[0].object == JOURNAL:
            told = [
                self._journal(*each) for each in zip(changes, documents, strict=True)
            ]
        elif len(changes) == 1:
            told = [self._sent(changes[0], documents[0])]
        elif changes:
            keys = [outgoing.idempotency_key for outgoing in batch]
            told = self._queued(changes, documents, keys)
        else:
            told = []
        sent = iter(told)
        return [answers.get(place) or next(sent) for place in range(len(batch))]

    def _document(self, change: Change) -> Document:
        """Return what a record is to hold, with the id by which a job knows it.

        Raises:
            Rejected: our key cannot be an external id, or an amount no number of JSON.
        """
        if change.action == "update":
            return {"id": str(change.record_id), **nested(change.values)}
        key = str(change.external_key)
        if not _addressable(key):
            raise Rejected(
                self.system,
                f"{key!r} cannot be an external id: letters, digits, _ and - can",
            )
        made = body_of if change.object == JOURNAL else self._invoice
        return {"externalId": key, **made(change)}

    def _sent(self, change: Change, document: Document) -> Answer:
        """Write one record at once."""
        body = {key: value for key, value in document.items() if key != "id"}
        path = f"{_RECORD}/{change.object}"
        with about(change):
            if change.action == "update":
                place = f"{path}/{quote(str(change.record_id), safe='')}"
                self._rest.write("PATCH", place, json=body)
                return Answer(record_id=change.record_id)
            key = body.pop("externalId")
            # Lines without a key of theirs would be added to those that are there.
            replaced = {"replace": LINES} if change.object == JOURNAL else {}
            response = self._rest.write(
                "PUT", f"{path}/eid:{key}", json=body, params=replaced
            )
            return Answer(record_id=record_at(response))

    def _journal(self, change: Change, document: Document) -> Answer:
        """Put one journal: each is a document of its own, and few are made a month."""
        try:
            return self._sent(change, document)
        except SystemFault as fault:
            fault.next_step = fault.next_step or next_step(fault)
            return Answer(fault=fault)

    def _queued(
        self,
        changes: Sequence[Change],
        documents: Sequence[Document],
        keys: Sequence[str],
    ) -> list[Answer]:
        """Let a job write the records, and read what became of each.

        The records are read, one call for all: only of those that do not hold our
        values the job is asked why, which takes a call for each.
        """
        first = changes[0]
        job = self._jobs.submit(
            "PATCH" if first.action == "update" else "PUT",
            f"{_RECORD}/{first.object}",
            documents,
            hashlib.sha256("\n".join(keys).encode()).hexdigest(),
        )
        try:
            held = self.read(changes)
        except SystemFault as fault:
            # The job was accepted: that we may not look says nothing about it.
            raise Unknown(
                self.system, f"job {job} cannot be followed: {fault.reason}"
            ) from fault
        answers = []
        for place, change in enumerate(changes, 1):
            there = held.get(change.change_id)
            is_there = there is not None and all(
                there.fields[name] == value for name, value in change.values.items()
            )
            if is_there and there is not None:
                answers.append(Answer(record_id=there.record_id))
            else:
                answers.append(self._jobs.result(job, place, change))
        return answers

    def _invoice(self, change: Change) -> dict[str, Any]:
        """Return the invoice as one line of its total."""
        values = {name: value for name, value in change.values.items() if value}
        body: dict[str, Any] = dict(values)
        currency, total = values["currency"], values["total"]
        line: dict[str, Any] = {
            "amount": json_number(self.system, major(int(total), currency))
        }
        if self._invoice_item:
            line["item"] = {"id": self._invoice_item}
        del body["total"]
        return {
            **body,
            "entity": {"id": values["entity"]},
            "currency": {"refName": currency},
            "item": {"items": [line]},
        }


def _value(row: Mapping[str, Any], name: str) -> str | None:
    value = at(row, name.lower())
    if name == "total" and value:
        return str(minor(Decimal(value), row["currency"]))
    return value


def _addressable(key: str) -> bool:
    return _EXTERNAL_ID.fullmatch(key) is not None
