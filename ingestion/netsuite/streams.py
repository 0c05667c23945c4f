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


def _whole(name: str, path: str) -> Column:
    return Column(name, "integer", path, lambda value: int(_said(value)))


def _flag(name: str, path: str) -> Column:
    return Column(name, "flag", path, lambda value: {"T": True, "F": False}[value])


def _said(value: Any) -> str:
    if isinstance(value, str):
        return value
    raise TypeError


@dataclass(frozen=True, slots=True)
class Source:
    """Where a stream's rows come from, and what SuiteQL calls its columns.

    `types` is what `deletedrecord` calls its records. `parent` is the stream with whose
    records these arrive, because they have no identifier of their own or no time of
    change to trust; `parent_key` is the column that names the record there. `optional`
    are the columns that an account without some feature refuses to know.
    """

    table: str
    where: str
    expressions: Mapping[str, str]
    types: re.Pattern[str] | None = None
    parent: str = ""
    parent_key: str = ""
    optional: frozenset[str] = frozenset()


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
        {
            "currency": "BUILTIN.DF(currency)",
            "terms": "BUILTIN.DF(terms)",
            **_MODIFIED,
        },
        re.compile("customer"),
        # Of OneWorld, and of taxes without SuiteTax.
        optional=frozenset({"subsidiary", "taxable"}),
    ),
    "items": Source(
        "item",
        "",
        {
            "revenuerecognitionrule": "BUILTIN.DF(revenuerecognitionrule)",
            **_MODIFIED,
        },
        re.compile(r"\w*item"),
        # Of Advanced Revenue Management.
        optional=frozenset({"revenuerecognitionrule", "deferredrevenueaccount"}),
    ),
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
    "payment_applications": Source(
        "NextTransactionLink",
        "linktype = 'Payment'",
        {},
        parent="payments",
        parent_key="nextdoc",
    ),
    "credit_memos": Source(
        "transaction",
        "type = 'CustCred'",
        {**_TRANSACTION, "status": "BUILTIN.DF(status)"},
        re.compile("creditmemo"),
    ),
    "credit_applications": Source(
        "NextTransactionLink",
        "linktype = 'Payment'",
        {},
        parent="credit_memos",
        parent_key="nextdoc",
    ),
    "customer_refunds": Source(
        "transaction", "type = 'CustRfnd'", _TRANSACTION, re.compile("customerrefund")
    ),
    "refund_applications": Source(
        "NextTransactionLink",
        "linktype = 'Payment'",
        {},
        parent="customer_refunds",
        parent_key="nextdoc",
    ),
    "deposits": Source(
        "transaction", "type = 'Deposit'", _TRANSACTION, re.compile("deposit")
    ),
    "subsidiaries": Source(
        "subsidiary",
        "",
        {"currency": "BUILTIN.DF(currency)", **_MODIFIED},
        re.compile("subsidiary"),
    ),
    "accounts": Source("account", "", _MODIFIED, re.compile("account")),
    "accounting_periods": Source(
        "accountingperiod",
        "",
        {
            "startdate": "TO_CHAR(startdate, 'YYYY-MM-DD')",
            "enddate": "TO_CHAR(enddate, 'YYYY-MM-DD')",
            **_MODIFIED,
        },
        re.compile("accountingperiod"),
    ),
    "exchange_rates": Source(
        "currencyrate",
        "",
        {
            "basecurrency": "BUILTIN.DF(basecurrency)",
            "transactioncurrency": "BUILTIN.DF(transactioncurrency)",
            "effectivedate": "TO_CHAR(effectivedate, 'YYYY-MM-DD')",
            **_MODIFIED,
        },
        re.compile("currencyrate"),
    ),
    "journal_entries": Source(
        "transaction",
        "type = 'Journal'",
        {**_TRANSACTION, "status": "BUILTIN.DF(status)"},
        re.compile("journalentry"),
    ),
    # A transaction's lines are deleted and renumbered with it, and nothing tells so.
    "invoice_lines": Source(
        "transactionline", "", {}, parent="invoices", parent_key="transaction"
    ),
    "journal_lines": Source(
        "transactionline", "", {}, parent="journal_entries", parent_key="transaction"
    ),
}


def _stream(name: str, *columns: Column) -> Stream:
    return Stream(
        name,
        SOURCES[name].table,
        (*columns, instant("lastmodifieddate", "lastmodifieddate")),
        cursor="lastmodifieddate",
    )


def _lines(name: str) -> Stream:
    """Return a stream of accounting lines: what each account is debited (positive)."""
    return Stream(
        name,
        SOURCES[name].table,
        (
            key("transaction", "transaction"),
            _whole("linesequencenumber", "linesequencenumber"),
            _flag("mainline", "mainline?"),
            key("account", "account?"),
            key("subsidiary", "subsidiary?"),
            key("item", "item?"),
            text("memo", "memo?"),
            _decimal("foreignamount", "foreignamount?"),
            _decimal("debitforeignamount", "debitforeignamount?"),
            _decimal("creditforeignamount", "creditforeignamount?"),
        ),
        identity=("transaction", "linesequencenumber"),
    )


def _applications(name: str) -> Stream:
    """Return a stream of links: which document used how much of which other one."""
    return Stream(
        name,
        SOURCES[name].table,
        (
            key("previousdoc", "previousdoc"),
            key("nextdoc", "nextdoc"),
            _decimal("foreignamount", "foreignamount?"),
        ),
        identity=("previousdoc", "nextdoc"),
    )


def _paper(name: str, *columns: Column) -> Stream:
    """Return a stream of transactions, whatever they are."""
    return _stream(
        name,
        text("tranid", "tranid?"),
        text("externalid", "externalid?"),
        key("entity", "entity?"),
        day("trandate", "trandate?"),
        text("currency", "currency?"),
        _decimal("foreigntotal", "foreigntotal?"),
        *columns,
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
        key("parent", "parent?"),
        text("terms", "terms?"),
        key("subsidiary", "subsidiary?"),
        _flag("taxable", "taxable?"),
        _flag("isinactive", "isinactive"),
    ),
    _stream(
        "items",
        text("itemid", "itemid?"),
        text("displayname", "displayname?"),
        text("externalid", "externalid?"),
        text("revenuerecognitionrule", "revenuerecognitionrule?"),
        key("deferredrevenueaccount", "deferredrevenueaccount?"),
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
    _paper("payments"),
    _applications("payment_applications"),
    _paper("credit_memos", text("status", "status?")),
    _applications("credit_applications"),
    _paper("customer_refunds"),
    _applications("refund_applications"),
    _paper("deposits"),
    _stream(
        "subsidiaries",
        text("name", "name?"),
        text("externalid", "externalid?"),
        key("parent", "parent?"),
        text("country", "country?"),
        text("currency", "currency?"),
        _flag("iselimination", "iselimination?"),
        _flag("isinactive", "isinactive"),
    ),
    _stream(
        "accounts",
        text("acctnumber", "acctnumber?"),
        text("fullname", "fullname?"),
        text("accttype", "accttype?"),
        text("externalid", "externalid?"),
        _flag("isinactive", "isinactive"),
    ),
    _stream(
        "accounting_periods",
        text("periodname", "periodname?"),
        day("startdate", "startdate"),
        day("enddate", "enddate"),
        _flag("closed", "closed"),
        _flag("alllocked", "alllocked"),
        _flag("isquarter", "isquarter"),
        _flag("isyear", "isyear"),
        _flag("isadjust", "isadjust"),
        _flag("isposting", "isposting"),
    ),
    _stream(
        "exchange_rates",
        text("basecurrency", "basecurrency"),
        text("transactioncurrency", "transactioncurrency"),
        day("effectivedate", "effectivedate"),
        _decimal("exchangerate", "exchangerate"),
    ),
    _stream(
        "journal_entries",
        text("tranid", "tranid?"),
        text("externalid", "externalid?"),
        day("trandate", "trandate?"),
        key("postingperiod", "postingperiod?"),
        text("currency", "currency?"),
        _decimal("foreigntotal", "foreigntotal?"),
        text("memo", "memo?"),
        text("status", "status?"),
    ),
    _lines("invoice_lines"),
    _lines("journal_lines"),
)
