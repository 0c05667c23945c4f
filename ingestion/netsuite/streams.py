"""NetSuite's raw tables, and where in SuiteQL their rows come from."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from ingestion.streams import Column, Stream, day, exact, instant, key, text

INSTANT = "YYYY-MM-DD HH24:MI:SS"


def _decimal(name: str, path: str) -> Column:
    return Column(name, "number", path, lambda value: exact(Decimal(_said(value))))


def _flag(name: str, path: str) -> Column:
    return Column(name, "flag", path, lambda value: {"T": True, "F": False}[value])


def _said(value: Any) -> str:
    if isinstance(value, str):
        return value
    raise TypeError


@dataclass(frozen=True, slots=True)
class Source:
    """Where a stream's rows come from, and what SuiteQL calls its columns.

    `types` is what `deletedrecord` calls its records.
    """

    table: str
    where: str
    expressions: Mapping[str, str]
    types: re.Pattern[str] | None = None


_MODIFIED = {"lastmodifieddate": f"TO_CHAR(lastmodifieddate, '{INSTANT}')"}
_TRANSACTION = {
    "trandate": "TO_CHAR(trandate, 'YYYY-MM-DD')",
    "currency": "BUILTIN.DF(currency)",
    **_MODIFIED,
}

SOURCES: Mapping[str, Source] = {
    "customers": Source(
        "customer",
        "",
        {"currency": "BUILTIN.DF(currency)", **_MODIFIED},
        re.compile("customer"),
    ),
    "items": Source("item", "", _MODIFIED, re.compile(r"\w*item")),
    "invoices": Source(
        "transaction",
        "type = 'CustInvc'",
        {
            **_TRANSACTION,
            "duedate": "TO_CHAR(duedate, 'YYYY-MM-DD')",
            "status": "BUILTIN.DF(status)",
        },
        re.compile("invoice"),
    ),
    "payments": Source(
        "transaction", "type = 'CustPymt'", _TRANSACTION, re.compile("customerpayment")
    ),
    "payment_applications": Source("NextTransactionLink", "linktype = 'Payment'", {}),
}


def _stream(name: str, *columns: Column) -> Stream:
    return Stream(
        name,
        SOURCES[name].table,
        (*columns, instant("lastmodifieddate", "lastmodifieddate")),
        cursor="lastmodifieddate",
    )


STREAMS = (
    _stream(
        "customers",
        text("entityid", "entityid?"),
        text("externalid", "externalid?"),
        text("companyname", "companyname?"),
        text("email", "email?"),
        text("vatregnumber", "vatregnumber?"),
        text("currency", "currency?"),
        text("country", "country?"),
        _flag("isinactive", "isinactive"),
    ),
    _stream(
        "items",
        text("itemid", "itemid?"),
        text("displayname", "displayname?"),
        text("externalid", "externalid?"),
        _flag("isinactive", "isinactive"),
    ),
    _stream(
        "invoices",
        text("tranid", "tranid?"),
        text("externalid", "externalid?"),
        key("entity", "entity?"),
        day("trandate", "trandate?"),
        day("duedate", "duedate?"),
        text("currency", "currency?"),
        _decimal("foreigntotal", "foreigntotal?"),
        text("status", "status?"),
    ),
    _stream(
        "payments",
        text("tranid", "tranid?"),
        text("externalid", "externalid?"),
        key("entity", "entity?"),
        day("trandate", "trandate?"),
        text("currency", "currency?"),
        _decimal("foreigntotal", "foreigntotal?"),
    ),
    Stream(
        "payment_applications",
        SOURCES["payment_applications"].table,
        (
            key("previousdoc", "previousdoc"),
            key("nextdoc", "nextdoc"),
            _decimal("foreignamount", "foreignamount?"),
        ),
        identity=("previousdoc", "nextdoc"),
    ),
)
