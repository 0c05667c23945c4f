"""Narrowing: what a query's conditions say about the rows before any is looked at.

A reader pages by key through a table of a million rows; each page must be found by an
index, although its condition is written as a disjunction.
"""

from sqlglot import exp

from sandbox.netsuite.expressions import Expressions
from sandbox.netsuite.tables import Table
from sandbox.netsuite.terms import Scope, SuiteqlError, UnsupportedError


def conjuncts(node: exp.Expression) -> list[exp.Expression]:
    """Return the conditions that must all be met."""
    node = node.unnest()
    if not isinstance(node, exp.And):
        return [node]
    return [part for each in node.flatten() for part in conjuncts(each)]


def row_limit(
    conditions: list[exp.Expression],
) -> tuple[int | None, list[exp.Expression]]:
    """Return what ROWNUM limits the rows to, and the other conditions."""
    limit: int | None = None
    others = []
    for each in conditions:
        if not isinstance(each, exp.Binary) or each.left.name.upper() != "ROWNUM":
            others.append(each)
            continue
        text = each.right.name
        if not isinstance(each.right, exp.Literal) or not text.isdecimal():
            raise UnsupportedError
        rows = int(text[:9])
        if isinstance(each, exp.LT):
            rows = max(0, rows - 1)
        elif isinstance(each, exp.EQ):
            rows = 1 if rows == 1 else 0  # the second row is never the first to pass
        elif not isinstance(each, exp.LTE):
            raise UnsupportedError
        limit = rows if limit is None else min(limit, rows)
    return limit, others


def objects_of(
    table: Table, conditions: list[exp.Expression], alias: str, *, alone: bool
) -> tuple[tuple[str, ...], list[exp.Expression]]:
    """Return the store's objects that hold the wanted types of a table's rows.

    The conditions come back without those that choosing the objects has fulfilled.
    """
    wanted = set(table.tells)
    others = []
    for each in conditions:
        types = _types(each, alias, table.told_by)
        if types is None:
            others.append(each)
            continue
        wanted &= types
        if not alone:
            others.append(each)
    if not wanted:
        # No such type: one object stands for the table, and the conditions that were
        # left out must stay.
        return table.objects[:1], conditions
    told = zip(table.objects, table.tells, strict=True)
    return tuple(name for name, value in told if value in wanted), others


def _types(node: exp.Expression, alias: str, told_by: str) -> set[str] | None:
    """Return the types that a condition allows, if it speaks of nothing else."""
    if not isinstance(node, exp.EQ | exp.In):
        return None
    column = node.this
    if not isinstance(column, exp.Column) or column.name.lower() != told_by:
        return None
    if column.table.lower() not in ("", alias):
        return None
    options = [node.expression] if isinstance(node, exp.EQ) else node.expressions
    if not options or not all(
        isinstance(each, exp.Literal) and each.is_string for each in options
    ):
        return None
    return {each.name for each in options}


def keyset(
    conditions: list[exp.Expression], scope: Scope, expressions: Expressions
) -> list[str]:
    """Return what disjunctions imply: `a > 1 or (a = 1 and b > 2)` means `a >= 1`."""
    found = []
    for each in conditions:
        if not isinstance(each, exp.Or):
            continue
        bounds = [_bounds(branch) for branch in each.flatten()]
        names = set.intersection(*(set(branch) for branch in bounds))
        for name in sorted(names):
            sides = []
            for branch in bounds:
                comparison = branch[name]
                try:
                    sides.append(
                        expressions.values.matched(
                            expressions.value(comparison.left, scope),
                            expressions.value(comparison.right, scope),
                        )
                    )
                except SuiteqlError:
                    break
            if len(sides) == len(bounds) and len({left.sql for left, _ in sides}) == 1:
                lowest = ", ".join(right.sql for _, right in sides)
                found.append(f"{sides[0][0].sql} >= min({lowest})")
    return found


def _bounds(branch: exp.Expression) -> dict[str, exp.Binary]:
    return {
        each.left.sql(dialect="oracle").lower(): each
        for each in conjuncts(branch)
        if isinstance(each, exp.GT | exp.GTE | exp.EQ)
        and isinstance(each.left, exp.Column)
        and not any(True for _ in each.right.find_all(exp.Column, exp.Query))
    }
