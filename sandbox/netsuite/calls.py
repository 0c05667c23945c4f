"""Calls: the functions of SuiteQL, each as SQLite carries it out.

A function that is not here is refused, never guessed.
"""

from collections.abc import Callable, Mapping

from sqlglot import exp

from sandbox.netsuite import masks
from sandbox.netsuite.terms import SuiteqlError, Term, UnsupportedError, Values

Compile = Callable[[exp.Expression], Term]
Call = Callable[[exp.Expression, Compile, Values], Term]

# What sqlglot says about a call besides its arguments; none of it changes the meaning.
_SILENT = {"join_mark", "safe", "big_int", "ignore_nulls", "is_nvl", "is_null", "_type"}


def arguments(node: exp.Expression, *allowed: str) -> None:
    """Refuse a call with an argument that we would overlook."""
    for name, given in node.args.items():
        if given and name not in allowed and name not in _SILENT:
            raise UnsupportedError


def _simple(
    template: str, kinds: str, result: str, *names: str
) -> Callable[[exp.Expression, Compile, Values], Term]:
    """Return a call of fixed arguments: `t` text, `n` number, `d` date."""

    def call(node: exp.Expression, compiled: Compile, values: Values) -> Term:
        arguments(node, *names)
        given = []
        for kind, name in zip(kinds, names, strict=True):
            argument = node.args.get(name)
            if not isinstance(argument, exp.Expression):
                raise UnsupportedError
            term = compiled(argument)
            as_kind = {"t": values.text, "n": values.number, "d": values.stamp}[kind]
            given.append(as_kind(term).sql)
        return Term(template.format(*given), result)  # type: ignore[arg-type]

    return call


def _to_char(node: exp.Expression, compiled: Compile, values: Values) -> Term:
    arguments(node, "this", "format")
    term, wanted = compiled(node.this), node.args.get("format")
    if wanted is None or term.kind in ("null", "text"):
        return values.text(term)
    if not isinstance(wanted, exp.Literal) or not wanted.is_string:
        raise UnsupportedError
    mask = wanted.name
    try:
        if term.kind == "number":
            masks.number_as(0, mask)
            return Term(f"ns_number_char({term.sql}, {values.bind(mask)})", "text")
        masks.check(mask)
    except masks.MaskError as error:
        raise SuiteqlError(f"Search error occurred: {error}.") from error
    if cut := masks.CUTS.get(mask):
        if cut == len("YYYY-MM-DD HH:MM:SS"):
            return Term(values.stamp(term).sql, "text")
        return Term(f"substr({values.local(term).sql}, 1, {cut})", "text")
    return Term(f"ns_char({values.local(term).sql}, {values.bind(mask)})", "text")


def _to_date(node: exp.Expression, compiled: Compile, values: Values) -> Term:
    arguments(node, "this", "format")
    term, wanted = compiled(node.this), node.args.get("format")
    if term.kind == "null":
        return term
    if wanted is None:
        return values.day(term)
    if not isinstance(wanted, exp.Literal) or term.kind not in ("text", "number"):
        raise UnsupportedError
    if term.constant is None:
        pattern = values.bind(wanted.name)
        return Term(f"ns_read({values.text(term).sql}, {pattern})", "stamp")
    try:
        at = masks.read(str(term.constant), wanted.name)
    except masks.MaskError as error:
        raise SuiteqlError(f"Search error occurred: {str(error)[:200]}.") from error
    return values.constant(at, "stamp")


def _date_literal(node: exp.Expression, compiled: Compile, values: Values) -> Term:
    arguments(node, "this")
    term = compiled(node.this)
    try:
        return values.constant(masks.read(str(term.constant), "%Y-%m-%d"), "stamp")
    except masks.MaskError as error:
        raise UnsupportedError from error


def _to_number(node: exp.Expression, compiled: Compile, values: Values) -> Term:
    arguments(node, "this")
    return values.number(compiled(node.this))


def _coalesce(node: exp.Expression, compiled: Compile, values: Values) -> Term:
    arguments(node, "this", "expressions")
    parts, kind = values.common([compiled(e) for e in (node.this, *node.expressions)])
    if len(parts) < 2:
        raise UnsupportedError
    return Term(f"coalesce({', '.join(parts)})", kind)


def _nvl2(node: exp.Expression, compiled: Compile, values: Values) -> Term:
    arguments(node, "this", "true", "false")
    if node.args.get("false") is None:
        raise UnsupportedError
    parts, kind = values.common(
        [compiled(node.args["true"]), compiled(node.args["false"])]
    )
    tested = compiled(node.this).sql
    sql = f"case when {tested} is not null then {parts[0]} else {parts[1]} end"
    return Term(f"({sql})", kind)


def _nullif(node: exp.Expression, compiled: Compile, values: Values) -> Term:
    arguments(node, "this", "expression")
    left, right = values.matched(compiled(node.this), compiled(node.expression))
    return Term(f"nullif({left.sql}, {right.sql})", left.kind)


def _decode(node: exp.Expression, compiled: Compile, values: Values) -> Term:
    arguments(node, "expressions")
    first, *rest = node.expressions
    if len(rest) < 2:
        raise UnsupportedError
    tested, whens, results = compiled(first), [], []
    for searched, result in zip(rest[::2], rest[1::2], strict=False):
        left, right = values.matched(tested, compiled(searched))
        whens.append(f"{left.sql} is {right.sql}")
        results.append(compiled(result))
    if len(rest) % 2:
        results.append(compiled(rest[-1]))
    parts, kind = values.common(results)
    cases = " ".join(
        f"when {w} then {p}" for w, p in zip(whens, parts[: len(whens)], strict=True)
    )
    otherwise = f" else {parts[-1]}" if len(rest) % 2 else ""
    return Term(f"(case {cases}{otherwise} end)", kind)


def _substring(node: exp.Expression, compiled: Compile, values: Values) -> Term:
    arguments(node, "this", "start", "length")
    text = values.text(compiled(node.this)).sql
    parts = [
        f"cast({values.number(compiled(node.args[name])).sql} as integer)"
        for name in ("start", "length")
        if node.args.get(name) is not None
    ]
    return Term(f"nullif(substr({', '.join((text, *parts))}), '')", "text")


def _replace(node: exp.Expression, compiled: Compile, values: Values) -> Term:
    arguments(node, "this", "expression", "replacement")
    text, searched = compiled(node.this), compiled(node.expression)
    other = node.args.get("replacement")
    new = "''" if other is None else f"coalesce({values.text(compiled(other)).sql}, '')"
    inner = f"replace({values.text(text).sql}, {values.text(searched).sql}, {new})"
    return Term(f"nullif({inner}, '')", "text")


def _trim(node: exp.Expression, compiled: Compile, values: Values) -> Term:
    arguments(node, "this", "position")
    name = {"LEADING": "ltrim", "TRAILING": "rtrim"}.get(
        str(node.args.get("position") or ""), "trim"
    )
    return Term(f"nullif({name}({values.text(compiled(node.this)).sql}), '')", "text")


def joined(parts: list[str]) -> Term:
    """Return texts one after the other; to Oracle a null among them is empty."""
    whole = " || ".join(f"coalesce({part}, '')" for part in parts)
    return Term(f"nullif({whole}, '')", "text")


def _concat(node: exp.Expression, compiled: Compile, values: Values) -> Term:
    arguments(node, "expressions")
    if len(node.expressions) != 2:
        raise UnsupportedError  # Oracle's CONCAT takes two
    return joined([values.text(compiled(each)).sql for each in node.expressions])


def _round(node: exp.Expression, compiled: Compile, values: Values) -> Term:
    arguments(node, "this", "decimals")
    term = compiled(node.this)
    if term.kind in ("date", "stamp", "utc"):
        raise UnsupportedError
    places = node.args.get("decimals")
    digits = "0" if places is None else values.number(compiled(places)).sql
    return Term(f"round({values.number(term).sql}, {digits})", "number")


def _greatest(node: exp.Expression, compiled: Compile, values: Values) -> Term:
    arguments(node, "this", "expressions")
    parts, kind = values.common([compiled(e) for e in (node.this, *node.expressions)])
    name = "max" if isinstance(node, exp.Greatest) else "min"
    if len(parts) < 2:
        raise UnsupportedError
    return Term(f"{name}({', '.join(parts)})", kind)


_PARTS = {"YEAR": (1, 4), "MONTH": (6, 2), "DAY": (9, 2)}


def _extract(node: exp.Expression, compiled: Compile, values: Values) -> Term:
    arguments(node, "this", "expression")
    part = _PARTS.get(node.this.name.upper())
    term = compiled(node.expression)
    if part is None or term.kind not in ("date", "stamp", "utc"):
        raise UnsupportedError
    sql = f"cast(substr({values.local(term).sql}, {part[0]}, {part[1]}) as integer)"
    return Term(sql, "number")


def _today(_node: exp.Expression, _compiled: Compile, values: Values) -> Term:
    return values.constant(values.now, "stamp")


_TRUNCATED = {
    **dict.fromkeys(("DD", "DDD", "J"), ("substr({0}, 1, 10)", " 00:00:00")),
    **dict.fromkeys(("MM", "MON", "MONTH"), ("substr({0}, 1, 7)", "-01 00:00:00")),
    **dict.fromkeys(("YYYY", "YEAR", "YY"), ("substr({0}, 1, 4)", "-01-01 00:00:00")),
}


def truncated(term: Term, unit: str, values: Values) -> Term:
    """Return the beginning of the day, month or year of an instant."""
    if term.kind not in ("date", "stamp", "utc") or unit.upper() not in _TRUNCATED:
        raise UnsupportedError
    cut, rest = _TRUNCATED[unit.upper()]
    return Term(f"({cut.format(values.local(term).sql)} || '{rest}')", "stamp")


def _date_trunc(node: exp.Expression, compiled: Compile, values: Values) -> Term:
    arguments(node, "this", "unit")
    unit = node.args["unit"]
    return truncated(compiled(node.this), unit.name, values)


def _trunc(node: exp.Expression, compiled: Compile, values: Values) -> Term:
    arguments(node, "this", "decimals")
    places = compiled(node.args["decimals"]).constant
    if not isinstance(places, int) or not -15 <= places <= 15:
        raise UnsupportedError
    number, scale = values.number(compiled(node.this)).sql, f"1e{places}"
    # A double times a power of ten lies beside its number: 1.15 * 100 is 114.99….
    sql = f"(cast(round({number} * {scale}, 6) as integer) / {scale})"
    return Term(sql, "number")


def _named(node: exp.Expression, compiled: Compile, values: Values) -> Term:
    """Compile the few calls that sqlglot has no class for."""
    if node.name.upper() != "TRUNC" or len(node.expressions) != 1:
        raise UnsupportedError
    term = compiled(node.expressions[0])
    if term.kind in ("date", "stamp", "utc"):
        return truncated(term, "DD", values)
    return Term(f"cast({values.number(term).sql} as integer)", "number")


CALLS: Mapping[type[exp.Expression], Call] = {
    exp.ToChar: _to_char,
    exp.StrToDate: _to_date,
    exp.StrToTime: _to_date,
    exp.DateStrToDate: _date_literal,
    exp.ToNumber: _to_number,
    exp.Coalesce: _coalesce,
    exp.Nvl2: _nvl2,
    exp.Nullif: _nullif,
    exp.DecodeCase: _decode,
    exp.Upper: _simple("upper({0})", "t", "text", "this"),
    exp.Lower: _simple("lower({0})", "t", "text", "this"),
    exp.Length: _simple("length({0})", "t", "number", "this"),
    exp.Substring: _substring,
    exp.StrPosition: _simple("instr({0}, {1})", "tt", "number", "this", "substr"),
    exp.Replace: _replace,
    exp.Trim: _trim,
    exp.Concat: _concat,
    exp.Abs: _simple("abs({0})", "n", "number", "this"),
    exp.Round: _round,
    exp.Ceil: _simple(
        "(cast({0} as integer) + ({0} > cast({0} as integer)))", "n", "number", "this"
    ),
    exp.Floor: _simple(
        "(cast({0} as integer) - ({0} < cast({0} as integer)))", "n", "number", "this"
    ),
    # By zero Oracle divides nothing: the remainder is the number itself.
    exp.Mod: _simple(
        "(case when {1} = 0 then {0} else mod({0}, {1}) end)",
        *("nn", "number", "this", "expression"),
    ),
    exp.Greatest: _greatest,
    exp.Least: _greatest,
    exp.AddMonths: _simple(
        "ns_add_months({0}, {1})", "dn", "stamp", "this", "expression"
    ),
    exp.LastDay: _simple("ns_last_day({0})", "d", "stamp", "this"),
    exp.MonthsBetween: _simple(
        "ns_months_between({0}, {1})", "dd", "number", "this", "expression"
    ),
    exp.Extract: _extract,
    exp.CurrentTimestamp: _today,
    exp.CurrentDate: _today,
    exp.Systimestamp: _today,
    exp.DateTrunc: _date_trunc,
    exp.Trunc: _trunc,
    exp.Anonymous: _named,
}
