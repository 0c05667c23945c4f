"""Inbox: what the terminal shows of breaks, changes and checks."""

import json
from datetime import UTC, datetime
from sqlite3 import Row

from rich.box import SIMPLE_HEAD
from rich.table import Table

from operations.decisions import waiting
from operations.exceptions import open_exceptions
from operations.store import Store
from orchestration.home import TRANSFORM, Home, NotReadyError
from reverse_etl.contract import load_contract
from reverse_etl.ledger import Ledger
from reverse_etl.plan import make_plan

SHORT_ID = 10
EXPONENTS = {"JPY": 0}

# A waiting change, and the open break that it repairs where reconciliation found one.
WAITING = """
select changes.*, exceptions.subject, exceptions.fingerprint
from changes
left join exceptions on exceptions.closed_at is null
    and exceptions.detail ->> '$.target_system' = changes.system
    and lower(exceptions.detail ->> '$.target_object') = lower(changes.object)
    and exceptions.detail ->> '$.target_record_id'
        in (changes.record_id, changes.external_key)
where changes.state = 'waiting'
order by changes.system, changes.object, changes.amount_minor desc, changes.change_id
"""


def waiting_table(home: Home) -> Table:
    """List the changes that wait for approval, each with the break that it repairs."""
    table = _list("To approve: concord approve ID … --reason '…'")
    table.add_column("id", no_wrap=True)
    table.add_column("what and its repair")
    table.add_column("amount", justify="right", no_wrap=True)
    with _store(home) as store:
        for row in store.rows(WAITING):
            table.add_row(
                row["change_id"][:SHORT_ID],
                f"{row['subject'] or row['reason']}\n[dim]→ {_repair(row)}[/dim]",
                _money(row["amount_minor"], row["currency"]),
            )
    return table


def breaks_table(home: Home) -> Table:
    """List the open breaks that no waiting change repairs, worst first."""
    table = _list("To decide in the systems: breaks without a change of ours")
    for name in ("check", "severity", "owner", "what"):
        table.add_column(name, no_wrap=name != "what")
    with _store(home) as store:
        repaired = {row["fingerprint"] for row in store.rows(WAITING)}
        found = [each.broken for each in open_exceptions(store)]
    for broken in sorted(found, key=lambda each: (each.severity, each.kind)):
        if broken.fingerprint not in repaired:
            table.add_row(broken.kind, broken.severity, broken.owner, broken.subject)
    return table


def _repair(row: Row) -> str:
    """Say in a few words what the change would do."""
    where = f"{row['system']} {row['object']}"
    if row["action"] == "create":
        return f"create a {where}"
    fields = ", ".join(
        f"{field['field']} = {field['ours'] or '(empty)'}"
        for field in json.loads(row["fields"])
    )
    return f"{where} {row['record_id']}: {fields}"


def _list(title: str) -> Table:
    return Table(title=title, title_justify="left", box=SIMPLE_HEAD, pad_edge=False)


def plan_table(home: Home) -> Table:
    """Show the plan that would be made now; nothing is recorded or sent."""
    if not home.warehouse.exists():
        raise NotReadyError(f"{home.folder} has no warehouse yet: run the loop first.")
    with _store(home) as store:
        contract = load_contract(TRANSFORM / "models")
        made = make_plan(
            home.warehouse, contract, Ledger(store), made_at=datetime.now(UTC)
        )
    table = Table(title=f"{len(made.changes)} changes, {len(made.standing)} standing")
    for name in ("record", "field", "there", "golden", "why"):
        table.add_column(name, overflow="fold")
    for change in made.changes:
        for field in change.fields:
            table.add_row(
                change.record_key,
                field.field,
                field.theirs,
                field.ours,
                change.reason,
            )
    return table


def counts(home: Home) -> Table:
    """Show how many changes are in which state, and how many breaks are open."""
    table = Table(title=f"Status of {home.folder}")
    for name in ("what", "state", "count"):
        table.add_column(name)
    with _store(home) as store:
        for count in Ledger(store).counts():
            table.add_row(
                f"{count.system} {count.object}", count.state, str(count.count)
            )
        found = open_exceptions(store)
        dead = Ledger(store).dead_letters()
    table.add_section()
    table.add_row("breaks", "open", str(len(found)))
    table.add_row("dead letters", "open", str(len(dead)))
    return table


def has_open(home: Home) -> bool:
    """Say whether somebody has something to do."""
    with _store(home) as store:
        return bool(
            open_exceptions(store) or waiting(store) or Ledger(store).dead_letters()
        )


def _store(home: Home) -> Store:
    if not home.operations.exists():
        raise NotReadyError(
            f"Nothing has run in {home.folder} yet: begin with `make demo`, or set "
            "CONCORD_ENV to the environment you mean."
        )
    return Store(home.operations)


def _money(minor: int | None, currency: str | None) -> str:
    if minor is None:
        return ""
    exponent = EXPONENTS.get(currency or "", 2)
    return f"{minor / 10**exponent:,.{exponent}f} {currency or ''}"
