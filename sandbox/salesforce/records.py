"""Salesforce's records: read, change and delete them, one by one or 200 at a time."""

from datetime import UTC, datetime
from decimal import Decimal
from email.utils import parsedate_to_datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from sandbox.clock import Clock
from sandbox.salesforce import soql
from sandbox.salesforce.schema import (
    FIELDS,
    MAX_LENGTH,
    READ_ONLY,
    REQUIRED,
    RESTRICTED,
)
from sandbox.store import Document, Store
from sandbox.wire import Refusal, answer, body_of, made, parse

# Salesforce rejects more records than this in one collections call.
MAX_COLLECTION = 200
MAX_RETRIEVED = 2000
_NAMES = {name.lower(): name for name in FIELDS}
_TEXT = {"id", "string", "reference", "picklist", "email", "url", "date", "datetime"}


class RowError(Exception):
    """Why one record was not changed: an entry of its `errors`."""

    def __init__(
        self, code: str, sentence: str, fields: tuple[str, ...] = (), status: int = 400
    ) -> None:
        """Keep code, sentence, fields and the HTTP status of a single request."""
        super().__init__(sentence)
        self.code = code
        self.fields = list(fields)
        self.status = status

    def entry(self) -> dict[str, Any]:
        """Return the shape within a collection's result."""
        return {
            "statusCode": self.code,
            "message": str(self),
            "fields": self.fields,
        }

    def response(self) -> Response:
        """Return the shape of a single request's error."""
        body: dict[str, Any] = {"message": str(self), "errorCode": self.code}
        if self.fields:
            body["fields"] = self.fields
        return answer([body], self.status)


class Records:
    """The records of one organisation."""

    def __init__(self, store: Store, clock: Clock) -> None:
        """Write to the store."""
        self.store = store
        self.clock = clock

    def object_name(self, request: Request) -> str:
        """Return the object in the path as Salesforce spells it."""
        name = _NAMES.get(request.path_params["name"].lower())
        if name is None:
            missing = "The requested resource does not exist"
            raise Refusal(RowError("NOT_FOUND", missing, (), 404).response())
        return name

    async def read(self, request: Request) -> Response:
        """Return one record, or those of its fields that `fields=` names."""
        name = self.object_name(request)
        wanted = request.query_params.get("fields")
        fields = list(FIELDS[name]) if wanted is None else wanted.split(",")
        try:
            _check_fields(name, fields)
            document = self._held(name, request.path_params["record_id"])
        except RowError as error:
            raise Refusal(error.response()) from error
        return answer(_row(_version(request), name, document, fields))

    async def update(self, request: Request) -> Response:
        """Change fields of one record."""
        name = self.object_name(request)
        body = _body(await _json(request), dict)
        try:
            document = self._held(name, request.path_params["record_id"])
            self._check_unmodified(request, document)
            changes = self._checked(name, body)
        except RowError as error:
            raise Refusal(error.response()) from error
        self._write(name, document["Id"], changes, self._request_id())
        return Response(status_code=204)

    async def delete(self, request: Request) -> Response:
        """Put one record into the recycle bin, where queryAll still sees it."""
        name = self.object_name(request)
        try:
            document = self._held(name, request.path_params["record_id"])
        except RowError as error:
            raise Refusal(error.response()) from error
        self._write(name, document["Id"], {"IsDeleted": True}, self._request_id())
        return Response(status_code=204)

    async def read_many(self, request: Request) -> Response:
        """Return the wanted fields of up to 2,000 records; null for an unknown id."""
        name = self.object_name(request)
        body = _body(await _json(request), dict)
        ids, fields = body.get("ids"), body.get("fields")
        if not _texts(ids) or not _texts(fields):
            sentence = "ids and fields must be lists of text"
            raise Refusal(RowError("JSON_PARSER_ERROR", sentence).response())
        if len(ids) > MAX_RETRIEVED:
            sentence = f"The limit of {MAX_RETRIEVED} records is exceeded"
            raise Refusal(RowError("LIMIT_EXCEEDED", sentence).response())
        rows: list[Document | None] = []
        try:
            _check_fields(name, fields)
        except RowError as error:
            raise Refusal(error.response()) from error
        for record_id in ids:
            try:
                document = self._held(name, record_id)
            except RowError:
                rows.append(None)
            else:
                rows.append(_row(_version(request), name, document, fields))
        return answer(rows)

    async def update_many(self, request: Request) -> Response:
        """Change up to 200 records by id; each row has its own result."""
        body = _body(await _json(request), dict)
        rows, whole = body.get("records"), body.get("allOrNone", False)
        if not isinstance(rows, list) or not isinstance(whole, bool):
            sentence = "records must be a list, allOrNone a boolean"
            raise Refusal(RowError("JSON_PARSER_ERROR", sentence).response())
        if len(rows) > MAX_COLLECTION:
            sentence = (
                f"record count exceeded limit: {len(rows)} of {MAX_COLLECTION} allowed"
            )
            raise Refusal(RowError("EXCEEDED_ID_LIMIT", sentence).response())
        request_id = self._request_id()
        checked = [self._collected(row) for row in rows]
        failed = any(isinstance(each, RowError) for each in checked)
        results = []
        for row, each in zip(rows, checked, strict=True):
            if isinstance(each, RowError):
                results.append(_failed(row, each))
            elif whole and failed:
                rolled_back = RowError(
                    "ALL_OR_NONE_OPERATION_ROLLED_BACK",
                    "Record rolled back because not all records were valid and the "
                    "request was using AllOrNone header",
                )
                results.append(_failed(row, rolled_back))
            else:
                name, record_id, changes = each
                self._write(name, record_id, changes, request_id)
                results.append({"id": record_id, "success": True, "errors": []})
        return answer(results)

    def _collected(self, row: Any) -> tuple[str, str, Document] | RowError:
        """Return what one row of a collection asks for, or why it may not."""
        attributes = row.get("attributes") if isinstance(row, dict) else None
        kind = attributes.get("type") if isinstance(attributes, dict) else None
        if not isinstance(kind, str):
            return RowError(
                "INVALID_TYPE", "The attributes.type of a record is missing"
            )
        name = _NAMES.get(kind.lower())
        if name is None:
            return RowError("INVALID_TYPE", f"sObject type '{kind}' is not supported.")
        spelled = {str(key).lower(): key for key in row}
        record_id = row.get(spelled.get("id", "id"))
        if not isinstance(record_id, str) or not record_id:
            missing = "Id not specified in an update call"
            return RowError("MISSING_ARGUMENT", missing, ("Id",))
        fields = {
            key: value
            for key, value in row.items()
            if key != "attributes" and str(key).lower() != "id"
        }
        try:
            document = self._held(name, record_id)
            return name, document["Id"], self._checked(name, fields)
        except RowError as error:
            return error

    def _held(self, name: str, record_id: Any) -> Document:
        """Return a record by its 15 or 18 characters."""
        if not isinstance(record_id, str) or len(record_id) not in (15, 18):
            sentence = f"{name} ID: id value of incorrect type: {record_id}"
            raise RowError("MALFORMED_ID", sentence, ("Id",), 400)
        held = self.store.collection("salesforce", name)
        document = held.get(record_id)
        if document is None and len(record_id) == 15:
            full = held.find("substr(id, 1, 15) = ?", (record_id,))
            document = full[0] if full else None
        if document is None:
            sentence = "Provided external ID field does not exist or is not accessible"
            raise RowError("NOT_FOUND", sentence, (), 404)
        if document.get("IsDeleted"):
            raise RowError("ENTITY_IS_DELETED", "entity is deleted", (), 404)
        return document

    def _checked(self, name: str, fields: Document) -> Document:
        """Return the changes as Salesforce spells them, or say what is wrong."""
        spelling = {field.lower(): field for field in FIELDS[name]}
        changes = {}
        for wanted, value in fields.items():
            field = spelling.get(wanted.lower())
            if field is None:
                sentence = f"No such column '{wanted}' on sobject of type {name}"
                raise RowError("INVALID_FIELD", sentence)
            if field in READ_ONLY:
                raise RowError(
                    "INVALID_FIELD_FOR_INSERT_UPDATE",
                    "Unable to create/update fields: "
                    f"{field}. Please check the security settings of this field and "
                    "verify that it is read/write for your profile or permission set.",
                    (field,),
                )
            changes[field] = self._value(name, field, value)
        return changes

    def _value(self, name: str, field: str, value: Any) -> Any:
        kind = FIELDS[name][field]
        if value is None or value == "":
            if (name, field) in REQUIRED:
                sentence = f"Required fields are missing: [{field}]"
                raise RowError("REQUIRED_FIELD_MISSING", sentence, (field,))
            return None
        if not _fits(kind, value):
            sentence = f"{field}: value not of required type: {value}"
            raise RowError("INVALID_TYPE_ON_FIELD_IN_RECORD", sentence, (field,))
        allowed = RESTRICTED.get((name, field))
        if allowed and value not in allowed:
            raise RowError(
                "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
                f"{field}: bad value for restricted picklist field: {value}",
                (field,),
            )
        if kind == "reference" and len(value) not in (15, 18):
            sentence = f"{field}: id value of incorrect type: {value}"
            raise RowError("MALFORMED_ID", sentence, (field,))
        if isinstance(value, str) and len(value) > MAX_LENGTH:
            raise RowError(
                "STRING_TOO_LONG",
                f"{field}: data value too large: {value} (max length={MAX_LENGTH})",
                (field,),
            )
        return value

    def _check_unmodified(self, request: Request, document: Document) -> None:
        header = request.headers.get("if-unmodified-since")
        if header is None:
            return
        try:
            limit = parsedate_to_datetime(header)
        except ValueError as error:
            sentence = "The If-Unmodified-Since header is not a date"
            raise RowError("INVALID_REQUEST_HEADER", sentence) from error
        changed = datetime.fromisoformat(
            soql.instant_text(document["SystemModstamp"]) + "+00:00"
        )
        if limit.tzinfo is None:  # a zone of -0000 says: UTC, from who knows where
            limit = limit.replace(tzinfo=UTC)
        if changed.replace(microsecond=0) > limit:
            raise RowError(
                "PRECONDITION_FAILED",
                "The precondition specified in the request has failed",
                (),
                412,
            )

    def _write(
        self, name: str, record_id: str, changes: Document, request_id: str
    ) -> None:
        self.store.update(
            "salesforce", name, record_id, changes, actor="api", request_id=request_id
        )

    def _request_id(self) -> str:
        return made("", "salesforce", self.store.number(), length=22)


def _fits(kind: str, value: Any) -> bool:
    if kind == "boolean":
        return isinstance(value, bool)
    if kind in _TEXT:
        if not isinstance(value, str):
            return False
        if kind not in ("date", "datetime"):
            return True
        try:
            datetime.fromisoformat(value)
        except ValueError:
            return False
        return True
    return isinstance(value, int | Decimal) and not isinstance(value, bool)


def _failed(row: Any, error: RowError) -> Document:
    result: Document = {"success": False, "errors": [error.entry()]}
    if isinstance(row, dict) and isinstance(row.get("Id", row.get("id")), str):
        result = {"id": row.get("Id", row.get("id"))} | result
    return result


def _row(version: str, name: str, document: Document, fields: list[str]) -> Document:
    spelling = {field.lower(): field for field in FIELDS[name]}
    url = f"/services/data/{version}/sobjects/{name}/{document['Id']}"
    wanted = [spelling[field.strip().lower()] for field in ["Id", *fields]]
    return {"attributes": {"type": name, "url": url}} | {
        field: document.get(field, False if field == "IsDeleted" else None)
        for field in wanted
    }


def _check_fields(name: str, fields: list[str]) -> None:
    known = {field.lower() for field in FIELDS[name]}
    for field in fields:
        if field.strip().lower() not in known:
            sentence = f"No such column '{field}' on sobject of type {name}"
            raise RowError("INVALID_FIELD", sentence)


def _texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(each, str) for each in value)


def _version(request: Request) -> str:
    return str(request.path_params["version"])


async def _json(request: Request) -> Any:
    def too_large(_status: int, sentence: str) -> Response:
        return RowError("REQUEST_TOO_LARGE", sentence, (), 413).response()

    try:
        return parse(await body_of(request, too_large))
    except ValueError as error:
        sentence = f"Unexpected character or end of input: {error}"
        raise Refusal(RowError("JSON_PARSER_ERROR", sentence).response()) from error


def _body(value: Any, kind: type) -> Any:
    if not isinstance(value, kind):
        sentence = "Cannot deserialize the request's body"
        raise Refusal(RowError("JSON_PARSER_ERROR", sentence).response())
    return value
