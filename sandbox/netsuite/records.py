"""NetSuite's records: customers are changed, invoices upserted by external id.

Names on the wire are those of the record API (`companyName`); the store holds the
columns that SuiteQL shows (`companyname`).
"""

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from sandbox.netsuite.shapes import error, refuse
from sandbox.netsuite.tables import CURRENCIES, STATUS_CODES
from sandbox.stamps import stamps
from sandbox.store import Document, Store, column
from sandbox.wire import Refusal, answer, body_of, made, parse, root_url

# An external id with other characters can't be addressed (a `|` breaks it).
_EXTERNAL_ID = re.compile(r"[A-Za-z0-9_-]{1,255}")
_CUSTOMER = {
    "entityId": "entityid",
    "externalId": "externalid",
    "companyName": "companyname",
    "email": "email",
    "vatRegNumber": "vatregnumber",
}
_INVOICE_FIELDS = (
    "entity",
    "tranId",
    "tranDate",
    "dueDate",
    "currency",
    "item",
    "memo",
)
_CODES = {code: name for name, code in CURRENCIES.items()}
_OBJECTS = {"customer": "customer", "invoice": "invoice", "customerpayment": "payment"}
MAX_TEXT = 300


class NetSuiteRecords:
    """The records of one account."""

    def __init__(self, store: Store) -> None:
        """Write to the store."""
        self.store = store

    async def read(self, request: Request) -> Response:
        """Return one record by internal id or `eid:` external id."""
        name = self._object(request)
        document = self._found(name, request.path_params["id"])
        shown = _customer(document) if name == "customer" else _transaction(document)
        links = [{"rel": "self", "href": str(request.url.replace(query=""))}]
        return answer({"links": links} | shown)

    async def change(self, request: Request) -> Response:
        """Change fields of a customer, or of an invoice."""
        name = self._object(request)
        document = self._found(name, request.path_params["id"])
        body = await _body(request)
        if name == "customer":
            fields = _customer_fields(body)
        elif name == "invoice":
            fields = self._invoice_fields(body)
        else:
            raise Refusal(refuse(405, "This record cannot be changed here."))
        self._update(name, document["id"], fields)
        return _written(request, name, document["id"])

    async def upsert(self, request: Request) -> Response:
        """Create the invoice with this external id, or change it if it is there."""
        name = self._object(request)
        if name != "invoice":
            raise Refusal(refuse(405, "The sandbox upserts invoices only."))
        prefix, _, external_id = request.path_params["id"].partition(":")
        if prefix != "eid" or not _EXTERNAL_ID.fullmatch(external_id):
            sentence = "PUT needs an external id: invoice/eid:{id}."
            raise Refusal(error(400, sentence, "INVALID_CONTENT"))
        fields = self._invoice_fields(await _body(request))
        held = self.store.collection("netsuite", "invoice")
        known = held.find(f"{column('externalid')} = ?", (external_id,))
        if known:
            self._update(name, known[0]["id"], fields)
            return _written(request, name, known[0]["id"])
        for needed in ("entity", "foreigntotal"):
            if needed not in fields:
                wanted = {"foreigntotal": "item"}.get(needed, needed)
                sentence = f"Please enter value(s) for: {wanted}."
                raise Refusal(error(400, sentence, "USER_ERROR", path=wanted))
        record_id = self._next_transaction_id()
        customer = self._found("customer", fields["entity"])
        today = self.store.clock.now().date().isoformat()
        document: Document = {
            "id": record_id,
            "type": "CustInvc",
            "tranid": f"INV{record_id}",
            "externalid": external_id,
            "trandate": today,
            "duedate": fields.get("trandate", today),
            "currency": customer["currency"],
            "status": "Open",
        }
        self.store.create(
            "netsuite",
            name,
            document | fields,
            actor="api",
            request_id=self._request_id(),
        )
        return _written(request, name, record_id)

    async def delete(self, request: Request) -> Response:
        """Delete a record; it leaves a row in `deletedrecord`."""
        name = self._object(request)
        document = self._found(name, request.path_params["id"])
        request_id = self._request_id()
        self.store.delete(
            "netsuite", name, document["id"], actor="api", request_id=request_id
        )
        now = self.store.clock.now()
        at = stamps("netsuite", name, now, 0)["lastmodifieddate"]
        row = {
            "id": f"{name}-{document['id']}",
            "recordid": document["id"],
            "scriptid": {"payment": "customerpayment"}.get(name, name),
            "name": document.get("tranid") or document.get("entityid"),
            "deleteddate": at,
        }
        self.store.create(
            "netsuite", "deletedrecord", row, actor="netsuite", request_id=request_id
        )
        return Response(status_code=204)

    def _object(self, request: Request) -> str:
        wanted = request.path_params["record"]
        name = _OBJECTS.get(wanted.lower())
        if name is None:
            sentence = f"Record type '{wanted}' does not exist."
            raise Refusal(error(404, sentence, "INVALID_PARAMETER"))
        return name

    def _found(self, name: str, wanted: str) -> Document:
        held = self.store.collection("netsuite", name)
        prefix, colon, external_id = wanted.partition(":")
        if colon and prefix == "eid":
            known = held.find(f"{column('externalid')} = ?", (external_id,))
            document = known[0] if known else None
        else:
            document = held.get(wanted)
        if document is None:
            sentence = (
                "The record instance does not exist. Provide a valid record instance "
                "ID."
            )
            raise Refusal(error(404, sentence, "NONEXISTENT_ID"))
        return document

    def _invoice_fields(self, body: Document) -> Document:
        fields: Document = {}
        for name in body:
            if name not in _INVOICE_FIELDS:
                raise _unknown(name)
        if "entity" in body:
            customer = str(_reference(body["entity"], "entity"))
            if self.store.collection("netsuite", "customer").get(customer) is None:
                sentence = (
                    f"Invalid Field Value {customer} for the following field: entity"
                )
                raise Refusal(error(400, sentence, "USER_ERROR", path="entity"))
            fields["entity"] = customer
        if "tranId" in body:
            fields["tranid"] = _words(body, "tranId")
        for name in ("tranDate", "dueDate"):
            if name in body:
                fields[name.lower()] = _day(body, name)
        if "currency" in body:
            fields["currency"] = _currency(body["currency"])
        if "item" in body:
            fields["foreigntotal"] = _total(body["item"])
        return fields

    def _next_transaction_id(self) -> str:
        """Return the next internal id; all transactions share one sequence."""
        held = [
            self.store.collection("netsuite", each) for each in ("invoice", "payment")
        ]
        highest = [each.select("max(cast(id as integer))")[0][0] or 0 for each in held]
        return str(max(highest) + 1)

    def _update(self, name: str, record_id: str, fields: Document) -> None:
        self.store.update(
            "netsuite",
            name,
            record_id,
            fields,
            actor="api",
            request_id=self._request_id(),
        )

    def _request_id(self) -> str:
        return made("", "netsuite", self.store.number(), length=32)


def _customer_fields(body: Document) -> Document:
    fields: Document = {}
    for name, value in body.items():
        if name == "isInactive":
            if not isinstance(value, bool):
                raise _wrong(name, value)
            fields["isinactive"] = "T" if value else "F"
        elif name in _CUSTOMER:
            fields[_CUSTOMER[name]] = None if value is None else _words(body, name)
        else:
            raise _unknown(name)
    if fields.get("companyname", "") is None:
        sentence = "Please enter value(s) for: Company Name"
        raise Refusal(error(400, sentence, "USER_ERROR", path="companyName"))
    email = fields.get("email")
    if email is not None and not re.fullmatch(r"[^@\s]+@[^@\s]+", email):
        sentence = "Invalid email address: please enter a valid email address."
        raise Refusal(error(400, sentence, "USER_ERROR", path="email"))
    return fields


def _customer(document: Document) -> Document:
    shown = {wire: document.get(column) for wire, column in _CUSTOMER.items()}
    shown |= {
        "id": document["id"],
        "currency": _currency_reference(document),
        "isInactive": document.get("isinactive") == "T",
        "lastModifiedDate": _instant(document),
    }
    return {name: value for name, value in shown.items() if value is not None}


def _transaction(document: Document) -> Document:
    status = document.get("status")
    shown = {
        "id": document["id"],
        "externalId": document.get("externalid"),
        "tranId": document.get("tranid"),
        "tranDate": document.get("trandate"),
        "dueDate": document.get("duedate"),
        "entity": {"id": document["entity"]},
        "currency": _currency_reference(document),
        "total": document.get("foreigntotal"),
        "status": {"id": STATUS_CODES.get(status, status), "refName": status}
        if status
        else None,
        "lastModifiedDate": _instant(document),
    }
    return {name: value for name, value in shown.items() if value is not None}


def _currency_reference(document: Document) -> Document:
    name = document["currency"]
    return {"id": CURRENCIES.get(name, name), "refName": name}


def _instant(document: Document) -> str:
    return str(document["lastmodifieddate"]).replace(" ", "T") + "Z"


def _reference(value: Any, path: str) -> Any:
    if not isinstance(value, dict) or not isinstance(value.get("id"), str | int):
        raise _wrong(path, value)
    return value["id"]


def _currency(value: Any) -> str:
    if isinstance(value, dict):
        name = value.get("refName")
        if isinstance(name, str) and name in CURRENCIES:
            return name
        code = str(value.get("id"))
        if code in _CODES:
            return _CODES[code]
    raise _wrong("currency", value)


def _total(sublist: Any) -> Decimal:
    """Return the sum of an invoice's item sublist, exactly."""
    items = sublist.get("items") if isinstance(sublist, dict) else None
    if not isinstance(items, list) or not items:
        raise _wrong("item", sublist)
    total = Decimal(0)
    for place, item in enumerate(items):
        amount = item.get("amount") if isinstance(item, dict) else None
        if isinstance(amount, bool) or not isinstance(amount, int | Decimal):
            raise _wrong(f"item.items[{place}].amount", amount)
        total += amount
    return total


def _words(body: Mapping[str, Any], name: str) -> str:
    value = body[name]
    if not isinstance(value, str) or len(value) > MAX_TEXT:
        raise _wrong(name, value)
    return value


def _day(body: Mapping[str, Any], name: str) -> str:
    try:
        return date.fromisoformat(_words(body, name)).isoformat()
    except ValueError as broken:
        raise _wrong(name, body[name]) from broken


def _wrong(path: str, value: Any) -> Refusal:
    sentence = f"Error while accessing a resource. Invalid value for {path}: {value}"
    return Refusal(error(400, sentence[:500], "INVALID_CONTENT", path=path))


def _unknown(name: str) -> Refusal:
    sentence = f"Error while accessing a resource. Unknown reference or field: {name}."
    return Refusal(error(400, sentence, "INVALID_CONTENT", path=name))


async def _body(request: Request) -> Document:
    try:
        body = parse(await body_of(request, refuse))
    except ValueError as broken:
        sentence = f"Error while accessing a resource. Invalid JSON: {broken}"
        raise Refusal(error(400, sentence, "INVALID_CONTENT")) from broken
    if not isinstance(body, dict):
        raise _wrong("body", body)
    return body


def _written(request: Request, name: str, record_id: str) -> Response:
    path = f"/services/rest/record/v1/{name}/{record_id}"
    location = root_url(request) + path
    return Response(status_code=204, headers={"Location": location})
