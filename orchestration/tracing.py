"""Tracing: why a contract's accounts moved in a month, down to invoice and rule."""

from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from typing import Any

import duckdb
from rich.box import SIMPLE_HEAD
from rich.markup import escape
from rich.table import Table

from orchestration.home import Home, NotReadyError
from orchestration.scenarios.amounts import major

Row = Mapping[str, Any]
CONTRACT = """
select contract_id, revenue_contracts.currency, coalesce(legal_name, customer_id)
    as customer, contract_number
from revenue.revenue_contracts
inner join canonical.contracts using (contract_id, customer_id)
left join canonical.customers using (customer_id)
where contract_id = $1 or contract_number = $1
"""
HOLDS = "select reason from revenue.revenue_holds where contract_id = $1 order by 1"
LINES = """
select lines.*, events.invoice_id, events.decided_by, events.treatment,
    coalesce(invoices.number, '') as number
from revenue.revenue_booked_lines as lines
left join revenue.revenue_accepted_events as events
    on events.event_id = lines.event_id
left join canonical.invoices on invoices.invoice_id = events.invoice_id
where lines.contract_id = $1 and lines.month = $2
    and ($3 is null or lines.account_role = $3)
order by lines.posted_on, lines.reason, lines.obligation_key, lines.amount_minor desc
"""
OBLIGATIONS = """
select obligations.obligation_key, coalesce(products.name, obligations.product_id, '')
    as product, obligations.method, recognized.version_no, versions.treatment,
    versions.event_id, versions.effective_on, versions.allocated_minor,
    versions.base_minor, versions.pool_minor, versions.from_on, versions.ends_before,
    recognized.recognized_minor, recognized.recognized_to_date_minor,
    recognized.remaining_minor
from revenue.revenue_recognized_monthly as recognized
inner join revenue.revenue_performance_obligations as obligations
    using (obligation_key)
inner join revenue.revenue_obligation_versions as versions
    on versions.obligation_key = recognized.obligation_key
    and versions.version_no = recognized.version_no
left join canonical.products on products.product_id = obligations.product_id
where recognized.contract_id = $1 and recognized.month = $2
order by obligations.obligation_key
"""
INVOICED = """
select obligation_id, number, issued_on, lines.net_minor, lines.starts_on,
    lines.ends_before
from revenue.revenue_invoiced_lines as lines
inner join canonical.invoices using (invoice_id)
where contract_id = $1
order by obligation_id, issued_on, invoice_line_id
"""
DECISIONS = """
select 'modification:' || order_id as event_id, treatment, decided_by, rationale
from canonical.contract_modifications where contract_id = $1
"""
# What each reason of a journal line rests on; docs/scenarios.md has the arithmetic.
RULES = {
    "performance": "method of the obligation on its allocated price (Methods)",
    "usage": "amount of the use, on its day (Methods)",
    "invoice": "receivable against deferred (Events)",
    "payment": "cash against receivable (Events)",
    "netting": "billed less recognized, by contract (Balances)",
    "credit_note": "by reason: prospective or pro rata (Reductions)",
    "refund": "pro rata, or the money of a credit note (Reductions)",
    "void": "what is left of the invoice is undone (Reductions)",
    "dispute": "pro rata (Reductions)",
    "write_off": "pro rata, what was earned is bad debt (Reductions)",
    "remeasurement": "monetary balances at the month's last rate (Balances)",
    "historical_rate": "deferred keeps the rates of its invoices (Balances)",
    "settlement": "difference of rates (Balances)",
}


@dataclass(frozen=True)
class Trace:
    """What lies behind a contract's postings of one month."""

    contract: Row
    month: date
    holds: Sequence[str]
    lines: Sequence[Row]
    obligations: Sequence[Row]
    invoiced: Sequence[Row]
    decisions: Mapping[str, Row]


def trace(home: Home, subject: str, month: date, role: str | None) -> Trace:
    """Return what lies behind a contract's postings of a month.

    Args:
        home: whose warehouse is read.
        subject: the contract's id or number.
        month: any day of the month.
        role: one account role, or None for all.

    Raises:
        NotReadyError: nothing was built yet, or there is no such contract.
    """
    if not home.warehouse.exists():
        raise NotReadyError(f"{home.folder} has no warehouse yet: run the loop first.")
    with closing(duckdb.connect(str(home.warehouse), read_only=True)) as warehouse:
        try:
            found = _rows(warehouse, CONTRACT, subject)
        except duckdb.CatalogException as error:
            raise NotReadyError(
                "No revenue was built yet: begin with concord run refresh."
            ) from error
        if not found:
            raise NotReadyError(f"No contract has the id or number {subject}.")
        contract = found[0]
        key, first = contract["contract_id"], month.replace(day=1)
        return Trace(
            contract=contract,
            month=first,
            holds=[row["reason"] for row in _rows(warehouse, HOLDS, key)],
            lines=_rows(warehouse, LINES, key, first, role),
            obligations=_rows(warehouse, OBLIGATIONS, key, first),
            invoiced=_rows(warehouse, INVOICED, key),
            decisions={
                row["event_id"]: row for row in _rows(warehouse, DECISIONS, key)
            },
        )


def _rows(
    warehouse: duckdb.DuckDBPyConnection, query: str, *values: Any
) -> Sequence[Row]:
    answer = warehouse.execute(query, list(values))
    names = [column[0] for column in answer.description]
    return [dict(zip(names, row, strict=True)) for row in answer.fetchall()]


def trace_tables(found: Trace) -> list[Table]:
    """Show the journal lines with their rules, then what each of them stands on."""
    return [_lines(found), _obligations(found), _invoiced(found)]


def trace_title(found: Trace) -> str:
    """Say whose contract is traced, and whether it is held."""
    contract = found.contract
    name = f"{contract['contract_number']} of {contract['customer']}"
    if found.holds:
        return f"{name} is held, nothing is posted: {', '.join(found.holds)}"
    return f"{name}, {found.month:%Y-%m}, {contract['currency']}"


def _table(title: str, *columns: str, right: Sequence[str] = ()) -> Table:
    table = Table(title=title, title_justify="left", box=SIMPLE_HEAD, pad_edge=False)
    for name in columns:
        table.add_column(
            name, overflow="fold", justify="right" if name in right else "left"
        )
    return table


def _short(obligation_key: str | None) -> str:
    """Return the obligation without its contract."""
    return escape((obligation_key or "").rpartition("/")[2])


def _lines(found: Trace) -> Table:
    table = _table(
        *("Journal", "posted", "account role", "amount", "obligation", "from", "rule"),
        right=("amount",),
    )
    for row in found.lines:
        origin = row["number"] or row["event_id"] or row["reason"]
        if row["corrects_month"] is not None:
            origin += f", corrects {row['corrects_month']:%Y-%m}"
        table.add_row(
            f"{row['posted_on']}",
            row["account_role"],
            major(row["amount_minor"], found.contract["currency"]),
            _short(row["obligation_key"]),
            escape(origin),
            RULES.get(row["reason"], row["reason"]),
        )
    return table


def _obligations(found: Trace) -> Table:
    amounts = ("allocated", "revenue", "to date", "remaining")
    table = _table(
        *("Obligations", "obligation", "product", "method", "version"),
        *amounts,
        "decided",
        right=amounts,
    )
    for row in found.obligations:
        table.add_row(
            _short(row["obligation_key"]),
            escape(row["product"]),
            f"{row['method']}, {row['from_on']} to before {row['ends_before']}",
            f"{row['version_no']} of {row['effective_on']}: {row['treatment']}",
            *(
                major(row[name], found.contract["currency"])
                for name in (
                    "allocated_minor",
                    "recognized_minor",
                    "recognized_to_date_minor",
                    "remaining_minor",
                )
            ),
            escape(_decision(found, row["event_id"])),
        )
    return table


def _decision(found: Trace, event_id: str | None) -> str:
    """Return who decided on a version, and why."""
    if event_id is None:
        return ""
    if event_id.startswith("settlement:"):
        return "policy: a contract that is over is worth what was billed"
    decision = found.decisions.get(event_id.split("/")[0])
    return f"{decision['decided_by']}: {decision['rationale']}" if decision else ""


def _invoiced(found: Trace) -> Table:
    table = _table(
        *("Invoice lines", "obligation", "invoice", "issued", "service", "net"),
        right=("net",),
    )
    for row in found.invoiced:
        table.add_row(
            _short(row["obligation_id"]),
            escape(row["number"] or ""),
            f"{row['issued_on']}",
            f"{row['starts_on']} to before {row['ends_before']}",
            major(row["net_minor"], found.contract["currency"]),
        )
    return table
