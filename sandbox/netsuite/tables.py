"""Tables: what SuiteQL calls the store's documents, and the SQL of every column."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from sandbox.drift import drift
from sandbox.netsuite.books import CURRENCIES
from sandbox.store import Store, column

Kind = Literal["text", "number", "date", "stamp", "utc", "null"]
STATUS_CODES = {
    "Open": "A",
    "Pending Approval": "A",
    "Paid In Full": "B",
    "Fully Applied": "B",
    "Approved for Posting": "B",
    "Voided": "V",
}
TYPES = {
    "invoice": ("CustInvc", "Invoice"),
    "payment": ("CustPymt", "Payment"),
    "creditmemo": ("CustCred", "Credit Memo"),
    "customerrefund": ("CustRfnd", "Customer Refund"),
    "deposit": ("Deposit", "Deposit"),
    "journalentry": ("Journal", "Journal"),
}
# Which documents are linked in which way.
LINKS = {
    "payment_application": "Payment",
    "credit_application": "Payment",
    "deposit_application": "Deposit",
}
# Columns that an account's screens show and SuiteQL does not; the reasons are its own.
WITHHELD = {
    ("transaction", "subsidiary"): "NOT_EXPOSED - Field is not exposed",
    ("transaction", "location"): "REMOVED - Field is removed",
}
NO_FIELD = "REMOVED - Field is removed"


@dataclass(frozen=True, slots=True)
class Column:
    """One column over a table's alias `{a}`.

    Attributes:
        kind: how it compares and is shown; `utc` is an instant that is kept in UTC.
        sql: its value.
        display: what BUILTIN.DF shows, where that differs.
        certain: it is never null, so an index gives its order.
    """

    kind: Kind
    sql: str
    display: str | None = None
    certain: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A table: the store's objects whose documents are its rows.

    Attributes:
        name: what SuiteQL calls it.
        objects: the store's objects; one for each value of `told_by`, or several.
        columns: by their names.
        told_by: the column that tells the objects apart.
        tells: its value in each object.
    """

    name: str
    objects: tuple[str, ...]
    columns: Mapping[str, Column]
    told_by: str = ""
    tells: tuple[str, ...] = ()


def number_of(name: str) -> str:
    """Return the SQL of an internal id within a document, as it is indexed."""
    return f"cast({column(name)} as integer)"


def _json(name: str) -> str:
    return column(name).replace("(body", "({a}.body")


def _field(name: str, kind: Kind = "text", *, certain: bool = False) -> Column:
    return Column(kind, _json(name), certain=certain)


def _key(name: str, display: str | None = None, *, certain: bool = False) -> Column:
    """Return a column of internal ids, which compare as numbers."""
    return Column("number", f"cast({_json(name)} as integer)", display, certain)


def _named(name: str, target: str, shown: str) -> Column:
    """Return a column of ids of another object, displayed by a field of that."""
    display = (
        f"(select json_extract(named.body, '$.{shown}') from"
        f' "netsuite/{target}" as named where named.id = {_json(name)})'
    )
    return _key(name, display)


def _cases(sql: str, codes: Mapping[str, str]) -> str:
    whens = " ".join(f"when '{text}' then '{code}'" for text, code in codes.items())
    return f"case {sql} {whens} else {sql} end"


def _currency(name: str = "currency") -> Column:
    # Documents keep the code; the table's key is the account's own number.
    return Column(
        "number",
        f"cast({_cases(_json(name), CURRENCIES)} as integer)",
        _json(name),
    )


_TYPE_NAMES = dict(TYPES.values())
_STATUS = _json("status")
_ID = Column("number", "cast({a}.id as integer)", certain=True)
_MODIFIED = _field("lastmodifieddate", "utc")
# What every write stamps: an order by it is the order of an index.
_STAMPED = _field("lastmodifieddate", "utc", certain=True)
_FLAG = _field("isinactive")


def _fields(*names: str, kind: Kind = "text") -> dict[str, Column]:
    return {name: _field(name, kind) for name in names}


_TRANSACTION: dict[str, Column] = {
    "id": _ID,
    "type": Column(
        "text", _json("type"), _cases(_json("type"), _TYPE_NAMES), certain=True
    ),
    **_fields("tranid", "externalid", "memo", "voided"),
    "entity": _named("entity", "customer", "entityid"),
    **_fields("trandate", "duedate", "closedate", kind="date"),
    "currency": _currency(),
    **_fields("foreigntotal", "exchangerate", "foreignamountunpaid", kind="number"),
    **_fields("custbody_processing_fees", kind="number"),
    "status": Column(
        "text",
        _cases(_STATUS, STATUS_CODES),
        f"{_cases(_json('type'), _TYPE_NAMES)} || ' : ' || {_STATUS}",
    ),
    "postingperiod": _named("postingperiod", "accountingperiod", "periodname"),
    "createddate": _field("createddate", "utc"),
    "lastmodifieddate": _STAMPED,
}

_TABLES = (
    Table(
        "customer",
        ("customer",),
        {
            "id": _ID,
            **_fields("entityid", "externalid", "companyname", "altname", "email"),
            **_fields("phone", "url", "vatregnumber", "country", "isperson"),
            "parent": _named("parent", "customer", "entityid"),
            "defaultbillingaddress": _key("defaultbillingaddress"),
            "subsidiary": _named("subsidiary", "subsidiary", "name"),
            "currency": _currency(),
            **_fields("terms", "taxable"),
            "isinactive": _FLAG,
            "datecreated": _field("datecreated", "utc"),
            "lastmodifieddate": _STAMPED,
        },
    ),
    Table(
        "item",
        ("item",),
        {
            "id": _ID,
            **_fields("itemid", "displayname", "externalid", "itemtype", "description"),
            **_fields("revenuerecognitionrule"),
            "incomeaccount": _named("incomeaccount", "account", "fullname"),
            "deferredrevenueaccount": _named(
                "deferredrevenueaccount", "account", "fullname"
            ),
            "subsidiary": _named("subsidiary", "subsidiary", "name"),
            "isinactive": _FLAG,
            "createddate": _field("createddate", "utc"),
            "lastmodifieddate": _STAMPED,
        },
    ),
    Table(
        "transaction",
        tuple(TYPES),
        _TRANSACTION,
        "type",
        tuple(code for code, _ in TYPES.values()),
    ),
    Table(
        "transactionline",
        ("transactionline",),
        {
            "transaction": _key("transaction", certain=True),
            "id": _key("linesequencenumber", certain=True),
            "linesequencenumber": _key("linesequencenumber", certain=True),
            "uniquekey": Column("number", "{a}.place", certain=True),
            "item": _named("item", "item", "itemid"),
            **_fields("quantity", "rate", "foreignamount", "netamount", kind="number"),
            "debitforeignamount": _field("debit", "number"),
            "creditforeignamount": _field("credit", "number"),
            **_fields("memo", "mainline", "taxline"),
            "account": _named("account", "account", "fullname"),
            "subsidiary": _named("subsidiary", "subsidiary", "name"),
            "linelastmodifieddate": _MODIFIED,
        },
    ),
    Table(
        "nexttransactionlink",
        tuple(LINKS),
        {
            "linktype": _field("linktype"),
            "previousdoc": _key("previousdoc", certain=True),
            "nextdoc": _key("nextdoc", certain=True),
            "foreignamount": _field("foreignamount", "number"),
            "lastmodifieddate": _MODIFIED,
        },
        "linktype",
        tuple(LINKS.values()),
    ),
    Table(
        "entityaddress",
        ("entityaddress",),
        {
            "nkey": _ID,
            **_fields("addressee", "addr1", "addr2", "city", "state", "zip", "country"),
            "lastmodifieddate": _MODIFIED,
        },
    ),
    Table(
        "deletedrecord",
        ("deletedrecord",),
        {
            "recordid": _key("recordid", certain=True),
            **_fields("scriptid", "name", "deletedby", "context"),
            "deleteddate": _field("deleteddate", "utc"),
        },
    ),
    Table(
        "subsidiary",
        ("subsidiary",),
        {
            "id": _ID,
            **_fields("name", "fullname", "externalid", "country", "iselimination"),
            "parent": _named("parent", "subsidiary", "name"),
            "currency": _currency(),
            "isinactive": _FLAG,
            "lastmodifieddate": _MODIFIED,
        },
    ),
    Table(
        "account",
        ("account",),
        {
            "id": _ID,
            **_fields("acctnumber", "fullname", "accttype", "externalid"),
            "isinactive": _FLAG,
            "lastmodifieddate": _MODIFIED,
        },
    ),
    Table(
        "accountingperiod",
        ("accountingperiod",),
        {
            "id": _ID,
            **_fields("periodname", "closed", "alllocked", "isquarter", "isyear"),
            **_fields("isadjust", "isposting"),
            **_fields("startdate", "enddate", kind="date"),
            "lastmodifieddate": _MODIFIED,
        },
    ),
    Table(
        "currencyrate",
        ("currencyrate",),
        {
            "id": _ID,
            "basecurrency": _currency("basecurrency"),
            "transactioncurrency": _currency("transactioncurrency"),
            "effectivedate": _field("effectivedate", "date"),
            "exchangerate": _field("exchangerate", "number"),
            "lastmodifieddate": _MODIFIED,
        },
    ),
    Table(
        "currency",
        ("currency",),
        {
            "id": _ID,
            **_fields("symbol", "name"),
            "exchangerate": _field("exchangerate", "number"),
            "isinactive": _FLAG,
            "lastmodifieddate": _MODIFIED,
        },
    ),
)
# Oracle's table of one row, for queries that only calculate.
DUAL = Table("dual", (), {"dummy": Column("text", "'X'", certain=True)})
TABLES: Mapping[str, Table] = {table.name: table for table in _TABLES}


def columns_of(store: Store, table: Table) -> Mapping[str, Column]:
    """Return the columns that a table has at present: its schema may drift."""
    columns = dict(table.columns)
    for each in drift(store, "netsuite"):
        if each.object.lower() != table.name:
            continue
        name = each.field.lower()
        if each.change == "removed":
            columns.pop(name, None)
        elif each.change == "added" and name.isidentifier():
            columns.setdefault(name, _field(name))
        elif each.change == "retyped" and name in columns:
            # A number that became a text has words around it.
            columns[name] = Column("text", f"('No. ' || {columns[name].sql})")
    return columns
