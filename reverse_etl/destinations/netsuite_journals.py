"""Journals: a batch of the revenue subledger as a NetSuite journal that posts nothing.

A journal that is not approved is in no ledger: a person in NetSuite looks at it and
approves it there. It carries the batch as external id, and is put whole: sent a second
time it replaces its own lines, and there is still one.
"""

import json
from decimal import Decimal
from typing import Any

from ingestion.errors import Rejected, SystemFault
from ingestion.netsuite import query
from ingestion.transport.rest import Rest
from reverse_etl.change import Change
from reverse_etl.destinations.wire import json_number
from reverse_etl.money import major, minor

JOURNAL = "journalEntry"
LINES = "line"
# SuiteQL has these of the lines alone: a transaction's own subsidiary is not exposed.
OF_LINES = frozenset({LINES, "subsidiary"})


def body_of(change: Change) -> dict[str, Any]:
    """Return the journal as the record API takes it.

    Raises:
        Rejected: an amount is no number of JSON.
    """
    values = {name: value for name, value in change.values.items() if value}
    currency = values["currency"]
    body: dict[str, Any] = {
        **values,
        "approved": False,
        "currency": {"refName": currency},
        LINES: {
            "items": [
                _line(account, amount, memo, currency)
                for account, amount, memo in json.loads(values[LINES])
            ]
        },
    }
    if "subsidiary" in values:
        body["subsidiary"] = {"id": values["subsidiary"]}
    return body


def _line(account: str, amount_minor: int, memo: str, currency: str) -> dict[str, Any]:
    side = "debit" if amount_minor > 0 else "credit"
    amount = json_number("netsuite", major(abs(amount_minor), currency))
    return {"account": {"id": account}, side: amount, "memo": memo}


def shown_by_lines(rest: Rest, journal_id: str, currency: str) -> dict[str, str | None]:
    """Return what the lines of a journal tell: themselves, and whose books they are in.

    One call for each journal: a page has a thousand rows, and one may have hundreds.
    """
    rows = query(
        rest,
        "SELECT linesequencenumber, account, foreignamount, memo, subsidiary"
        f" FROM transactionline WHERE transaction = {journal_id}"
        " ORDER BY linesequencenumber",
    )["items"]
    lines = [
        [
            row["account"],
            minor(Decimal(row["foreignamount"]), currency),
            row.get("memo"),
        ]
        for row in rows
    ]
    return {
        LINES: json.dumps(lines, separators=(",", ":"), ensure_ascii=False),
        "subsidiary": next((row.get("subsidiary") for row in rows), None),
    }


def next_step(fault: SystemFault) -> str:
    """Return what a person does about a journal that NetSuite turned down."""
    field = fault.field or ""
    if not isinstance(fault, Rejected):
        return ""
    if field == "tranDate":
        return (
            "open the period in NetSuite, or give our role Override Period Restrictions"
            " while it is only locked, then let the change be retried"
        )
    if field.startswith(LINES):
        return (
            "open the account in NetSuite, or name another one for the role in"
            " journal_accounts and plan again"
        )
    return ""
