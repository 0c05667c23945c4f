"""SuiteQL: NetSuite's query language, compiled to SQL over the store.

sqlglot reads it in Oracle's dialect, which SuiteQL follows: joins, subqueries, WITH,
GROUP BY with HAVING, UNION, ROWNUM, TOP, OFFSET, FETCH, and the functions of `calls`.
Whatever else a query says is an invalid search; nothing is guessed.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from typing import Any

import sqlglot
from sqlglot import exp
from sqlglot.tokens import TokenType

from sandbox.netsuite.compiler import Columns, Compiler
from sandbox.netsuite.terms import UnsupportedError, Values

MAX_LENGTH = 100_000
MAX_NESTING = 100
_PLACE = re.compile(r"\?(\d+)")
# How Oracle writes which rows it wants; sqlglot takes more than that.
_WINDOWS = {
    TokenType.OFFSET: re.compile(r"OFFSET \d+ ROWS?( |$)"),
    TokenType.FETCH: re.compile(r"FETCH (FIRST|NEXT) (\d+ )?ROWS? ONLY( |$)"),
}


@dataclass(frozen=True, slots=True)
class Plan:
    """A query that can be run: `sql` gives its rows, `counted` their number's SQL.

    Attributes:
        sql: the query without its page; more columns than `shown` only order it.
        counted: the same rows without order, one column or more.
        shown: name and kind of every column.
        values: what the numbered places in both stand for.
    """

    sql: str
    counted: str
    shown: tuple[tuple[str, str], ...]
    values: list[Any]


def understand(
    text: str, values: Values, columns: Columns = lambda table: table.columns
) -> Plan:
    """Compile a query; SuiteqlError says what is wrong with it.

    Args:
        text: the query.
        values: how the account reads and writes days.
        columns: the columns that a table has at present.
    """
    tree = _parsed(text)
    compiled = Compiler(values, columns).whole(tree)
    shown, seen = [], set()
    for name, term in compiled.outputs:
        # Two columns of one name would overwrite each other in JSON.
        label = next(n for n in _labels(name) if n not in seen)
        seen.add(label)
        shown.append((label, term.kind))
    return Plan(compiled.sql, compiled.counted, tuple(shown), values.given)


def highest_place(sql: str) -> int:
    """Return the highest numbered place in our SQL, which quotes nothing of theirs."""
    return max((int(number) for number in _PLACE.findall(sql)), default=0)


def _labels(name: str) -> Iterator[str]:
    yield name
    for place in count():
        yield f"{name}_{place}"


def _parsed(text: str) -> exp.Expression:
    nesting = deepest = 0
    for letter in text:
        nesting += (letter == "(") - (letter == ")")
        deepest = max(deepest, nesting)
    if len(text) > MAX_LENGTH or deepest > MAX_NESTING:
        raise UnsupportedError
    try:
        tokens = sqlglot.tokenize(text, dialect="oracle")
        tree = sqlglot.parse_one(text, dialect="oracle")
    except (sqlglot.errors.SqlglotError, RecursionError, ValueError) as error:
        raise UnsupportedError from error
    words = [token.text.upper() for token in tokens]
    for place, token in enumerate(tokens):
        window = _WINDOWS.get(token.token_type)
        here = " ".join(words[place : place + 5])
        # SuiteQL has TOP; LIMIT reads the same once it is parsed.
        if token.token_type is TokenType.LIMIT or (window and not window.match(here)):
            raise UnsupportedError
    if not isinstance(tree, exp.Expression):
        raise UnsupportedError
    return tree
