"""Records: one record of the record API is read, written or deleted.

Names on the wire are those of the record API (`companyName`); the store holds the
columns that SuiteQL shows (`companyname`).
"""

import re
from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from sandbox.instants import with_a_blank
from sandbox.netsuite import books
from sandbox.netsuite.fields import missing, shown, taken, unknown
from sandbox.netsuite.lines import Lines
from sandbox.netsuite.postings import Postings
from sandbox.netsuite.record_types import RECORD_TYPES, RecordType, Sublist
from sandbox.netsuite.shapes import REST, error, refuse
from sandbox.netsuite.wanted import Call, names_in
from sandbox.store import Document, Store, column
from sandbox.wire import Refusal, answer, made

# An external id with other characters can't be addressed (a `|` breaks it).
_EXTERNAL_ID = re.compile(r"[A-Za-z0-9_-]{1,255}")
CHANGED = "Error while accessing a resource. Record has been changed."
_TWICE = {
    "DUP_RCRD": "This record already exists.",
    "DUP_ENTITY": "This entity already exists.",
    "DUP_ITEM": (
        "Uniqueness error - there is already an item by that name or combination of"
        " name and parent."
    ),
}


def record_type(store: Store, name: str) -> RecordType:
    """Return a record type that the caller's role may see."""
    kind = RECORD_TYPES.get(name.lower())
    if kind is None:
        sentence = f"Record type '{name[:100]}' does not exist."
        raise Refusal(error(404, sentence, "INVALID_PARAMETER"))
    denied = [str(each).lower() for each in store.condition("netsuite", "denied", ())]
    if kind.name.lower() in denied:
        sentence = (
            "Permission Violation: The role that you have used for login has no access"
            f" to the record {kind.name}."
        )
        raise Refusal(error(403, sentence, "INSUFFICIENT_PERMISSION"))
    return kind


class Records:
    """The records of one account."""

    def __init__(self, store: Store) -> None:
        """Read and write the store."""
        self.store = store
        self.postings = Postings(store)

    def perform(self, call: Call) -> Response:
        """Carry out one call, wholly or not at all."""
        kind = record_type(self.store, call.record)
        if call.method == "GET":
            return self._read(kind, call)
        if call.method not in kind.writes or call.part:
            sentence = f"{call.method} is not allowed on {kind.name}."
            raise Refusal(refuse(405, sentence))
        with self.store.transaction():
            if call.method == "DELETE":
                self._remove(kind, self.found(kind, call.key))
                return Response(status_code=204)
            return self._written(kind, call, self._write(kind, call))

    def found(self, kind: RecordType, wanted: str) -> Document:
        """Return the record with an internal id, or an `eid:` external one."""
        prefix, colon, external_id = wanted.partition(":")
        if colon and prefix == "eid":
            document = self._by_external_id(kind, external_id)
        else:
            document = self.store.collection("netsuite", kind.object).get(wanted)
        if document is None:
            sentence = (
                "The record instance does not exist. Provide a valid record instance"
                " ID."
            )
            raise Refusal(error(404, sentence, "NONEXISTENT_ID"))
        return document

    def _by_external_id(self, kind: RecordType, external_id: str) -> Document | None:
        held = self.store.collection("netsuite", kind.object)
        known = held.find(f"{column('externalid')} = ?", (external_id,), limit=1)
        return known[0] if known else None

    def _read(self, kind: RecordType, call: Call) -> Response:
        document = self.found(kind, call.key)
        here = f"{call.root}{REST}/record/v1/{kind.name}/{document['id']}"
        lines = Lines(self.store, kind, document, "")
        if call.part:
            sublist = kind.sublist(call.part)
            if sublist is None:
                sentence = f"The record has no sublist '{call.part[:100]}'."
                raise Refusal(error(404, sentence, "INVALID_PARAMETER"))
            return answer(_lines(lines, sublist, f"{here}/{sublist.name}", call.root))
        expand = _flag(call.query, "expandSubResources")
        wanted = names_in(call.query.get("fields"))
        names = {each.name for each in kind.fields}
        names |= {each.name for each in kind.sublists}
        for name in wanted:
            if name not in names:
                sentence = f"Invalid value for fields: '{name[:100]}'."
                raise Refusal(
                    error(400, sentence, "INVALID_PARAMETER", parameter="fields")
                )
        body: Document = {"links": [{"rel": "self", "href": here}]}
        for each in kind.fields:
            if not wanted or each.name in wanted:
                value = shown(self.store, each, document, call.root)
                if value is not None:
                    body[each.name] = value
        for sublist in kind.sublists:
            if not wanted or sublist.name in wanted:
                place = f"{here}/{sublist.name}"
                body[sublist.name] = (
                    _lines(lines, sublist, place, call.root)
                    if expand
                    else {"links": [{"rel": "self", "href": place}]}
                )
        return answer(body)

    def _write(self, kind: RecordType, call: Call) -> Document:
        """Create or change a record; return it."""
        if call.method == "POST":
            return self._create(kind, call, call.body.get("externalId"))
        if call.method == "PATCH":
            return self._change(kind, call, self.found(kind, call.key))
        prefix, _, external_id = call.key.partition(":")
        if prefix != "eid" or not _EXTERNAL_ID.fullmatch(external_id):
            sentence = (
                f"PUT needs an external id of letters, digits, _ and -:"
                f" {kind.name}/eid:{{id}}."
            )
            raise Refusal(error(400, sentence, "INVALID_CONTENT"))
        known = self._by_external_id(kind, external_id)
        if known is None:
            return self._create(kind, call, external_id)
        return self._change(kind, call, known)

    def _taken(self, kind: RecordType, call: Call, own_id: str) -> Document:
        """Return the body's fields as the store keeps them."""
        fields: Document = {}
        for name, value in call.body.items():
            each = kind.field(name)
            if each is None:
                if call.strict and name != "links" and kind.sublist(name) is None:
                    raise unknown(name)
            elif each.read_only and not call.strict:
                continue
            else:
                fields[each.column] = taken(self.store, each, value, each.name)
                if each.unique:
                    self._check_unique(kind, each.column, fields, own_id, each.unique)
        return fields

    def _check_unique(
        self, kind: RecordType, name: str, fields: Document, own_id: str, code: str
    ) -> None:
        if fields[name] is None:
            return
        held = self.store.collection("netsuite", kind.object)
        if held.select(
            "1", f"{column(name)} = ? and id <> ?", (fields[name], own_id), limit=1
        ):
            sentence = f"Error while accessing a resource. {_TWICE[code]}"
            raise Refusal(error(400, sentence, code))

    def _create(self, kind: RecordType, call: Call, external_id: Any) -> Document:
        fields = self._taken(kind, call, "")
        for each in kind.fields:
            if each.required and not fields.get(each.column):
                raise missing(each.name)
        if isinstance(external_id, str):
            fields["externalid"] = external_id
        now = self.store.clock.now()
        record_id = self._next_id(kind)
        stamp = with_a_blank(now)
        document: Document = {"id": record_id}
        if kind.transaction:
            document |= self.postings.defaults(kind, record_id, fields)
            document["createddate"] = stamp
        elif kind.object == "customer":
            document |= {
                "entityid": f"{kind.prefix}{record_id}",
                "currency": "USD",
                "isinactive": "F",
                "datecreated": stamp,
            }
        else:
            document |= {"isinactive": "F", "createddate": stamp}
        document |= fields
        return self._keep(kind, call, document, {})

    def _change(self, kind: RecordType, call: Call, before: Document) -> Document:
        self._check_lock(kind, before)
        fields = self._taken(kind, call, str(before["id"]))
        return self._keep(kind, call, before | fields, before)

    def _check_lock(self, kind: RecordType, document: Document) -> None:
        if self.store.is_locked("netsuite", kind.object, document["id"]):
            raise Refusal(error(400, CHANGED, "RCRD_HAS_BEEN_CHANGED"))

    def _keep(
        self, kind: RecordType, call: Call, document: Document, before: Document
    ) -> Document:
        """Write a record with its lines."""
        request_id = self._request_id()
        if kind.transaction:
            for day in {document["trandate"], before.get("trandate")} - {None}:
                books.check_open(self.store, str(day))
            period = books.period_of(self.store, str(document["trandate"]))
            document["postingperiod"] = None if period is None else period["id"]
            self.postings.keep_lines(kind, call, document, before, request_id)
        return self.store.create(
            "netsuite", kind.object, document, actor="api", request_id=request_id
        )

    def _remove(self, kind: RecordType, document: Document) -> None:
        self._check_lock(kind, document)
        record_id = str(document["id"])
        if self.postings.depend(kind, record_id):
            sentence = (
                "Error while accessing a resource. This record cannot be deleted"
                " because it has dependent records."
            )
            raise Refusal(error(400, sentence, "USER_ERROR"))
        request_id = self._request_id()
        if kind.transaction:
            books.check_open(self.store, str(document["trandate"]))
            Lines(self.store, kind, document, request_id).clear()
        self.store.delete(
            "netsuite", kind.object, record_id, actor="api", request_id=request_id
        )

    def _next_id(self, kind: RecordType) -> str:
        """Return an internal id that was never given; transactions share a sequence."""
        sequence = "transaction" if kind.transaction else kind.object
        names = [
            each.object
            for each in RECORD_TYPES.values()
            if bool(each.transaction) == bool(kind.transaction)
            and (kind.transaction or each.object == kind.object)
        ]
        highest = [
            self.store.collection("netsuite", name).select("max(cast(id as integer))")[
                0
            ][0]
            for name in names
        ]
        last = self.store.collection("netsuite", "_sequence").get(sequence)
        known = [int(each) for each in highest if each] + [last["last"] if last else 0]
        number = max(known) + 1
        self.store.keep("netsuite", "_sequence", {"id": sequence, "last": number})
        return str(number)

    def _request_id(self) -> str:
        return made("", "netsuite", self.store.number(), length=32)

    def _written(self, kind: RecordType, call: Call, document: Document) -> Response:
        path = f"{REST}/record/v1/{kind.name}/{document['id']}"
        return Response(status_code=204, headers={"Location": call.root + path})


def _lines(lines: Lines, sublist: Sublist, here: str, root: str) -> Document:
    items = lines.shown(sublist, root)
    return {
        "links": [{"rel": "self", "href": here}],
        "items": items,
        "totalResults": len(items),
    }


def _flag(query: Mapping[str, str], name: str) -> bool:
    text = query.get(name, "false").lower()
    if text not in ("true", "false"):
        sentence = f"Invalid value for {name}: '{text[:100]}'."
        raise Refusal(error(400, sentence, "INVALID_PARAMETER", parameter=name))
    return text == "true"
