"""Compiler: a SELECT of SuiteQL, or several, as one of SQLite's."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import count

from sqlglot import exp

from sandbox.netsuite import clauses
from sandbox.netsuite.calls import arguments
from sandbox.netsuite.clauses import Outputs
from sandbox.netsuite.expressions import Expressions
from sandbox.netsuite.narrowing import conjuncts, keyset, objects_of, row_limit
from sandbox.netsuite.tables import DUAL, TABLES, Column, Table
from sandbox.netsuite.terms import (
    Scope,
    Source,
    SuiteqlError,
    Term,
    UnsupportedError,
    Values,
)

_CLAUSES = {
    *("expressions", "from_", "joins", "where", "group", "having", "order"),
    *("distinct", "limit", "offset", "with_"),
}
_SET_CLAUSES = {
    *("this", "expression", "distinct", "order"),
    *("limit", "offset", "with_"),
}
_JOINS = {"": "inner", "INNER": "inner", "OUTER": "", "CROSS": "cross"}
_SETS: Mapping[type[exp.Expression], str] = {
    exp.Union: "union",
    exp.Except: "except",
    exp.Intersect: "intersect",
}
_ARM = "select id, place, body from "
_UNION_START = f"({_ARM}"

Columns = Callable[[Table], Mapping[str, Column]]


@dataclass(frozen=True, slots=True)
class _From:
    """What rows come from; `apart` takes it one object at a time where that may be."""

    sql: str
    apart: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Select:
    """A compiled SELECT: its SQL, the SQL of its rows without order, its columns."""

    sql: str
    counted: str
    outputs: Outputs


class Compiler:
    """Compiles one query with all its subqueries."""

    def __init__(self, values: Values, columns: Columns) -> None:
        """Bind values there; look tables' columns up there."""
        self.values = values
        self.columns = columns
        self.expressions = Expressions(values, self._subquery)
        self._aliases = count()
        self._outermost: exp.Expression | None = None
        # What WITH has named where the compiler is, and all of it as SQLite's own.
        self._named: Mapping[str, Select] = {}
        self._with: list[str] = []

    def whole(self, tree: exp.Expression) -> Select:
        """Compile a whole query; only its outermost SELECT shows how rows lie."""
        self._outermost = tree
        compiled = self.query(tree, None)
        if not self._with:
            return compiled
        named = f"with {', '.join(self._with)} "
        return replace(
            compiled, sql=named + compiled.sql, counted=named + compiled.counted
        )

    def query(self, tree: exp.Expression, parent: Scope | None) -> Select:
        """Compile a SELECT, or several that a set operation connects."""
        with self._naming(tree.args.get("with_")):
            if type(tree) in _SETS:
                return self._set(tree, parent)
            if isinstance(tree, exp.Subquery):
                arguments(tree, "this", "with_", "join_mark")
                return self.query(tree.this, parent)
            if not isinstance(tree, exp.Select):
                raise UnsupportedError
            return self._select(tree, parent)

    @contextmanager
    def _naming(self, clause: exp.With | None) -> Iterator[None]:
        """Let the names of a WITH hold within the block: each knows those before it."""
        before = self._named
        if clause is not None:
            arguments(clause, "expressions")
        for each in clause.expressions if clause else ():
            arguments(each, "this", "alias")
            inner = self.query(each.this, None)
            labels = [label.name.lower() for label in each.args["alias"].columns]
            outputs = inner.outputs
            if labels:
                terms = [term for _, term in outputs]
                if len(labels) != len(terms):
                    raise UnsupportedError  # as Oracle: ORA-32038
                outputs = list(zip(labels, terms, strict=True))
            # Written once, however often it is used: a name that uses the one before it
            # twice would double the query with each step.
            name = f"q{len(self._with)}"
            self._with.append(f"{name} as ({inner.sql})")
            self._named = {**self._named, each.alias.lower(): Select(name, "", outputs)}
        try:
            yield
        finally:
            self._named = before

    def _subquery(self, tree: exp.Expression, scope: Scope) -> tuple[str, Term]:
        compiled = self.query(tree, scope)
        # What only orders a subquery's rows is no part of its result.
        return f"select c0 from ({compiled.sql})", compiled.outputs[0][1]

    def _set(self, tree: exp.Expression, parent: Scope | None) -> Select:
        named = {name for name, given in tree.args.items() if given}
        if named - _SET_CLAUSES:
            raise UnsupportedError
        sides = [self.query(tree.args[name], parent) for name in ("this", "expression")]
        kinds = [[term.kind for _, term in side.outputs] for side in sides]
        if kinds[0] != kinds[1]:
            raise UnsupportedError
        word = _SETS[type(tree)] + ("" if tree.args.get("distinct") else " all")
        if not isinstance(tree, exp.Union):
            word = _SETS[type(tree)]
        columns = ", ".join(f"c{place}" for place in range(len(kinds[0])))
        sql = f" {word} ".join(f"select {columns} from ({side.sql})" for side in sides)
        outputs = sides[0].outputs
        order = tree.args.get("order")
        keys = [
            clauses.position(each, outputs)
            for each in (order.expressions if order else ())
        ]
        ordered = f" order by {', '.join(keys)}" if keys else ""
        wanted = clauses.window(tree)
        counted = f"select * from ({sql}){wanted}" if wanted else sql
        return Select(f"select * from ({sql}){ordered}{wanted}", counted, outputs)

    def _select(self, tree: exp.Select, parent: Scope | None) -> Select:
        if {name for name, given in tree.args.items() if given} - _CLAUSES:
            raise UnsupportedError
        scope = Scope(parent=parent)
        where = tree.args.get("where")
        conditions = conjuncts(where.this) if where else []
        source, conditions = self._sources(tree, scope, conditions)
        limit, conditions = row_limit(conditions)
        tests = [self.expressions.condition(each, scope) for each in conditions]
        tests += keyset(conditions, scope, self.expressions)
        rest = f" where {' and '.join(tests)}" if tests else ""
        rest += clauses.grouping(tree, scope, self.expressions)
        scope.aggregates = True
        outputs = clauses.outputs_of(tree, scope, self.expressions)
        if having := tree.args.get("having"):
            rest += f" having {self.expressions.condition(having.this, scope)}"
        keys, hidden = clauses.order_of(tree, scope, outputs, self.expressions)
        plain = not (clauses.is_grouped(tree) or tree.args.get("distinct"))
        if plain and limit is None and not keys and tree is self._outermost:
            hidden = clauses.moving(tree, scope)
            keys = [f"c{len(outputs)}" for _ in hidden]
        shown = [term.sql for _, term in outputs] + hidden
        columns = ", ".join(f"{sql} as c{place}" for place, sql in enumerate(shown))
        distinct = "distinct " if tree.args.get("distinct") else ""
        parts = source.apart if plain and limit is None else (source.sql,)
        core = " union all ".join(f"select {distinct}{columns}{p}{rest}" for p in parts)
        counted = core
        if plain:
            counted = " union all ".join(f"select 1{part}{rest}" for part in parts)
        if limit is not None:
            if clauses.is_grouped(tree):
                raise UnsupportedError
            core = f"select * from ({core} limit {limit})"
            counted = f"{counted} limit {limit}"
        core += f" order by {', '.join(keys)}" if keys else ""
        if wanted := clauses.window(tree):
            core = f"select * from ({core}{wanted})"
            counted = f"select * from ({counted}){wanted}"
        return Select(core, counted, outputs)

    def _sources(
        self, tree: exp.Select, scope: Scope, conditions: list[exp.Expression]
    ) -> tuple[_From, list[exp.Expression]]:
        start = tree.args.get("from_")
        if start is None:
            raise UnsupportedError
        joins = tree.args.get("joins") or []
        tables = [start.this, *(join.this for join in joins)]
        # A condition may be dropped only where no other row could have met it.
        told = [
            TABLES[t.name.lower()].told_by for t in tables if t.name.lower() in TABLES
        ]
        alone = len([each for each in told if each]) <= 1
        alone = alone and not any(join.side in ("RIGHT", "FULL") for join in joins)
        sql, conditions = self._source(start.this, scope, conditions, alone=alone)
        parts = [f" from {sql}"]
        for join in joins:
            if {k for k, v in join.args.items() if v} - {"this", "on", "side", "kind"}:
                raise UnsupportedError
            side, kind = join.side.lower(), _JOINS.get(join.kind)
            if kind is None or side not in ("", "left", "right", "full"):
                raise UnsupportedError
            on = join.args.get("on")
            own = conjuncts(on) if on is not None else []
            if side:
                sql, _ = self._source(join.this, scope, own, alone=False)
            else:
                sql, conditions = self._source(
                    join.this, scope, conditions, alone=alone
                )
            word = f"{side} join" if side else f"{kind} join"
            if on is None and side:
                raise UnsupportedError
            parts.append(f" {word} {sql}")
            if on is not None:
                parts.append(f" on {self.expressions.condition(on, scope)}")
        whole = "".join(parts)
        return _From(whole, (whole,) if joins else _apart(sql)), conditions

    def _source(
        self,
        node: exp.Expression,
        scope: Scope,
        conditions: list[exp.Expression],
        *,
        alone: bool,
    ) -> tuple[str, list[exp.Expression]]:
        """Return a source's SQL, and the conditions that it doesn't fulfil already."""
        alias = f"s{next(self._aliases)}"
        name = node.alias_or_name.lower() or alias
        if name in scope.sources:
            raise UnsupportedError
        if isinstance(node, exp.Subquery):
            inner = self.query(node.this, None)
            scope.sources[name] = Source(name, alias, _columns_of(inner))
            return f"({inner.sql}) as {alias}", conditions
        if not isinstance(node, exp.Table) or node.args.get("joins"):
            raise UnsupportedError
        if node.name.lower() in self._named and not node.args.get("db"):
            inner = self._named[node.name.lower()]
            scope.sources[name] = Source(node.name.lower(), alias, _columns_of(inner))
            return f"{inner.sql} as {alias}", conditions
        table = TABLES.get(node.name.lower())
        if node.name.lower() == DUAL.name:
            scope.sources[name] = Source(DUAL.name, alias, DUAL.columns)
            return f"(select 1) as {alias}", conditions
        if table is None or node.args.get("db"):
            raise SuiteqlError(f"Invalid search type: {node.name[:100]}.")
        scope.sources[name] = Source(table.name, alias, self.columns(table))
        objects = table.objects
        if len(objects) > 1:
            objects, conditions = objects_of(table, conditions, name, alone=alone)
        arms = [f'"netsuite/{each}"' for each in objects]
        if len(arms) == 1:
            return f"{arms[0]} as {alias}", conditions
        union = " union all ".join(_ARM + arm for arm in arms)
        return f"({union}) as {alias}", conditions


def _columns_of(inner: Select) -> dict[str, Column]:
    """Return what a query shows, as the columns of a source."""
    return {
        label: Column(term.kind, f"{{a}}.c{place}")
        for place, (label, term) in enumerate(inner.outputs)
    }


def _apart(sql: str) -> tuple[str, ...]:
    """Return a table of several objects as one source for each of them.

    SQLite then takes each from its index in the wanted order and merges them; asked
    for their union it would sort all rows for every page.
    """
    if not sql.startswith(_UNION_START):
        return (f" from {sql}",)
    union, _, alias = sql[1:].rpartition(") as ")
    arms = union.split(" union all ")
    return tuple(f" from {arm.removeprefix(_ARM)} as {alias}" for arm in arms)
