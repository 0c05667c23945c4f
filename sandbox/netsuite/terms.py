"""Terms: compiled pieces of a SuiteQL query, where their names come from."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlglot import exp

from sandbox.netsuite import functions, masks
from sandbox.netsuite.tables import NO_FIELD, WITHHELD, Column, Kind

# SQLite takes 32,766 values with a query; Oracle ends long before.
MAX_VALUES = 30_000


class SuiteqlError(ValueError):
    """Why NetSuite would not run a query."""


class UnsupportedError(SuiteqlError):
    """NetSuite's one sentence for whatever it does not understand."""

    def __init__(self) -> None:
        """Say the sentence."""
        super().__init__("Search error occurred: Invalid or unsupported search.")


@dataclass(frozen=True, slots=True)
class Term:
    """An expression in SQLite's SQL.

    Attributes:
        sql: the expression.
        kind: how it compares and is shown.
        constant: its value, where the query spells it out.
        display: what BUILTIN.DF shows instead.
        certain: it is never null.
    """

    sql: str
    kind: Kind
    constant: str | int | float | None = None
    display: str | None = None
    certain: bool = False


@dataclass(frozen=True, slots=True)
class Source:
    """A table or a subquery under the name that the query gave it."""

    record: str
    alias: str
    columns: Mapping[str, Column]

    def term(self, name: str) -> Term:
        """Return a column as a term."""
        column = self.columns[name]
        display = column.display and column.display.replace("{a}", self.alias)
        sql = column.sql.replace("{a}", self.alias)
        return Term(sql, column.kind, None, display, column.certain)


@dataclass(slots=True)
class Scope:
    """The sources of one SELECT; a subquery also sees those around it."""

    sources: dict[str, Source] = field(default_factory=dict)
    parent: "Scope | None" = None
    aggregates: bool = False

    def find(self, node: exp.Column) -> Term:
        """Return the term of a column; SuiteqlError names it if it is unknown."""
        name, owner = node.name.lower(), node.table.lower()
        scope: Scope | None = self
        while scope is not None:
            holders = [
                source
                for alias, source in scope.sources.items()
                if (owner in ("", alias)) and name in source.columns
            ]
            if len(holders) > 1:
                raise SuiteqlError(
                    f"Search error occurred: Ambiguous identifier '{name}'."
                )
            if holders:
                return holders[0].term(name)
            if owner in scope.sources:
                raise _no_field(scope.sources[owner].record, name)
            scope = scope.parent
        if not owner:
            for source in self.sources.values():
                if (source.record, name) in WITHHELD:
                    raise _no_field(source.record, name)
        raise self._unknown(node.table or node.name)

    def _unknown(self, name: str) -> SuiteqlError:
        known = ", ".join(f"{a}={s.record}" for a, s in self.sources.items())
        return SuiteqlError(
            f"Search error occurred: Unknown identifier '{name[:100]}'."
            f" Available identifiers are: {{{known}}}."
        )


def _no_field(record: str, name: str) -> SuiteqlError:
    reason = WITHHELD.get((record, name), NO_FIELD)
    return SuiteqlError(
        f"Search error occurred: Field '{name[:100]}' for record '{record}' was not"
        f" found. Reason: {reason}."
    )


@dataclass(slots=True)
class Values:
    """The values that a query spells out, and how its account reads and writes days."""

    zone: str
    preference: str
    now: str
    given: list[Any] = field(default_factory=list)
    places: dict[tuple[type, Any], int] = field(default_factory=dict)

    def bind(self, value: str | float) -> str:
        """Keep a value; return its place in the SQL."""
        # Equal values share a place: an expression that is written twice, in SELECT
        # and in ORDER BY, must be the same SQL.
        place = self.places.get((type(value), value))
        if place is None:
            if len(self.given) >= MAX_VALUES:
                raise UnsupportedError
            self.given.append(value)
            place = self.places[type(value), value] = len(self.given)
        return f"?{place}"

    def constant(self, value: str | float, kind: Kind) -> Term:
        """Return a term for a value; SQLite must not take an integer for a text."""
        if isinstance(value, int) and abs(value) > 2**63 - 1:
            value = float(value)
        return Term(self.bind(value), kind, value, None, certain=True)

    def local(self, term: Term) -> Term:
        """Return an instant as the account's clock shows it."""
        if term.kind != "utc":
            return term
        sql = term.sql
        if self.zone != "UTC":
            sql = f"ns_local({sql}, {self.bind(self.zone)})"
        return Term(sql, "stamp", None, None, term.certain)

    def universal(self, constant: str) -> Term:
        """Return an instant of the account's clock as it is kept."""
        if self.zone != "UTC":
            constant = functions.universal(constant, self.zone)
        return self.constant(constant, "utc")

    def number(self, term: Term) -> Term:
        """Return a term as a number, as Oracle reads text beside a number."""
        if term.kind in ("number", "null"):
            return term
        if term.kind != "text":
            raise UnsupportedError
        if term.constant is None:
            return Term(f"ns_number({term.sql})", "number")
        try:
            number = float(term.constant)
        except ValueError as error:
            sentence = "Search error occurred: Invalid number"
            raise SuiteqlError(f"{sentence}: {str(term.constant)[:50]}.") from error
        whole = number.is_integer() and abs(number) < 2**53
        if number != number or abs(number) == float("inf"):  # noqa: PLR0124 -- NaN
            raise UnsupportedError
        return self.constant(int(number) if whole else number, "number")

    def text(self, term: Term) -> Term:
        """Return a term as the text that the account shows for it."""
        if term.kind in ("text", "null"):
            return term
        if term.kind == "number":
            return Term(f"ns_text({term.sql})", "text")
        if self.preference == "M/D/YYYY":
            sql = self.local(term).sql
            parts = (
                f"cast(substr({sql}, 6, 2) as integer) || '/'"
                f" || cast(substr({sql}, 9, 2) as integer)"
                f" || '/' || substr({sql}, 1, 4)"
            )
            return Term(f"({parts})", "text")
        mask = self.bind(self.preference)
        return Term(f"ns_char({self.local(term).sql}, {mask})", "text")

    def day(self, term: Term) -> Term:
        """Return a text as the day that the account reads in it."""
        if term.kind in ("date", "stamp", "utc", "null"):
            return term
        if term.kind != "text" or term.constant is None:
            raise UnsupportedError
        try:
            at = masks.day_from(str(term.constant), self.preference)
        except masks.MaskError as error:
            raise SuiteqlError(
                "Search error occurred: Parse of date/time"
                f' "{str(term.constant)[:50]}" failed with date format'
                f' "{self.preference}" in time zone {self.zone}.'
            ) from error
        return self.constant(at, "stamp")

    def matched(self, left: Term, right: Term) -> tuple[Term, Term]:
        """Bring two terms to one kind, so that SQLite compares what Oracle would."""
        kinds = {left.kind, right.kind}
        if "null" in kinds or len(kinds) == 1:
            return left, right
        if kinds == {"text", "number"}:
            return self.number(left), self.number(right)
        if "number" in kinds:
            raise SuiteqlError(
                "Search error occurred: inconsistent datatypes: expected DATE got"
                " NUMBER."
            )
        left, right = self.day(left), self.day(right)
        if "utc" in (left.kind, right.kind):
            if left.kind == right.kind:
                return left, right
            for one, other, turned in ((left, right, False), (right, left, True)):
                if one.kind == "utc" and isinstance(other.constant, str):
                    kept = self.universal(masks.instant(other.constant))
                    return (kept, one) if turned else (one, kept)
        return self.stamp(left), self.stamp(right)

    def stamp(self, term: Term) -> Term:
        """Return a day as the instant of its beginning."""
        term = self.local(self.day(term))
        if term.kind != "date":
            return term
        return Term(f"({term.sql} || ' 00:00:00')", "stamp", None, None, term.certain)

    def common(self, terms: list[Term]) -> tuple[list[str], Kind]:
        """Bring the branches of a CASE or COALESCE to one kind."""
        kinds = {term.kind for term in terms} - {"null"}
        if not kinds:
            return [term.sql for term in terms], "null"
        if len(kinds) == 1:
            return [term.sql for term in terms], kinds.pop()
        if kinds == {"text", "number"}:
            return [self.text(term).sql for term in terms], "text"
        if kinds <= {"date", "stamp", "utc"}:
            return [
                "null" if term.kind == "null" else self.stamp(term).sql
                for term in terms
            ], "stamp"
        raise UnsupportedError
