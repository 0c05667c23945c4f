"""View: what one page is drawn from: one publication, and what its reader chose."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from urllib.parse import quote

import duckdb

from dashboard.charts import Palette
from dashboard.published import Publication

Row = Mapping[str, Any]

COMPANY, SEGMENT = "company", "segment"
# How people name the levels that `metric_values` keeps.
_WORDS = {"currency": "currency", "legal_entity": "entity", SEGMENT: "segment"}
# What a customer counts to of whom nobody says a segment.
_UNASSIGNED = "unassigned"
_LEVELS = {word: level for level, word in _WORDS.items()}


@dataclass(frozen=True, slots=True)
class Scope:
    """What the numbers are of: the company, a currency, an entity or a segment."""

    level: str
    member: str

    @classmethod
    def named(cls, name: str) -> "Scope":
        """Read a scope as the address of a page names it."""
        word, _, member = name.partition(" ")
        level = _LEVELS.get(word)
        return cls(level, member) if level else cls(COMPANY, "all")

    @property
    def name(self) -> str:
        """How the address names it."""
        if self.level == COMPANY:
            return COMPANY
        return f"{_WORDS[self.level]} {self.member}"

    def condition(
        self,
        *,
        currency: str | None = None,
        entity: str | None = None,
        segment: str | None = None,
    ) -> tuple[str, list[str]]:
        """Return the SQL condition on rows of this scope, and its values.

        The columns that tell rows apart are named; rows that are not told apart so are
        left out, rather than shown as if they were of the scope.
        """
        if self.level == COMPANY:
            return "true", []
        columns = {"currency": currency, "legal_entity": entity, SEGMENT: segment}
        column = columns[self.level]
        if column is None:
            return "false", []
        if self.level == SEGMENT:
            column = f"coalesce({column}, '{_UNASSIGNED}')"
        return f"{column} = ?", [self.member]


@dataclass(frozen=True, slots=True)
class View:
    """One publication, open for reading, and the choices of whoever looks at it."""

    publication: Publication
    connection: duckdb.DuckDBPyConnection
    month: date
    scope: Scope
    now: datetime
    palette: Palette
    pages: Mapping[str, Any] = field(default_factory=dict)  # by path, to link to
    links: Mapping[tuple[str, str], str] = field(default_factory=dict)
    # Whose items may be decided; None: everybody's, and those of no customer too.
    customers: Collection[str] | None = None

    def has(self, customer_id: str | None) -> bool:
        """Tell whether what is about this customer, or about none, may be seen."""
        return self.customers is None or customer_id in self.customers

    def record_url(self, system: str, kind: str, record_id: str | None) -> str | None:
        """Return where a person opens a record of a system; None if we do not know."""
        page = self.links.get((system, kind))
        return page.replace("{id}", quote(record_id)) if page and record_id else None

    def rows(self, query: str, *values: Any) -> list[Row]:
        """Return the rows of a query, each by column name."""
        answer = self.connection.execute(query, list(values))
        names = [column[0] for column in answer.description]
        return [dict(zip(names, row, strict=True)) for row in answer.fetchall()]


def scopes(connection: duckdb.DuckDBPyConnection, levels: Collection[str]) -> list[str]:
    """Return the names of the scopes of some levels, the company's first.

    Segments are no choice where no customer has one.
    """
    found = connection.execute(
        "select distinct level, level_value from marts.metric_values"
        " where level = 'company' or list_contains(?, level)"
        " order by level, level_value",
        [list(levels)],
    ).fetchall()
    if [member for level, member in found if level == SEGMENT] == [_UNASSIGNED]:
        found.remove((SEGMENT, _UNASSIGNED))
    named = [Scope(*row).name for row in found]
    return sorted(named, key=lambda name: name != COMPANY)


def choice(levels: Collection[str]) -> str:
    """Return what people choose from when they may choose of these levels."""
    words = ["Company", *(_WORDS[level] for level in levels)]
    return f"{', '.join(words[:-1])} or {words[-1]}"


def months(connection: duckdb.DuckDBPyConnection) -> list[date]:
    """Return the months that there are numbers for, the last one first."""
    found = connection.execute(
        "select distinct month from marts.metric_values order by month desc"
    ).fetchall()
    return [row[0] for row in found]


def links(connection: duckdb.DuckDBPyConnection) -> dict[tuple[str, str], str]:
    """Return by system and object where people open a record of it."""
    found = connection.execute(
        "select system, object, url from published.links"
    ).fetchall()
    return {(system, kind): url for system, kind, url in found}
