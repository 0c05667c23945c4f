"""Inbox: what the terminal shows of breaks, changes and checks."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from sqlite3 import Row
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.table import Table

from operations.assignments import Handling, handling
from operations.decisions import waiting
from operations.exceptions import Exception_, open_exceptions
from operations.lifecycle import REPAIRS, Moved, history
from operations.store import Store
from orchestration.home import Home, NotReadyError
from orchestration.record_links import link
from reverse_etl.ledger import Ledger
from reverse_etl.money import major

SHORT_ID = 10
NOBODY = Handling()
HOURS_SHOWN = 48  # an age is told in hours up to here, then in days
EDITS = {"user_edit", "conflict"}  # kinds that `concord overwrite` decides

# A change that needs a word, and the open break that it repairs, where there is one.
WAITING = f"""
select changes.*, exceptions.subject, exceptions.fingerprint
from changes
left join exceptions on exceptions.closed_at is null and {REPAIRS}
where changes.state in ('waiting', 'held', 'rejected')
order by changes.system, changes.object, changes.amount_minor desc, changes.change_id
"""


def waiting_table(home: Home) -> Table:
    """List the changes that wait for a word, each with the break that it repairs."""
    table = _list(
        "To approve: concord approve ID … (rejected ones: concord retry ID …)"
    )
    table.add_column("id", no_wrap=True)
    table.add_column("what and its repair")
    table.add_column("amount", justify="right", no_wrap=True)
    with store(home) as operations:
        for row in operations.rows(WAITING):
            table.add_row(
                row["change_id"][:SHORT_ID],
                f"{row['subject'] or row['reason']}\n[dim]→ {_repair(row)}[/dim]",
                _money(row["amount_minor"], row["currency"]),
            )
    return table


def breaks_table(home: Home) -> Table:
    """List the open breaks that no waiting change repairs, latest and worst first."""
    table = _list("To decide in the systems: breaks without a change of ours")
    for name in ("check", "severity", "owner", "age", "what"):
        table.add_column(name, no_wrap=name != "what")
    with store(home) as operations:
        repaired = {row["fingerprint"] for row in operations.rows(WAITING)}
        found = [
            each
            for each in open_exceptions(operations)
            if each.broken.fingerprint not in repaired
        ]
    for each in sorted(found, key=_urgency):
        broken = each.broken
        command = "overwrite" if broken.kind in EDITS else "assign"
        what = (
            f"{broken.subject}\n[dim]{each.state}"
            f" → concord {command} '{broken.fingerprint}'[/dim]"
        )
        if page := link(home.environ, broken.record_key):
            what += f"\n[dim]{page}[/dim]"
        age = _age(each, datetime.now(UTC))
        table.add_row(broken.kind, broken.severity, broken.owner, age, what)
    return table


def told(operations: Store, fingerprint: str) -> list[Moved]:
    """Return what happened to an exception, oldest first.

    Raises:
        NotReadyError: There was never one of this name.
    """
    found = history(operations, fingerprint)
    if not found:
        raise NotReadyError(
            f"There was never an exception {fingerprint}: see `concord inbox`."
        )
    return found


def history_table(operations: Store, fingerprint: str) -> Table:
    """Tell what happened to an exception, oldest first.

    Raises:
        NotReadyError: There was never one of this name.
    """
    table = _list(fingerprint)
    for name in ("when", "who", "what", "why, and what shows it"):
        table.add_column(name, no_wrap=name in {"when", "what"})
    for moved in told(operations, fingerprint):
        said = "\n".join(f"{name}: {value}" for name, value in moved.detail.items())
        table.add_row(
            f"{moved.at:%Y-%m-%d %H:%M}",
            moved.actor,
            moved.action.removeprefix("exception "),
            said,
        )
    return table


def _urgency(found: Exception_) -> tuple[int, str, str]:
    return -found.escalation, found.broken.severity, found.broken.kind


def _age(found: Exception_, at: datetime) -> str:
    """Say how long it is open, how late it is, and how often it came back."""
    hours = (at - found.opened_at) // timedelta(hours=1)
    age = f"{hours} h" if hours < HOURS_SHOWN else f"{hours // 24} d"
    late = " [red]late[/red]" if found.is_late(at) else ""
    return f"{age}{late}" + (f", back {found.reopened}" if found.reopened else "")


def _repair(row: Row) -> str:
    """Say in a few words what the change would do, and what else it waits for."""
    where = f"{row['system']} {row['object']}"
    why = "" if row["state"] == "waiting" else f" ({row['state']}: {row['why']})"
    if row["action"] == "create":
        return f"create a {where}{why}"
    fields = ", ".join(
        f"{field['field']} = {field['ours'] or '(empty)'}" for field in fields_of(row)
    )
    return f"{where} {row['record_id']}: {fields}{why}"


def _list(title: str) -> Table:
    return Table(title=title, title_justify="left", box=SIMPLE_HEAD, pad_edge=False)


def status_values(home: Home) -> dict[str, Any]:
    """Return how many changes are in which state, and how much is open."""
    with store(home) as operations:
        ledger = Ledger(operations)
        return {
            "home": str(home.folder),
            "changes": [
                {
                    "system": each.system,
                    "object": each.object,
                    "state": each.state,
                    "count": each.count,
                }
                for each in ledger.counts()
            ],
            "open_breaks": len(open_exceptions(operations)),
            "dead_letters": len(ledger.dead_letters()),
        }


def status_table(values: Mapping[str, Any]) -> Table:
    """Lay the status out for a terminal."""
    table = Table(title=f"Status of {values['home']}")
    for name in ("what", "state", "count"):
        table.add_column(name)
    for each in values["changes"]:
        what = f"{each['system']} {each['object']}"
        table.add_row(what, each["state"], str(each["count"]))
    table.add_section()
    table.add_row("breaks", "open", str(values["open_breaks"]))
    table.add_row("dead letters", "open", str(values["dead_letters"]))
    return table


def inbox_values(home: Home) -> dict[str, list[dict[str, Any]]]:
    """Return what waits for a person: changes whole, and breaks with their holder."""
    names = [
        *("change_id", "system", "object", "record_id", "action", "state", "why"),
        *("reason", "amount_minor", "currency", "fingerprint"),
    ]
    with store(home) as operations:
        said = handling(operations)
        return {
            "to_approve": [
                {name: row[name] for name in names} | {"fields": fields_of(row)}
                for row in operations.rows(WAITING)
            ],
            "breaks": [
                {
                    "item": each.broken.fingerprint,
                    "kind": each.broken.kind,
                    "severity": each.broken.severity,
                    "owner": each.broken.owner,
                    "subject": each.broken.subject,
                    "difference_minor": each.broken.difference_minor,
                    "currency": each.broken.currency,
                    "opened_at": each.opened_at.isoformat(),
                    "assignee": said.get(each.broken.fingerprint, NOBODY).assignee,
                }
                for each in open_exceptions(operations)
            ],
        }


def fields_of(row: Row) -> list[dict[str, Any]]:
    """Return the fields of a change: each with the value there and to be."""
    found: list[dict[str, Any]] = json.loads(row["fields"])
    return found


def has_open(home: Home) -> bool:
    """Say whether somebody has something to do."""
    with store(home) as operations:
        return bool(
            open_exceptions(operations)
            or waiting(operations, "waiting", "held")
            or Ledger(operations).dead_letters()
        )


def store(home: Home) -> Store:
    """Open the operations store of a home in which something has run.

    Raises:
        NotReadyError: nothing has, or another environment was meant.
    """
    if not home.operations.exists():
        raise NotReadyError(
            f"Nothing has run in {home.folder} yet: begin with `make demo`, or set "
            "CONCORD_ENV to the environment you mean."
        )
    return Store(home.operations)


def _money(minor: int | None, currency: str | None) -> str:
    """Write minor units as an amount, exactly."""
    if minor is None:
        return ""
    return f"{major(minor, currency or 'USD'):,} {currency or ''}"
