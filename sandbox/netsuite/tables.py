"""NetSuite's tables as SuiteQL shows them, over the documents of the store."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

from sandbox.store import Document, Store

# Internal ids of the currencies; BUILTIN.DF shows the name instead.
CURRENCIES = {"USD": "1", "GBP": "2", "CAD": "3", "EUR": "4", "JPY": "5"}
STATUS_CODES = {"Open": "A", "Paid In Full": "B", "Voided": "V"}
TYPE_NAMES = {"CustInvc": "Invoice", "CustPymt": "Payment"}

Get = Callable[[Mapping[str, Any]], Any]


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its kind, its value, and its display value where that differs."""

    kind: str
    get: Get
    display: Get | None = None


def _field(name: str, kind: str = "text") -> Column:
    if kind == "number":
        return Column(kind, lambda row: _decimal(row.get(name)))
    if kind == "date":
        return Column(kind, lambda row: _day(row.get(name)))
    if kind == "stamp":
        return Column(kind, lambda row: _instant(row.get(name)))
    return Column(kind, lambda row: row.get(name))


def _listed(name: str, codes: Mapping[str, str]) -> Column:
    return Column(
        "text",
        lambda row: codes.get(row.get(name, ""), row.get(name)),
        lambda row: row.get(name),
    )


def _decimal(value: Any) -> Decimal | None:
    return None if value is None else Decimal(value)


@lru_cache(maxsize=8192)
def _day(value: str | None) -> date | None:
    return None if value is None else date.fromisoformat(value)


@lru_cache(maxsize=16384)
def _instant(value: str | None) -> datetime | None:
    return None if value is None else datetime.fromisoformat(value)


TABLES: Mapping[str, Mapping[str, Column]] = {
    "customer": {
        "id": _field("id", "number"),
        "entityid": _field("entityid"),
        "externalid": _field("externalid"),
        "companyname": _field("companyname"),
        "email": _field("email"),
        "vatregnumber": _field("vatregnumber"),
        "currency": _listed("currency", CURRENCIES),
        "country": _field("country"),
        "isinactive": _field("isinactive"),
        "lastmodifieddate": _field("lastmodifieddate", "stamp"),
    },
    "item": {
        "id": _field("id", "number"),
        "itemid": _field("itemid"),
        "displayname": _field("displayname"),
        "externalid": _field("externalid"),
        "isinactive": _field("isinactive"),
        "lastmodifieddate": _field("lastmodifieddate", "stamp"),
    },
    "transaction": {
        "id": _field("id", "number"),
        "type": Column(
            "text",
            lambda row: row["type"],
            lambda row: TYPE_NAMES[row["type"]],
        ),
        "tranid": _field("tranid"),
        "externalid": _field("externalid"),
        "entity": _field("entity", "number"),
        "trandate": _field("trandate", "date"),
        "duedate": _field("duedate", "date"),
        "currency": _listed("currency", CURRENCIES),
        "foreigntotal": _field("foreigntotal", "number"),
        "status": _listed("status", STATUS_CODES),
        "lastmodifieddate": _field("lastmodifieddate", "stamp"),
    },
    "nexttransactionlink": {
        "linktype": _field("linktype"),
        "previousdoc": _field("previousdoc", "number"),
        "nextdoc": _field("nextdoc", "number"),
        "foreignamount": _field("foreignamount", "number"),
    },
    "deletedrecord": {
        "recordid": _field("recordid", "number"),
        "scriptid": _field("scriptid"),
        "name": _field("name"),
        "deleteddate": _field("deleteddate", "stamp"),
    },
}

# Which of the store's objects make up a table.
_OBJECTS = {
    "customer": ("customer",),
    "item": ("item",),
    "transaction": ("invoice", "payment"),
    "nexttransactionlink": ("payment_application",),
    "deletedrecord": ("deletedrecord",),
}


def rows(store: Store, table: str) -> Iterator[Document]:
    """Iterate over the rows of a table."""
    for name in _OBJECTS[table]:
        yield from store.collection("netsuite", name)
