"""Expressions: values and conditions of SuiteQL in SQLite's SQL."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from sqlglot import exp

from sandbox.netsuite.calls import CALLS, arguments, joined
from sandbox.netsuite.terms import Scope, SuiteqlError, Term, UnsupportedError, Values

Subquery = Callable[[exp.Expression, Scope], tuple[str, Term]]

# Oracle takes no longer list (ORA-01795).
MAX_LIST = 1000
_COMPARISONS: Mapping[type[exp.Expression], str] = {
    exp.EQ: "=",
    exp.NEQ: "<>",
    exp.GT: ">",
    exp.GTE: ">=",
    exp.LT: "<",
    exp.LTE: "<=",
}
_ARITHMETIC: Mapping[type[exp.Expression], str] = {
    exp.Add: "+",
    exp.Sub: "-",
    exp.Mul: "*",
}
_DAYS = ("date", "stamp", "utc")
_GLOB = {"%": "*", "_": "?", "*": "[*]", "?": "[?]", "[": "[[]"}


class Expressions:
    """Compiles expressions over the names of a scope."""

    def __init__(self, values: Values, subquery: Subquery) -> None:
        """Bind values there; have subqueries compiled by their own compiler."""
        self.values = values
        self.subquery = subquery
        self._kinds: Mapping[type[exp.Expression], Callable[[Any, Scope], Term]] = {
            exp.Paren: lambda node, scope: self.value(node.this, scope),
            exp.Column: self._column,
            exp.DPipe: self._joined,
            exp.Subquery: self._scalar,
            exp.Case: self._case,
            exp.Literal: lambda node, _scope: self._literal(node),
            exp.Null: lambda _node, _scope: Term("null", "null"),
            exp.Neg: self._negative,
            exp.Dot: self._display,
        }
        self._tests: Mapping[type[exp.Expression], Callable[[Any, Scope], str]] = {
            exp.And: self._connected,
            exp.Or: self._connected,
            exp.Not: lambda node, s: f"(not {self.condition(node.this, s)})",
            exp.Between: self._between,
            exp.Is: self._is_null,
            exp.Exists: lambda node, s: f"exists ({self.subquery(node.this, s)[0]})",
            exp.In: self._in,
            exp.Like: self._like,
            exp.Escape: self._like,
            **dict.fromkeys(_COMPARISONS, self._comparison),
        }

    def value(self, node: exp.Expression, scope: Scope) -> Term:
        """Compile whatever has a value."""
        compiled = partial(self.value, scope=scope)
        if isinstance(node, exp.AggFunc):
            return self._aggregate(node, scope)
        if call := CALLS.get(type(node)):
            return call(node, compiled, self.values)
        if type(node) in (*_ARITHMETIC, exp.Div):
            return self._arithmetic(node, compiled(node.left), compiled(node.right))
        compile_one = self._kinds.get(type(node))
        if compile_one is None:
            raise UnsupportedError
        return compile_one(node, scope)

    def _joined(self, node: exp.DPipe, scope: Scope) -> Term:
        sides = [self.value(each, scope) for each in (node.left, node.right)]
        return joined([self.values.text(side).sql for side in sides])

    def _scalar(self, node: exp.Subquery, scope: Scope) -> Term:
        arguments(node, "this")
        _check_single(node.this)
        sql, term = self.subquery(node.this, scope)
        return Term(f"({sql})", term.kind)

    def _negative(self, node: exp.Neg, scope: Scope) -> Term:
        term = self.values.number(self.value(node.this, scope))
        if isinstance(term.constant, int | float):
            return self.values.constant(-term.constant, "number")
        return Term(f"(- {term.sql})", "number")

    def _literal(self, node: exp.Literal) -> Term:
        if node.is_string:
            # To Oracle an empty text is null.
            if not node.name:
                return Term("null", "null")
            return self.values.constant(node.name, "text")
        return self.values.number(Term("", "text", node.name))

    def _column(self, node: exp.Column, scope: Scope) -> Term:
        marked = node.args.get("join_mark") or node.args.get("db")
        if marked or isinstance(node.this, exp.Star):
            raise UnsupportedError
        if node.name.upper() == "ROWNUM" and not node.table:
            return Term("row_number() over ()", "number", certain=True)
        return scope.find(node)

    def _display(self, node: exp.Dot, scope: Scope) -> Term:
        """Compile BUILTIN.DF(column): the name instead of the internal id."""
        call = node.expression
        given = call.expressions if isinstance(call, exp.Anonymous) else []
        names = (node.this.name.upper(), node.name.upper())
        if names != ("BUILTIN", "DF") or len(given) != 1:
            raise UnsupportedError
        if not isinstance(given[0], exp.Column):
            raise UnsupportedError
        term = self.value(given[0], scope)
        return Term(term.display, "text") if term.display else self.values.text(term)

    def _aggregate(self, node: exp.AggFunc, scope: Scope) -> Term:
        if not scope.aggregates:
            raise UnsupportedError
        arguments(node, "this")
        inner = node.this
        if isinstance(node, exp.Count) and isinstance(inner, exp.Star):
            return Term("count(*)", "number", certain=True)
        distinct = ""
        if isinstance(inner, exp.Distinct):
            if len(inner.expressions) != 1 or inner.args.get("on"):
                raise UnsupportedError
            distinct, inner = "distinct ", inner.expressions[0]
        scope.aggregates = False
        term = self.value(inner, scope)
        scope.aggregates = True
        if isinstance(node, exp.Count):
            return Term(f"count({distinct}{term.sql})", "number", certain=True)
        if isinstance(node, exp.Sum | exp.Avg):
            name = "ns_sum" if isinstance(node, exp.Sum) else "ns_avg"
            sql = f"{name}({distinct}{self.values.number(term).sql})"
            return Term(sql, "number")
        if isinstance(node, exp.Min | exp.Max):
            name = "min" if isinstance(node, exp.Min) else "max"
            return Term(f"{name}({term.sql})", term.kind)
        raise UnsupportedError

    def _case(self, node: exp.Case, scope: Scope) -> Term:
        whens, results = [], []
        for each in node.args["ifs"]:
            tested = each.this
            if node.this is not None:
                tested = exp.EQ(this=node.this, expression=each.this)
            whens.append(self.condition(tested, scope))
            results.append(self.value(each.args["true"], scope))
        default = node.args.get("default")
        if default is not None:
            results.append(self.value(default, scope))
        parts, kind = self.values.common(results)
        cases = " ".join(
            f"when {when} then {part}"
            for when, part in zip(whens, parts[: len(whens)], strict=True)
        )
        otherwise = f" else {parts[-1]}" if default is not None else ""
        return Term(f"(case {cases}{otherwise} end)", kind)

    def _arithmetic(self, node: exp.Expression, left: Term, right: Term) -> Term:
        values = self.values
        if left.kind in _DAYS or right.kind in _DAYS:
            if isinstance(node, exp.Sub) and left.kind in _DAYS and right.kind in _DAYS:
                sides = f"{values.stamp(left).sql}, {values.stamp(right).sql}"
                return Term(f"ns_days_between({sides})", "number")
            if isinstance(node, exp.Add) and right.kind in _DAYS:
                left, right = right, left
            if not isinstance(node, exp.Add | exp.Sub) or right.kind in _DAYS:
                raise UnsupportedError
            sign = "-" if isinstance(node, exp.Sub) else ""
            days = f"{sign}{values.number(right).sql}"
            return Term(f"ns_add_days({values.stamp(left).sql}, {days})", "stamp")
        first, second = values.number(left).sql, values.number(right).sql
        if isinstance(node, exp.Div):
            return Term(f"ns_divided({first}, {second})", "number")
        return Term(f"({first} {_ARITHMETIC[type(node)]} {second})", "number")

    def condition(self, node: exp.Expression, scope: Scope) -> str:
        """Compile whatever is true, false or unknown."""
        node = node.unnest()
        test = self._tests.get(type(node))
        if test is None:
            raise UnsupportedError
        return test(node, scope)

    def _connected(self, node: exp.And | exp.Or, scope: Scope) -> str:
        word = " and " if isinstance(node, exp.And) else " or "
        parts = [self.condition(each, scope) for each in node.flatten()]
        return f"({word.join(parts)})"

    def _between(self, node: exp.Between, scope: Scope) -> str:
        arguments(node, "this", "low", "high")
        low = exp.GTE(this=node.this, expression=node.args["low"])
        high = exp.LTE(this=node.this, expression=node.args["high"])
        parts = [self.condition(each, scope) for each in (low, high)]
        return f"({' and '.join(parts)})"

    def _is_null(self, node: exp.Is, scope: Scope) -> str:
        if not isinstance(node.expression, exp.Null):
            raise UnsupportedError
        return f"({self.value(node.this, scope).sql} is null)"

    def _comparison(self, node: exp.Binary, scope: Scope) -> str:
        left, right = self.values.matched(
            self.value(node.left, scope), self.value(node.right, scope)
        )
        return f"({left.sql} {_COMPARISONS[type(node)]} {right.sql})"

    def _in(self, node: exp.In, scope: Scope) -> str:
        arguments(node, "this", "expressions", "query")
        left = self.value(node.this, scope)
        query = node.args.get("query")
        if query is not None:
            _check_single(query.unnest())
            sql, term = self.subquery(query.unnest(), scope)
            if {left.kind, term.kind} == {"number", "text"}:
                left = self.values.text(left)
                sql = f"select ns_text(c0) from ({sql})"
            elif {left.kind, term.kind} & {"number", "text"} and left.kind != term.kind:
                raise UnsupportedError
            return f"({left.sql} in ({sql}))"
        if not node.expressions:
            raise UnsupportedError
        if len(node.expressions) > MAX_LIST:
            raise SuiteqlError(
                "Search error occurred: maximum number of expressions in a list is"
                f" {MAX_LIST}."
            )
        options = []
        for each in node.expressions:
            first, option = self.values.matched(left, self.value(each, scope))
            options.append((first, option.sql))
        sides = {first.sql for first, _ in options}
        if len(sides) == 1:
            return f"({sides.pop()} in ({', '.join(sql for _, sql in options)}))"
        equal = " or ".join(f"{first.sql} = {sql}" for first, sql in options)
        return f"({equal})"

    def _like(self, node: exp.Expression, scope: Scope) -> str:
        escape = None
        if isinstance(node, exp.Escape):
            escape, node = node.expression.name, node.this
            if len(escape) != 1 or not isinstance(node, exp.Like):
                raise UnsupportedError
        arguments(node, "this", "expression", "negate")
        text = self.values.text(self.value(node.this, scope))
        pattern = self.values.text(self.value(node.expression, scope))
        if isinstance(pattern.constant, str) and escape is None:
            # GLOB minds upper and lower case as Oracle does, and can use an index.
            glob = "".join(_GLOB.get(letter, letter) for letter in pattern.constant)
            sql = f"({text.sql} glob {self.values.bind(glob)})"
        else:
            escaping = "null" if escape is None else self.values.bind(escape)
            sql = f"ns_like({text.sql}, {pattern.sql}, {escaping})"
        return f"(not {sql})" if node.args.get("negate") else sql


def _check_single(query: exp.Expression) -> None:
    """Refuse a subquery of several columns where one value is meant."""
    shown = query.selects if isinstance(query, exp.Query) else []
    if len(shown) != 1 or shown[0].is_star:
        raise UnsupportedError
