"""Collections: up to 200 records in one call; each row has a result of its own."""

from collections.abc import Callable, Sequence
from typing import Any

from sandbox.salesforce.calls import Call, Reply
from sandbox.salesforce.errors import Refused
from sandbox.salesforce.field import SObject
from sandbox.salesforce.org import Org
from sandbox.salesforce.records import row
from sandbox.salesforce.writer import Manner, Writer, manner, same
from sandbox.store import Document

# Salesforce rejects more records than this in one collections call.
MAX_RECORDS = 200
MAX_RETRIEVED = 2000
ROLLED_BACK = Refused(
    "ALL_OR_NONE_OPERATION_ROLLED_BACK",
    "Record rolled back because not all records were valid and the request was using "
    "AllOrNone header",
)

Act = Callable[[Any, Manner], Document]


class _RolledBack(Exception):  # noqa: N818 -- it carries results, not a defect
    """A row failed, so none is kept."""

    def __init__(self, results: list[Document]) -> None:
        super().__init__()
        self.results = results


class Collections:
    """`/composite/sobjects`."""

    def __init__(self, org: Org, writer: Writer) -> None:
        """Read from the organisation, write through the writer."""
        self.org = org
        self.writer = writer

    def create(self, call: Call) -> Reply:
        """Add records."""

        def act(record: Any, how: Manner) -> Document:
            sobject = self.org.object_of(record)
            return _done(self.writer.create(sobject, record, how))

        return self._each(call, *_records(call), act)

    def update(self, call: Call) -> Reply:
        """Change records by their ids."""

        def act(record: Any, how: Manner) -> Document:
            sobject = self.org.object_of(record)
            record_id = id_of(record)
            if not isinstance(record_id, str) or not record_id:
                sentence = "Id not specified in an update call"
                raise Refused("MISSING_ARGUMENT", sentence, ("Id",))
            document = self.org.get(sobject, record_id)
            fields = {key: each for key, each in record.items() if not same(key, "Id")}
            self.writer.update(sobject, document, fields, how)
            return _done(str(document["Id"]))

        return self._each(call, *_records(call), act)

    def upsert(self, call: Call, name: str, field: str) -> Reply:
        """Change the records with these external ids, add those that are not there."""
        sobject = self.org.object(name)
        self._check_external(sobject, field)

        def act(record: Any, how: Manner) -> Document:
            named = self.org.object_of(record)
            if named.name != sobject.name:
                sentence = f"The record's type {named.name} is not {sobject.name}"
                raise Refused("INVALID_TYPE", sentence)
            record_id, created = self.writer.upsert(sobject, field, record, how)
            return _done(record_id) | {"created": created}

        return self._each(call, *_records(call), act)

    def delete(self, call: Call) -> Reply:
        """Put records into the recycle bin."""
        ids = [each.strip() for each in call.params.get("ids", "").split(",")]
        whole = call.params.get("allOrNone", "false").lower() == "true"

        def act(record_id: Any, how: Manner) -> Document:
            sobject = self._object_by_prefix(str(record_id))
            document = self.org.get(sobject, record_id)
            self.writer.delete(sobject, document, how)
            return _done(str(document["Id"]))

        if ids == [""]:
            raise Refused("MISSING_ARGUMENT", "ids not specified in the call")
        return self._each(call, ids, whole, act)

    def read(self, call: Call, name: str) -> Reply:
        """Return the wanted fields of up to 2,000 records; null for an unknown id."""
        sobject = self.org.object(name)
        if call.method == "POST":
            body = call.json()
            ids, fields = body.get("ids"), body.get("fields")
        else:
            ids = call.params.get("ids", "").split(",")
            fields = call.params.get("fields", "").split(",")
        if not _texts(ids) or not _texts(fields):
            sentence = "ids and fields must be lists of text"
            raise Refused("JSON_PARSER_ERROR", sentence)
        if len(ids) > MAX_RETRIEVED:
            sentence = f"The limit of {MAX_RETRIEVED} records is exceeded"
            raise Refused("LIMIT_EXCEEDED", sentence)
        row(call, sobject, {"Id": ""}, fields)
        rows: list[Document | None] = []
        for record_id in ids:
            try:
                document = self.org.get(sobject, record_id.strip())
            except Refused:
                rows.append(None)
            else:
                rows.append(row(call, sobject, document, fields))
        return Reply(body=rows)

    def _each(self, call: Call, records: Sequence[Any], whole: bool, act: Act) -> Reply:  # noqa: FBT001 -- read from the call
        if len(records) > MAX_RECORDS:
            sentence = (
                f"record count exceeded limit: {len(records)} of {MAX_RECORDS} allowed"
            )
            raise Refused("EXCEEDED_ID_LIMIT", sentence)
        how = manner(call.request_id, call.headers)
        try:
            with self.org.store.transaction():
                results = [self._one(record, how, act) for record in records]
                _check_all_went(results, whole=whole)
        except _RolledBack as rolled_back:
            results = [
                _failed(record, ROLLED_BACK) if result["success"] else result
                for record, result in zip(records, rolled_back.results, strict=True)
            ]
        return Reply(body=results)

    def _one(self, record: Any, how: Manner, act: Act) -> Document:
        try:
            return act(record, how)
        except Refused as refused:
            return _failed(record, refused)

    def _check_external(self, sobject: SObject, name: str) -> None:
        field = sobject.field(name)
        if field is None or not (field.external_id or field.name == "Id"):
            sentence = (
                "Provided external ID field does not exist or is not accessible: "
                f"{name}"
            )
            raise Refused("INVALID_FIELD", sentence)

    def _object_by_prefix(self, record_id: str) -> SObject:
        for sobject in self.org.objects.values():
            if record_id.startswith(sobject.prefix):
                return sobject
        sentence = f"malformed id {record_id}"
        raise Refused("MALFORMED_ID", sentence)


def _check_all_went(results: list[Document], *, whole: bool) -> None:
    if whole and not all(each["success"] for each in results):
        raise _RolledBack(results)


def id_of(record: Any) -> Any:
    """Return the id in a row, in whatever case its name is written."""
    return next((each for key, each in record.items() if same(key, "Id")), None)


def _records(call: Call) -> tuple[list[Any], bool]:
    body = call.json()
    records, whole = body.get("records"), body.get("allOrNone", False)
    if not isinstance(records, list) or not isinstance(whole, bool):
        sentence = "records must be a list, allOrNone a boolean"
        raise Refused("JSON_PARSER_ERROR", sentence)
    return records, whole


def _done(record_id: str) -> Document:
    return {"id": record_id, "success": True, "errors": []}


def _failed(record: Any, refused: Refused) -> Document:
    result: Document = {"success": False, "errors": [refused.entry()]}
    record_id = id_of(record) if isinstance(record, dict) else record
    return {"id": record_id} | result if isinstance(record_id, str) else result


def _texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(each, str) for each in value)
