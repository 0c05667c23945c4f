"""Clauses: what a SELECT shows, groups by and is ordered by."""

from sqlglot import exp

from sandbox.netsuite.expressions import Expressions
from sandbox.netsuite.terms import Scope, Term, UnsupportedError

# Where a query names no order, rows come as the table has them: a changed row moves to
# the end, so that whoever pages by offset loses another.
_MOVING = ("customer", "item", "transaction")

Outputs = list[tuple[str, Term]]


def grouping(tree: exp.Select, scope: Scope, expressions: Expressions) -> str:
    """Return the SQL of GROUP BY; refuse columns that are neither keys nor added up."""
    group = tree.args.get("group")
    if is_grouped(tree):
        _check_grouped(tree, scope)
    if group is None:
        return ""
    if {name for name, given in group.args.items() if given} - {"expressions"}:
        raise UnsupportedError
    keys = [expressions.value(each, scope).sql for each in group.expressions]
    return f" group by {', '.join(keys)}"


def outputs_of(tree: exp.Select, scope: Scope, expressions: Expressions) -> Outputs:
    """Return the columns that are shown, with their names."""
    outputs: Outputs = []
    for place, each in enumerate(tree.expressions, 1):
        inner = each.unalias()
        if inner.is_star and not isinstance(inner, exp.Count):
            outputs += _star(inner, scope)
            continue
        term = expressions.value(inner, scope)
        fallback = inner.name if isinstance(inner, exp.Column) else f"expr{place}"
        name = each.alias if isinstance(each, exp.Alias) else fallback
        outputs.append((name.lower(), term))
    if not outputs:
        raise UnsupportedError
    return outputs


def order_of(
    tree: exp.Select, scope: Scope, outputs: Outputs, expressions: Expressions
) -> tuple[list[str], list[str]]:
    """Return the keys of the order, and the columns that only they need."""
    order = tree.args.get("order")
    keys: list[str] = []
    hidden: list[str] = []
    for each in order.expressions if order else ():
        place = _place(each.this, outputs)
        if place is None:
            place = _labelled(each.this, tree, outputs)
        if place is not None:
            term = outputs[place][1]
        else:
            term = expressions.value(_spelled_out(each.this, tree, scope), scope)
            same = [p for p, (_, t) in enumerate(outputs) if t.sql == term.sql]
            place = same[0] if same else len(outputs) + len(hidden)
            if not same:
                hidden.append(term.sql)
        keys.append(f"c{place}{_direction(each, term)}")
    if hidden and tree.args.get("distinct"):
        raise UnsupportedError  # as Oracle: ORA-01791
    return keys, hidden


def position(key: exp.Ordered, outputs: Outputs) -> str:
    """Return a key of the order of a UNION: a column's name or place."""
    names = [name for name, _ in outputs]
    wanted = key.this.name.lower()
    place = names.index(wanted) if wanted in names else _place(key.this, outputs)
    if place is None:
        raise UnsupportedError
    return f"c{place}{_direction(key, outputs[place][1])}"


def whole(node: exp.Expression) -> int:
    """Return a whole number that the query spells out."""
    text = node.name
    if not isinstance(node, exp.Literal) or not text.isdecimal() or len(text) > 9:
        raise UnsupportedError
    return int(text)


def window(tree: exp.Expression) -> str:
    """Return the SQL of TOP, OFFSET and FETCH: which rows of the order are wanted."""
    limit, offset = tree.args.get("limit"), tree.args.get("offset")
    if limit is None and offset is None:
        return ""
    rows = -1
    if isinstance(limit, exp.Fetch):
        count = limit.args.get("count")
        rows = 1 if count is None else whole(count)
    elif limit is not None:
        rows = whole(limit.expression)
    return f" limit {rows} offset {0 if offset is None else whole(offset.expression)}"


def moving(tree: exp.Select, scope: Scope) -> list[str]:
    """Return the order in which rows lie, for a query that names none."""
    (source, *others) = scope.sources.values()
    if others or source.record not in _MOVING:
        return []
    if "lastmodifieddate" not in source.columns or window(tree):
        return []
    return [source.term("lastmodifieddate").sql]


def is_grouped(tree: exp.Select) -> bool:
    """Say whether rows are put together: by GROUP BY, or all of them."""
    args = tree.args
    return (
        args.get("group") is not None
        or args.get("having") is not None
        or any(_has_aggregate(each) for each in tree.expressions)
    )


def _aliases(tree: exp.Select) -> dict[str, exp.Expression]:
    """Return what the outputs that have an alias stand for, by alias."""
    named = [each for each in tree.expressions if isinstance(each, exp.Alias)]
    return {each.alias.lower(): each.this for each in named}


def _is_alias(node: exp.Expression, tree: exp.Select) -> bool:
    """Say whether a key of the order is an alias and nothing else."""
    bare = isinstance(node, exp.Column) and not node.table
    return bare and node.name.lower() in _aliases(tree)


def _labelled(node: exp.Expression, tree: exp.Select, outputs: Outputs) -> int | None:
    """Return the place of the output whose alias is a key of the order.

    To Oracle an alias goes before a column of the same name.
    """
    if not _is_alias(node, tree):
        return None
    name = node.name.lower()
    places = [place for place, (label, _) in enumerate(outputs) if label == name]
    if len(places) != 1:
        raise UnsupportedError  # as Oracle: ORA-00960
    return places[0]


def _spelled_out(
    node: exp.Expression, tree: exp.Select, scope: Scope
) -> exp.Expression:
    """Return a key of the order with what its aliases stand for in their places."""
    named = _aliases(tree)

    def replaced(part: exp.Expression) -> exp.Expression:
        name = part.name.lower()
        if not isinstance(part, exp.Column) or part.table or name not in named:
            return part
        if any(name in source.columns for source in scope.sources.values()):
            return part
        return part if part.find_ancestor(exp.Query) else named[name].copy()

    return node.copy().transform(replaced)


def _place(node: exp.Expression, outputs: Outputs) -> int | None:
    if not isinstance(node, exp.Literal) or node.is_string:
        return None
    place = whole(node) - 1
    if not 0 <= place < len(outputs):
        raise UnsupportedError
    return place


def _direction(key: exp.Ordered, term: Term) -> str:
    words = " desc" if key.args.get("desc") else ""
    if term.certain:
        return words
    return f"{words} nulls {'first' if key.args.get('nulls_first') else 'last'}"


def _star(node: exp.Expression, scope: Scope) -> Outputs:
    wanted = node.table.lower() if isinstance(node, exp.Column) else ""
    if wanted and wanted not in scope.sources:
        raise UnsupportedError
    return [
        (name, source.term(name))
        for alias, source in scope.sources.items()
        if wanted in ("", alias)
        for name in source.columns
    ]


def _has_aggregate(node: exp.Expression) -> bool:
    if isinstance(node, exp.Query):
        return False
    return isinstance(node, exp.AggFunc) or any(
        _has_aggregate(child) for child in node.iter_expressions()
    )


def _check_grouped(tree: exp.Select, scope: Scope) -> None:
    """Refuse a column that is neither grouped nor aggregated, as Oracle does."""
    group = tree.args.get("group")
    keys = (
        {each.sql(dialect="oracle").lower() for each in group.expressions}
        if group
        else set()
    )
    parts = [each.unalias() for each in tree.expressions]
    if having := tree.args.get("having"):
        parts.append(having.this)
    if order := tree.args.get("order"):
        parts += [
            _spelled_out(each.this, tree, scope)
            for each in order.expressions
            if not _is_alias(each.this, tree)
        ]
    if not all(_is_grouped(each, keys) for each in parts):
        raise UnsupportedError


def _is_grouped(node: exp.Expression, keys: set[str]) -> bool:
    if node.sql(dialect="oracle").lower() in keys or isinstance(
        node, exp.AggFunc | exp.Query
    ):
        return True
    if isinstance(node, exp.Column | exp.Star):
        return False
    return all(_is_grouped(child, keys) for child in node.iter_expressions())
