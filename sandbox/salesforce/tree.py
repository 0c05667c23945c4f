"""Tree: records and their children in one call, all of them or none."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sandbox.salesforce.calls import Call, Reply
from sandbox.salesforce.errors import Refused
from sandbox.salesforce.field import Field, SObject
from sandbox.salesforce.org import Org
from sandbox.salesforce.writer import Manner, Writer, manner
from sandbox.store import Document

MAX_RECORDS = 200
MAX_DEPTH = 5


class _Broken(Exception):  # noqa: N818 -- it carries results, not a defect
    """A record failed, so none is kept."""


@dataclass(slots=True)
class _Growth:
    """A tree as it grows: what was made, what failed."""

    how: Manner
    made: list[Document] = field(default_factory=list)
    failed: list[Document] = field(default_factory=list)

    def check(self) -> None:
        """Give the tree up if any of its records failed."""
        if self.failed:
            raise _Broken


class Tree:
    """`/composite/tree/{object}`."""

    def __init__(self, org: Org, writer: Writer) -> None:
        """Write through the writer."""
        self.org = org
        self.writer = writer

    def create(self, call: Call, name: str) -> Reply:
        """Add up to 200 records with their children."""
        sobject = self.org.object(name)
        records = _records(call.json())
        if _count(records) > MAX_RECORDS:
            sentence = f"Cannot create more than {MAX_RECORDS} records in one tree"
            raise Refused("INVALID_INPUT", sentence)
        growth = _Growth(manner(call.request_id, call.headers))
        try:
            with self.org.store.transaction():
                for record in records:
                    self._add(growth, sobject, record, {})
                growth.check()
        except _Broken:
            return Reply(400, {"hasErrors": True, "results": growth.failed})
        return Reply(201, {"hasErrors": False, "results": growth.made})

    def _add(
        self,
        growth: _Growth,
        sobject: SObject,
        record: Any,
        parent: Mapping[str, str],
        depth: int = 1,
    ) -> None:
        reference = None
        try:
            reference = self._reference(sobject, record, depth)
            children = self._children(sobject, record)
            inside = {key for key, _, _ in children}
            fields = {key: each for key, each in record.items() if key not in inside}
            record_id = self.writer.create(sobject, {**fields, **parent}, growth.how)
        except Refused as refused:
            growth.failed.append(
                {"referenceId": reference, "errors": [refused.entry()]}
            )
            return
        growth.made.append({"referenceId": reference, "id": record_id})
        for key, below, pointer in children:
            for child in _records(record[key]):
                held = {pointer.name: record_id}
                self._add(growth, below, child, held, depth + 1)

    def _reference(self, sobject: SObject, record: Any, depth: int) -> str:
        named = self.org.object_of(record)
        reference = record["attributes"].get("referenceId")
        if named.name != sobject.name:
            sentence = f"The record's type {named.name} is not {sobject.name}"
            raise Refused("INVALID_INPUT", sentence)
        if not isinstance(reference, str):
            raise Refused("INVALID_INPUT", "The referenceId is missing")
        if depth > MAX_DEPTH:
            raise Refused("INVALID_INPUT", f"A tree has {MAX_DEPTH} levels at most")
        return reference

    def _children(
        self, sobject: SObject, record: Document
    ) -> list[tuple[str, SObject, Field]]:
        return [
            (key, below, pointer)
            for key, value in record.items()
            if isinstance(value, dict) and isinstance(value.get("records"), list)
            for below in self.org.objects.values()
            for pointer in below.fields.values()
            if pointer.refers_to == sobject.name
            and pointer.children.lower() == key.lower()
        ]


def _records(body: Document) -> list[Any]:
    records = body.get("records")
    if not isinstance(records, list):
        raise Refused("JSON_PARSER_ERROR", "records must be a list")
    return records


def _count(records: list[Any]) -> int:
    total, waiting = 0, [records]
    while waiting:
        batch = waiting.pop()
        total += len(batch)
        waiting.extend(
            value["records"]
            for record in batch
            for value in (record.values() if isinstance(record, dict) else ())
            if isinstance(value, dict) and isinstance(value.get("records"), list)
        )
    return total
