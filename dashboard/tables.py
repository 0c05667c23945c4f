"""Tables: rows as cells that people read, and the same rows as values to take away.

A column says both: how a cell is shown, and which value an export holds.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import pandas as pd  # type: ignore[import-untyped]

from dashboard.formats import (
    day,
    days,
    exact,
    grouped,
    instant,
    major,
    month,
    percent,
    plain,
)
from dashboard.metrics import written
from dashboard.view import Row

NONE = "\N{EM DASH}"
USD = "USD"


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its title with the unit, and how its values are written.

    Attributes:
        title: with the unit, where all values have one.
        name: of the value in the row.
        write: writes a value that is there; `row` has what else it takes.
        exported: the value as an export holds it.
        is_number: whole numbers, which stand at the right so that their digits align.
        rem: kept for a line of text; on a phone the table scrolls in itself.
    """

    title: str
    name: str
    write: Callable[[Any, Row], str]
    exported: Callable[[Any, Row], Any] = lambda value, _row: value
    is_number: bool = False
    rem: int = 0

    def shown(self, row: Row) -> str:
        """Return the text of a cell."""
        value = row[self.name]
        return NONE if value is None else self.write(value, row)

    def value(self, row: Row) -> Any:
        """Return what an export holds of a cell."""
        value = row[self.name]
        return None if value is None else self.exported(value, row)


def text(title: str, name: str, rem: int = 0) -> Column:
    """Show a text from outside literally."""
    return Column(title, name, lambda value, _row: plain(str(value)), rem=rem)


def code(title: str, name: str, rem: int = 0) -> Column:
    """Show a value of a fixed list in words: `first_contract` is first contract."""
    return Column(
        title,
        name,
        lambda value, _row: plain(str(value).replace("_", " ")),
        rem=rem,
    )


def link(
    title: str, name: str, url: Callable[[Row], str | None], rem: int = 0
) -> Column:
    """Show a text that leads to a page or to the record in its system."""

    def write(value: Any, row: Row) -> str:
        words, target = plain(str(value)), url(row)
        return f"[{words}]({target})" if target else words

    return Column(title, name, write, rem=rem)


def usd(title: str, name: str) -> Column:
    """Show US dollar minor units to the cent; the title names the currency."""
    return Column(
        title,
        name,
        lambda value, _row: exact(value),
        lambda value, _row: major(value),
        is_number=True,
    )


def money(title: str, name: str) -> Column:
    """Show minor units of the row's own currency, which has a column of its own."""
    return Column(
        title,
        name,
        lambda value, row: exact(value, row["currency"] or USD),
        lambda value, row: major(value, row["currency"] or USD),
        is_number=True,
    )


def number(title: str, name: str) -> Column:
    """Show a whole number."""
    return Column(title, name, lambda value, _row: grouped(value), is_number=True)


def share(title: str, name: str) -> Column:
    """Show hundredths of a percent."""
    return Column(
        title,
        name,
        lambda value, _row: percent(value),
        lambda value, _row: major(value),
        is_number=True,
    )


def in_days(title: str, name: str) -> Column:
    """Show hundredths of a day."""
    return Column(
        title,
        name,
        lambda value, _row: days(value),
        lambda value, _row: major(value),
        is_number=True,
    )


def unit(title: str, name: str) -> Column:
    """Show a metric's value in its own unit, which stands in `unit` of the row."""
    return Column(
        title,
        name,
        lambda value, row: written(value, row["unit"]),
        lambda value, row: value if row["unit"] == "count" else major(value),
    )


def on(title: str, name: str) -> Column:
    """Show a day."""
    return Column(title, name, lambda value, _row: day(value), rem=6)


def at(title: str, name: str) -> Column:
    """Show an instant, in UTC."""
    return Column(title, name, lambda value, _row: instant(value), rem=10)


def of_month(title: str, name: str) -> Column:
    """Show a month."""
    return Column(title, name, lambda value, _row: month(value), rem=5)


def flag(title: str, name: str, yes: str = "yes", no: str = "no") -> Column:
    """Show a yes or no in words."""
    return Column(title, name, lambda value, _row: yes if value else no)


def styled(rows: Sequence[Row], columns: Sequence[Column]) -> Any:
    """Lay rows out; numbers stay numbers, so that they align at the right."""
    cells = pd.DataFrame(
        {
            column.title: pd.array([row[column.name] for row in rows], dtype="Int64")
            if column.is_number
            else [column.shown(row) for row in rows]
            for column in columns
        }
    )
    # How a number is written may depend on the currency of its row.
    by_currency: dict[Any, list[int]] = {}
    for place, row in enumerate(rows):
        by_currency.setdefault(row.get("currency"), []).append(place)
    shown = cells.style
    for column in columns:
        if column.is_number:
            for places in by_currency.values():
                write = partial(_written, column, rows[places[0]])
                shown = shown.format(write, subset=(places, [column.title]))
        if column.rem:
            shown = shown.set_properties(
                subset=[column.title], **{"min-width": f"{column.rem}rem"}
            )
    return shown


def values(rows: Sequence[Row], columns: Sequence[Column]) -> list[list[Any]]:
    """Return what an export holds: titles, then one list of values per row."""
    return [
        [column.title for column in columns],
        *([column.value(row) for column in columns] for row in rows),
    ]


def _written(column: Column, row: Row, value: Any) -> str:
    """Write a number as a row of this currency does."""
    return NONE if pd.isna(value) else column.write(int(value), row)
