"""Arrived: what the terminal shows of loads: what is held back, and what adds up."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from itertools import groupby
from sqlite3 import Row
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.markup import escape
from rich.table import Table

from ingestion.load import Loaded
from operations.quarantine import Held, Totals
from operations.store import Store

# The last totals of each stream: loads that failed or left a stream out have none.
_LATEST = f"""
select at, {", ".join(Totals.__slots__)} from control_totals
where total_id in (select max(total_id) from control_totals group by system, stream)
    and (? is null or system = ?)
order by system, total_id
"""
_COUNTS = ("read", "loaded", "duplicates", "quarantined", "changed", "deleted")


@dataclass(frozen=True, slots=True)
class Latest:
    """The control totals of the last load of one stream, and when that was."""

    at: datetime
    totals: Totals


def latest(store: Store, system: str | None = None) -> list[Latest]:
    """Return the last control totals of each stream, of one system or of all."""
    return [
        Latest(datetime.fromisoformat(row["at"]), _totals(row))
        for row in store.rows(_LATEST, [system, system])
    ]


def _totals(row: Row) -> Totals:
    values = {name: row[name] for name in Totals.__slots__}
    return Totals(**values | {"is_partial": bool(row["is_partial"])})


def quarantine_table(held: Iterable[Held], *, is_full: bool) -> Table:
    """List what is in quarantine; `is_full` adds the record as it came."""
    table = _list("In quarantine: concord replay SYSTEM tries them again")
    for name in ("system and object", "record", "field", "why, and what next", "since"):
        table.add_column(name, overflow="fold", no_wrap=name == "since")
    for each in held:
        letter = each.letter
        what = f"{plain(letter.reason)}\n[dim]→ {plain(letter.next_step)}[/dim]"
        if is_full:
            what += f"\n[dim]{plain(letter.document)}[/dim]"
        table.add_row(
            f"{letter.system}\n{plain(letter.object)}",
            plain(letter.record_id or "(names none)"),
            plain(letter.field or ""),
            what,
            f"{each.held_since:%Y-%m-%d %H:%M}",
        )
    return table


def quarantine_values(held: Iterable[Held], *, is_full: bool) -> list[dict[str, Any]]:
    """Return what is in quarantine for a program; `is_full` adds the records."""
    whole = {"key"} if is_full else {"key", "document", "given"}
    return [
        {
            **{k: v for k, v in asdict(each.letter).items() if k not in whole},
            "held_since": each.held_since.isoformat(),
            "seen_at": each.seen_at.isoformat(),
        }
        for each in held
    ]


def loads_tables(found: Sequence[Latest]) -> list[Table]:
    """List the last control totals of each stream, a table for each system."""
    return [
        _loads_table(system, list(some))
        for system, some in groupby(found, lambda each: each.totals.system)
    ]


def _loads_table(system: str, found: Sequence[Latest]) -> Table:
    table = _list(f"{system}: read = loaded + twice + held (* a part was asked for)")
    table.padding = (0, 1, 0, 0)
    table.add_column("stream", overflow="fold")
    for name in ("read", "loaded", "twice", "held", "changed", "deleted"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("at (UTC)", no_wrap=True)
    for each in found:
        numbers = [f"{getattr(each.totals, name):,}" for name in _COUNTS]
        at = f"{each.at:%m-%d %H:%M}{'*' if each.totals.is_partial else ''}"
        table.add_row(each.totals.stream, *numbers, at)
    return table


def loads_values(found: Iterable[Latest]) -> list[dict[str, Any]]:
    """Return the last control totals of each stream for a program."""
    return [{"at": each.at.isoformat(), **asdict(each.totals)} for each in found]


def came_table(loaded: Iterable[Loaded]) -> Table:
    """List what one load did to each stream."""
    table = _list("What came")
    table.add_column("stream", no_wrap=True)
    for name in ("read", "twice", "held", "changed", "deleted", "there now"):
        table.add_column(name, justify="right", no_wrap=True)
    for each in loaded:
        table.add_row(
            each.stream,
            f"{each.read:,}",
            f"{each.duplicates:,}",
            f"{each.quarantined:,}",
            f"{each.changed:,}",
            f"{each.deleted:,}",
            f"{each.rows:,}",
        )
    return table


def plain(text: str) -> str:
    """Return a vendor's text such that it cannot steer the terminal or its colours."""
    return escape("".join(each if each.isprintable() else "�" for each in text))


def _list(title: str) -> Table:
    return Table(title=title, title_justify="left", box=SIMPLE_HEAD, pad_edge=False)
