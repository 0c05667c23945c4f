"""Plan: a SOQL query as SQL, ready to run as often as its pages need."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

from sandbox.collection import Value

# Sums are taken over whole millionths, so that no amount loses a cent to a float.
SCALE = 1_000_000


@dataclass(frozen=True, slots=True)
class Column:
    """One value of each row.

    Attributes:
        label: its name, with dots for a parent's field.
        sql: makes JSON text of it.
        finish: makes JSON text of what the SQL gave, where that is not JSON yet.
    """

    label: str
    sql: str
    finish: Callable[[Any], str] | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """What to run.

    Attributes:
        object: the object's name, for the rows' `attributes`.
        kind: `rows` are fetched by their places, page by page; `groups` come at once;
            `count` is a number and no rows.
        places: SQL for the rows' places in the order asked for, or for the groups, or
            for the number.
        values: its values.
        template: a row's JSON, with `%s` for each column.
        columns: of each row.
        source: SQL from which the columns of a page are taken; its last value is the
            JSON list of places.
        source_values: the values of the columns.
        nested: whether a row holds rows of its own.
        texts: (label, SQL that makes plain text) of each field, for CSV.
    """

    object: str
    kind: Literal["rows", "groups", "count"]
    places: str
    values: tuple[Value, ...]
    template: str
    columns: tuple[Column, ...]
    source: str = ""
    source_values: tuple[Value, ...] = ()
    nested: bool = False
    texts: tuple[tuple[str, str], ...] = ()

    def page(self, *, as_text: bool = False) -> str:
        """Return the SQL for the rows at some places; its last value names them."""
        what = [sql for _, sql in self.texts] if as_text else self._json()
        return f"select {', '.join(what)} {self.source} order by p.key"

    def _json(self) -> list[str]:
        return [each.sql for each in self.columns]

    def row(self, found: Sequence[Any]) -> str:
        """Return a group's JSON."""
        finished = [
            each.finish(value) if each.finish else value
            for each, value in zip(self.columns, found, strict=True)
        ]
        return self.template % tuple(finished)


def scaled(value: int | None) -> str:
    """Return a sum of whole millionths as JSON."""
    return "null" if value is None else plain(Decimal(value) / SCALE)


def average(value: str | None) -> str:
    """Return `sum/count` as JSON, to as many digits as Salesforce shows."""
    if value is None:
        return "null"
    total, _, count = value.partition("/")
    return plain(round(Decimal(total) / SCALE / Decimal(count), 6))


def plain(value: Decimal) -> str:
    """Return a number as JSON without needless zeros, yet with a point."""
    text = format(value, "f")
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return text if "." in text else text + ".0"


def quoted(value: Any) -> str:
    """Return a value as JSON."""
    return json.dumps(value, ensure_ascii=False)
