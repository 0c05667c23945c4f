"""SuiteQL: the subset of NetSuite's query language that the sandbox understands.

SELECT expressions FROM one table [WHERE …] [ORDER BY …], with TO_CHAR, TO_DATE,
TO_TIMESTAMP, TO_NUMBER, BUILTIN.DF, `||` and COUNT(*). sqlglot reads it in Oracle's
dialect, which SuiteQL follows; anything else is an invalid search query.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

import sqlglot
from sqlglot import exp

from sandbox.netsuite.tables import TABLES, Column

Row = Mapping[str, Any]
Get = Callable[[Row], Any]
MAX_LENGTH = 100_000

_FORMATS = {
    "YYYY-MM-DD HH24:MI:SS": "%Y-%m-%d %H:%M:%S",
    "YYYY-MM-DD": "%Y-%m-%d",
    'YYYY-MM-DD"T"HH24:MI:SS': "%Y-%m-%dT%H:%M:%S",
    "MM/DD/YYYY": "%m/%d/%Y",
}


class SuiteqlError(ValueError):
    """Why NetSuite would not run a query."""


@dataclass(frozen=True, slots=True)
class Expression:
    """A compiled expression: `kind` is text, number, date or stamp."""

    kind: str
    get: Get


@dataclass(frozen=True, slots=True)
class Search:
    """A query understood: run it over the rows of `table`."""

    table: str
    columns: tuple[tuple[str, Expression], ...]
    matches: Get
    order: tuple[tuple[Expression, bool, bool], ...]
    counting: str | None

    def run(self, rows: Iterable[Row]) -> list[Row]:
        """Return the matching rows in order."""
        found = [row for row in rows if self.matches(row) is True]
        for expression, descending, nulls_first in reversed(self.order):
            keyed = [(expression.get(row), row) for row in found]
            present = [each for each in keyed if each[0] is not None]
            absent = [row for value, row in keyed if value is None]
            present.sort(key=lambda each: each[0], reverse=descending)
            sorted_rows = [row for _, row in present]
            found = absent + sorted_rows if nulls_first else sorted_rows + absent
        return found

    def shown(self, row: Row) -> dict[str, Any]:
        """Return a row as NetSuite shows it: text only, nulls left out."""
        item: dict[str, Any] = {"links": []}
        for name, expression in self.columns:
            text = _text(expression.get(row))
            if text is not None:
                item[name] = text
        return item


def understand(text: str) -> Search:
    """Read a query; SuiteqlError says what is wrong with it."""
    if len(text) > MAX_LENGTH:
        raise SuiteqlError("the query is too long")
    try:
        tree = sqlglot.parse_one(text, dialect="oracle")
    except (sqlglot.errors.SqlglotError, RecursionError) as error:
        raise SuiteqlError("the query cannot be parsed") from error
    if not isinstance(tree, exp.Select):
        raise SuiteqlError("only SELECT is allowed")
    known = {"expressions", "from_", "where", "order", "kind", "hint"}
    for name, value in tree.args.items():
        if value and name not in known:
            raise SuiteqlError(f"{name.strip('_').upper()} is not supported")
    return _Compiler(tree).search()


class _Compiler:
    """Compiles one SELECT."""

    def __init__(self, tree: exp.Select) -> None:
        source = tree.args.get("from_")
        table = source.this if source is not None else None
        if not isinstance(table, exp.Table):
            raise SuiteqlError("one table is required")
        if table.name.lower() not in TABLES:
            raise SuiteqlError(f"Record '{table.name}' was not found")
        self.tree = tree
        self.table = table.name.lower()
        self.alias = table.alias_or_name.lower()
        self.columns = TABLES[self.table]
        self.compilers: Mapping[type[exp.Expression], Callable[[Any], Expression]] = {
            exp.Paren: lambda node: self._value(node.this),
            exp.Column: self._named,
            exp.Literal: _literal,
            exp.Null: lambda _node: _constant("null", None),
            exp.Neg: self._negative,
            exp.Dot: self._display,
            exp.ToChar: self._to_char,
            exp.StrToTime: _instant,
            exp.StrToDate: _instant,
            exp.ToNumber: lambda node: _numeric(self._value(node.this)),
            exp.DPipe: self._joined,
        }

    def search(self) -> Search:
        """Return the compiled query."""
        selected: list[tuple[str, Expression]] = []
        counting = None
        for place, each in enumerate(self.tree.expressions):
            name = (each.alias_or_name or f"expr{place + 1}").lower()
            inner = each.unalias()
            if isinstance(inner, exp.Star):
                selected += [(key, self._column(key)) for key in self.columns]
            elif isinstance(inner, exp.Count) and isinstance(inner.this, exp.Star):
                counting = name
            else:
                selected.append((name, self._value(inner)))
        if counting and (selected or len(self.tree.expressions) > 1):
            raise SuiteqlError("COUNT(*) stands alone")
        where = self.tree.args.get("where")
        matches = self._condition(where.this) if where else _always
        named = dict(selected)
        order = self.tree.args.get("order")
        keys = [] if order is None else [self._key(e, named) for e in order.expressions]
        return Search(self.table, tuple(selected), matches, tuple(keys), counting)

    def _key(
        self, ordered: exp.Ordered, named: Mapping[str, Expression]
    ) -> tuple[Expression, bool, bool]:
        inner = ordered.this
        if isinstance(inner, exp.Literal) and not inner.is_string:
            place = int(inner.name) - 1
            if not 0 <= place < len(named):
                raise SuiteqlError(f"ORDER BY {inner.name} is out of range")
            expression = list(named.values())[place]
        elif (
            isinstance(inner, exp.Column)
            and not inner.table
            and inner.name.lower() not in self.columns
            and inner.name.lower() in named
        ):
            expression = named[inner.name.lower()]
        else:
            expression = self._value(inner)
        nulls_first = bool(ordered.args.get("nulls_first"))
        return expression, bool(ordered.args.get("desc")), nulls_first

    def _column(self, name: str) -> Expression:
        column = self.columns.get(name)
        if column is None:
            raise SuiteqlError(
                f"Field '{name}' for record '{self.table}' was not found"
            )
        return Expression(column.kind, column.get)

    def _value(self, node: exp.Expression) -> Expression:
        """Compile whatever has a value."""
        compile_one = self.compilers.get(type(node))
        if compile_one is None:
            raise _unsupported(node)
        return compile_one(node)

    def _named(self, node: exp.Column) -> Expression:
        if node.table and node.table.lower() != self.alias:
            raise SuiteqlError(f"'{node.table}' is not a table of this query")
        return self._column(node.name.lower())

    def _negative(self, node: exp.Neg) -> Expression:
        inner = _numeric(self._value(node.this))
        return Expression("number", lambda row: -inner.get(row))

    def _joined(self, node: exp.DPipe) -> Expression:
        left, right = self._value(node.left), self._value(node.right)
        return Expression(
            "text",
            lambda row: (_text(left.get(row)) or "") + (_text(right.get(row)) or ""),
        )

    def _display(self, node: exp.Dot) -> Expression:
        """Compile BUILTIN.DF(column): the name instead of the internal id."""
        call = node.expression
        arguments = call.expressions if isinstance(call, exp.Anonymous) else []
        inner = arguments[0] if len(arguments) == 1 else None
        names = (node.this.name.upper(), node.name.upper())
        if names != ("BUILTIN", "DF") or not isinstance(inner, exp.Column):
            raise _unsupported(node)
        self._value(inner)
        column: Column = self.columns[inner.name.lower()]
        return Expression("text", column.display or column.get)

    def _to_char(self, node: exp.ToChar) -> Expression:
        inner = self._value(node.this)
        if inner.kind not in ("date", "stamp"):
            return Expression("text", lambda row: _text(inner.get(row)))
        wanted = node.args.get("format")
        pattern = _FORMATS.get(wanted.name if wanted is not None else "")
        if pattern is None:
            raise SuiteqlError("TO_CHAR: date format not recognized")

        def get(row: Row) -> str | None:
            value = inner.get(row)
            return None if value is None else value.strftime(pattern)

        return Expression("text", get)

    def _condition(self, node: exp.Expression) -> Get:
        """Compile whatever is true or false.

        A part that is unknown (null) counts as not fulfilled: that is what SQL's
        three values come to, and `_negation` takes care of NOT.
        """
        if isinstance(node, exp.Between):
            low = exp.GTE(this=node.this, expression=node.args["low"])
            high = exp.LTE(this=node.this, expression=node.args["high"])
            node = exp.And(this=low, expression=high)
        node = node.unnest()
        if isinstance(node, exp.And | exp.Or):
            parts = [self._condition(each) for each in node.flatten()]
            met = any if isinstance(node, exp.Or) else all
            return lambda row: met(part(row) for part in parts)
        if isinstance(node, exp.Not):
            return self._negation(node.this)
        if isinstance(node, exp.Is):
            return self._is_null(node)
        if isinstance(node, exp.In):
            return self._in(node)
        return self._comparison(node)

    def _is_null(self, node: exp.Is) -> Get:
        inner = self._value(node.this)
        if not isinstance(node.expression, exp.Null):
            raise SuiteqlError("IS takes NULL only")
        return lambda row: inner.get(row) is None

    def _negation(self, node: exp.Expression) -> Get:
        inner = self._condition(node)
        tested = [self._value(column) for column in node.find_all(exp.Column)]
        if any(node.find_all(exp.Is)):
            return lambda row: not inner(row)
        # Neither a condition on null nor its negation is fulfilled.
        return lambda row: (
            all(each.get(row) is not None for each in tested) and not inner(row)
        )

    def _in(self, node: exp.In) -> Get:
        inner = self._value(node.this)
        if not node.expressions:
            raise SuiteqlError("IN takes a list of values")
        options = [_matched(inner, self._value(each)) for each in node.expressions]
        allowed = {option.get({}) for _, option in options}
        left = options[0][0]
        return lambda row: left.get(row) in allowed

    def _comparison(self, node: exp.Expression) -> Get:
        test = _TESTS.get(type(node))
        if test is None or not isinstance(node, exp.Binary):
            raise _unsupported(node)
        left, right = _matched(self._value(node.left), self._value(node.right))

        def compare(row: Row) -> bool:
            first, second = left.get(row), right.get(row)
            return first is not None and second is not None and test(first, second)

        return compare


_TESTS: Mapping[type[exp.Expression], Callable[[Any, Any], bool]] = {
    exp.EQ: lambda left, right: bool(left == right),
    exp.NEQ: lambda left, right: bool(left != right),
    exp.GT: lambda left, right: bool(left > right),
    exp.GTE: lambda left, right: bool(left >= right),
    exp.LT: lambda left, right: bool(left < right),
    exp.LTE: lambda left, right: bool(left <= right),
}


def _matched(left: Expression, right: Expression) -> tuple[Expression, Expression]:
    """Bring two sides to one type, as Oracle does for text beside a number."""
    kinds = {left.kind, right.kind}
    if len(kinds) == 1 or "null" in kinds:
        return left, right
    if kinds == {"text", "number"}:
        return _numeric(left), _numeric(right)
    if kinds == {"date", "stamp"}:
        return _stamped(left), _stamped(right)
    raise SuiteqlError(
        "a date is compared with something else; use TO_DATE or TO_TIMESTAMP"
    )


def _numeric(side: Expression) -> Expression:
    return Expression("number", lambda row: _number(side.get(row)))


def _stamped(side: Expression) -> Expression:
    def get(row: Row) -> datetime | None:
        value = side.get(row)
        if value is None or isinstance(value, datetime):
            return value
        return datetime(value.year, value.month, value.day)  # noqa: DTZ001 -- account's

    return Expression("stamp", get)


def _number(value: Any) -> Decimal | None:
    try:
        return None if value is None else Decimal(value)
    except InvalidOperation as error:
        raise SuiteqlError(f"'{value}' is not a number") from error


def _unsupported(node: exp.Expression) -> SuiteqlError:
    return SuiteqlError(f"{node.sql(dialect='oracle')} is not supported")


def _literal(node: exp.Literal) -> Expression:
    if node.is_string:
        return _constant("text", node.name)
    return _constant("number", Decimal(node.name))


def _constant(kind: str, value: Any) -> Expression:
    return Expression(kind, lambda _row: value)


def _instant(node: exp.Expression) -> Expression:
    """Compile TO_DATE and TO_TIMESTAMP of a literal; Oracle's DATE has a time too."""
    pattern = node.args.get("format")
    if not isinstance(node.this, exp.Literal) or pattern is None:
        raise SuiteqlError("TO_DATE and TO_TIMESTAMP take a literal and a format")
    try:
        at = datetime.strptime(node.this.name, pattern.name)  # noqa: DTZ007 -- account's
    except ValueError as error:
        raise SuiteqlError(str(error)) from error
    return _constant("stamp", at)


def _text(value: Any) -> str | None:
    if value is None:
        return None
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, datetime | date):
        # Without TO_CHAR an account shows days as its users prefer, without a time.
        return f"{value.month}/{value.day}/{value.year}"
    return str(value)


def _always(_row: Row) -> bool:
    return True
