"""NetSuite: records by the REST record API, invoices under our external id, SuiteQL."""

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from ingestion.errors import Rejected, Unknown
from ingestion.netsuite import query
from ingestion.transport.rest import Rest
from reverse_etl.change import Change
from reverse_etl.destinations import Answer, Caps, Held, Outgoing
from reverse_etl.destinations.wire import at, nested
from reverse_etl.money import major, minor

_RECORD = "/services/rest/record/v1"
# NetSuite takes up to 1,000 values in a list; so many keep a query short.
_MANY = 100
# NetSuite cannot address an external id with other characters.
_EXTERNAL_ID = re.compile(r"[A-Za-z0-9_-]+")

_TABLES = {
    "customer": "FROM customer",
    "invoice": "FROM transaction WHERE type = 'CustInvc' AND",
}
# How SuiteQL shows a field of the record API, where lower case is not enough.
_COLUMNS = {
    "tranDate": "TO_CHAR(trandate, 'YYYY-MM-DD')",
    "dueDate": "TO_CHAR(duedate, 'YYYY-MM-DD')",
    "currency": "BUILTIN.DF(currency)",
    "total": "foreigntotal",
}


class NetSuite:
    """Updates of customers, and new invoices."""

    system = "netsuite"
    caps = Caps(read_size=_MANY, write_size=1)

    def __init__(self, rest: Rest, invoice_item: str | None = None) -> None:
        """Speak through this client.

        Args:
            rest: The client.
            invoice_item: Internal id of the item on the line of a created invoice;
                NetSuite may demand one.
        """
        self._rest = rest
        self._invoice_item = invoice_item

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
        columns = [f"{_COLUMNS.get(name, name)} AS {name.lower()}" for name in fields]
        rows = query(
            self._rest,
            f"SELECT id, {key} AS our_key, {', '.join(columns)} {table}"
            f" {'' if table.endswith('AND') else 'WHERE'} {condition}",
        )["items"]
        return {
            named[row["our_key"]].change_id: Held(
                record_id=row["id"],
                fields={name: _value(row, name) for name in fields},
            )
            for row in rows
        }

    def send(self, batch: Sequence[Outgoing]) -> Sequence[Answer]:
        """Patch the record, or put the invoice under our external id."""
        (outgoing,) = batch
        change = outgoing.change
        path = f"{_RECORD}/{change.object}/{change.record_id}"
        if change.action == "update":
            self._rest.write("PATCH", path, json=nested(change.values))
            return [Answer(record_id=change.record_id)]
        key = str(change.external_key)
        if not _addressable(key):
            raise Rejected(
                self.system,
                f"{key!r} cannot be an external id: letters, digits, _ and - can",
                object=change.object,
            )
        response = self._rest.write(
            "PUT", f"{_RECORD}/{change.object}/eid:{key}", json=self._invoice(change)
        )
        record_id = response.headers.get("location", "").rpartition("/")[2]
        if not record_id:
            raise Unknown(self.system, f"the {change.object}'s place was not told")
        return [Answer(record_id=record_id)]

    def _invoice(self, change: Change) -> dict[str, Any]:
        """Return the invoice as one line of its total."""
        values = {name: value for name, value in change.values.items() if value}
        body: dict[str, Any] = dict(values)
        currency, total = values["currency"], values["total"]
        line: dict[str, Any] = {"amount": _number(major(int(total), currency))}
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


def _number(amount: Decimal) -> float | int:
    """Return an amount for JSON, whose numbers are floats; it must survive as text.

    Raises:
        Rejected: It has more digits than a float keeps.
    """
    if amount == amount.to_integral_value():
        return int(amount)
    if Decimal(repr(float(amount))) != amount:
        raise Rejected("netsuite", f"{amount} has too many digits for its API")
    return float(amount)


def _addressable(key: str) -> bool:
    return _EXTERNAL_ID.fullmatch(key) is not None
