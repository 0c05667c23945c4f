"""SOQL: the subset of Salesforce's query language that the sandbox understands.

SELECT fields FROM object [WHERE …] [ORDER BY …] [LIMIT n], and COUNT(). What it does
not understand is MALFORMED_QUERY: never an empty answer.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

Record = Mapping[str, Any]
Predicate = Callable[[Record], bool]
Key = Callable[[Any], Any]

_TOKEN = re.compile(
    r"""\s*(?:
      (?P<string>'(?:[^'\\]|\\.)*')
    | (?P<datetime>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d))
    | (?P<date>\d{4}-\d\d-\d\d(?![\dT]))
    | (?P<number>[+-]?\d+(?:\.\d+)?)
    | (?P<word>[A-Za-z_][A-Za-z0-9_.]*)
    | (?P<mark>!=|<>|<=|>=|=|<|>|\(|\)|,)
    )""",
    re.VERBOSE,
)
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t"}
_RESERVED = {"and", "or", "order", "limit", "where", "from"}
_NUMBERS = {"double", "currency", "int", "percent"}


class SoqlError(ValueError):
    """A query Salesforce would refuse; `code` is its errorCode."""

    def __init__(self, code: str, message: str) -> None:
        """Keep code and sentence."""
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class Literal:
    """A value written in the query, and of which kind."""

    kind: str
    value: Any


@dataclass(frozen=True, slots=True)
class Query:
    """A query understood and checked against one object's fields.

    Attributes:
        object: its name as Salesforce spells it.
        fields: what to return, spelled as Salesforce does; empty for COUNT().
        matches: the WHERE clause.
        order: (field, descending, nulls last), the most significant first.
        limit: the most rows to return, or none.
    """

    object: str
    fields: tuple[str, ...]
    matches: Predicate
    order: tuple[tuple[str, bool, bool], ...]
    limit: int | None


def understand(text: str, objects: Mapping[str, Mapping[str, str]]) -> Query:
    """Read a query against {object: {field: type}}; SoqlError if it is refused."""
    return _Reader(text, objects).query()


def comparable(kind: str, value: Any) -> Any:
    """Return a value such that two of the same field type compare as Salesforce does.

    Text compares without regard to case; instants as UTC text of one length.
    """
    if value is None:
        return None
    if kind == "datetime":
        return instant_text(value)
    if kind in ("id", "reference"):
        # An id of 15 characters names the same record as its 18-character form.
        return value[:15] if isinstance(value, str) else value
    return value.casefold() if isinstance(value, str) else value


def instant_text(value: str) -> str:
    """Return an instant as sortable text in UTC, to the millisecond."""
    if value.endswith("+0000") and len(value) == 28:
        return value[:23]
    return _iso(datetime.fromisoformat(value).astimezone(UTC))


def _iso(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}"


class _Reader:
    """Reads one query from left to right."""

    def __init__(self, text: str, objects: Mapping[str, Mapping[str, str]]) -> None:
        self.objects = {name.lower(): name for name in objects}
        self.schema = objects
        self.tokens = list(self._split(text))
        self.at = 0
        self.name = ""
        self.types: Mapping[str, str] = {}
        self.spelling: dict[str, str] = {}

    def _split(self, text: str) -> list[Literal]:
        tokens, place, end = [], 0, len(text.rstrip())
        while place < end:
            found = _TOKEN.match(text, place)
            if found is None:
                raise SoqlError(
                    "MALFORMED_QUERY", f"unexpected token: '{text[place:].strip()}'"
                )
            tokens.append(Literal(found.lastgroup or "", found[found.lastgroup or 0]))
            place = found.end()
        return tokens

    def query(self) -> Query:
        """Return the whole query."""
        self._expect("select")
        wanted, counting = self._selected()
        self._expect("from")
        self._object()
        fields = tuple(self._field(name) for name in wanted)
        matches: Predicate = _always
        order: tuple[tuple[str, bool, bool], ...] = ()
        limit = None
        if self._word("where"):
            matches = self._either()
        if self._word("order"):
            self._expect("by")
            order = self._order()
        if self._word("limit"):
            limit = self._limit()
        if self.at < len(self.tokens):
            raise self._unexpected()
        return Query(self.name, () if counting else fields, matches, order, limit)

    def _selected(self) -> tuple[list[str], bool]:
        names = [self._name()]
        if names[0].lower() == "count" and self._mark("("):
            if not self._mark(")"):
                raise self._unexpected()
            return [], True
        while self._mark(","):
            names.append(self._name())
        return names, False

    def _object(self) -> None:
        wanted = self._name()
        if wanted.lower() not in self.objects:
            raise SoqlError(
                "INVALID_TYPE", f"sObject type '{wanted}' is not supported."
            )
        self.name = self.objects[wanted.lower()]
        self.types = self.schema[self.name]
        self.spelling = {name.lower(): name for name in self.types}

    def _field(self, name: str) -> str:
        known = self.spelling.get(name.lower())
        if known is None:
            raise SoqlError(
                "INVALID_FIELD",
                f"No such column '{name}' on entity '{self.name}'. If you are "
                "attempting to use a custom field, be sure to append the '__c' after "
                "the custom field name.",
            )
        return known

    def _order(self) -> tuple[tuple[str, bool, bool], ...]:
        order = []
        while True:
            field = self._field(self._name())
            descending = self._word("desc")
            if not descending:
                self._word("asc")
            nulls_last = False
            if self._word("nulls"):
                nulls_last = self._word("last")
                if not nulls_last:
                    self._expect("first")
            order.append((field, descending, nulls_last))
            if not self._mark(","):
                return tuple(order)

    def _limit(self) -> int:
        token = self._next()
        if token.kind != "number" or not token.value.isdecimal():
            raise self._unexpected(token)
        return int(token.value)

    def _either(self) -> Predicate:
        parts = [self._both()]
        while self._word("or"):
            parts.append(self._both())
        return parts[0] if len(parts) == 1 else lambda row: any(p(row) for p in parts)

    def _both(self) -> Predicate:
        parts = [self._single()]
        while self._word("and"):
            parts.append(self._single())
        return parts[0] if len(parts) == 1 else lambda row: all(p(row) for p in parts)

    def _single(self) -> Predicate:
        if self._mark("("):
            inside = self._either()
            if not self._mark(")"):
                raise self._unexpected()
            return inside
        if self._word("not"):
            inside = self._single()
            return lambda row: not inside(row)
        field = self._field(self._name())
        kind = self.types[field]
        if self._word("in"):
            values = self._values(field, kind)
            return lambda row: comparable(kind, row.get(field)) in values
        if self._word("not"):
            self._expect("in")
            values = self._values(field, kind)
            return lambda row: comparable(kind, row.get(field)) not in values
        operator = self._next()
        if operator.kind != "mark" or operator.value not in _COMPARE:
            raise self._unexpected(operator)
        value = self._value(field, kind)
        compare = _COMPARE[operator.value]
        return lambda row: compare(comparable(kind, row.get(field)), value)

    def _values(self, field: str, kind: str) -> frozenset[Any]:
        if not self._mark("("):
            raise self._unexpected()
        values = {self._value(field, kind)}
        while self._mark(","):
            values.add(self._value(field, kind))
        if not self._mark(")"):
            raise self._unexpected()
        return frozenset(values)

    def _value(self, field: str, kind: str) -> Any:
        token = self._next()
        literal, allowed = _literal(token)
        if literal is None and token.value.lower() == "null":
            return None
        if not allowed or kind not in allowed:
            raise SoqlError(
                "INVALID_FIELD" if allowed else "MALFORMED_QUERY",
                f"value of filter criterion for field '{field}' must be of type {kind} "
                f"and should {'' if kind in _QUOTED else 'not '}be enclosed in quotes",
            )
        return comparable(kind, literal)

    def _next(self) -> Literal:
        if self.at == len(self.tokens):
            raise SoqlError("MALFORMED_QUERY", "unexpected end of query")
        self.at += 1
        return self.tokens[self.at - 1]

    def _name(self) -> str:
        token = self._next()
        if token.kind != "word" or token.value.lower() in _RESERVED:
            raise self._unexpected(token)
        return str(token.value)

    def _word(self, word: str) -> bool:
        return self._skip("word", word)

    def _mark(self, mark: str) -> bool:
        return self._skip("mark", mark)

    def _skip(self, kind: str, text: str) -> bool:
        if self.at < len(self.tokens):
            token = self.tokens[self.at]
            if token.kind == kind and token.value.lower() == text:
                self.at += 1
                return True
        return False

    def _expect(self, word: str) -> None:
        if not self._word(word):
            raise self._unexpected()

    def _unexpected(self, token: Literal | None = None) -> SoqlError:
        if token is None and self.at < len(self.tokens):
            token = self.tokens[self.at]
        text = "<EOF>" if token is None else token.value
        return SoqlError("MALFORMED_QUERY", f"unexpected token: '{text}'")


_QUOTED = {"id", "string", "reference", "picklist", "email", "url"}


def _literal(token: Literal) -> tuple[Any, set[str]]:
    """Return the value and the field types it may be compared with."""
    text = token.value
    if token.kind == "string":
        body = re.sub(r"\\(.)", lambda m: _ESCAPES.get(m[1], m[1]), text[1:-1])
        return body, _QUOTED
    if token.kind == "number":
        return Decimal(text), _NUMBERS
    if token.kind in ("date", "datetime"):
        return _moment(token)
    if token.kind == "word" and text.lower() in ("true", "false"):
        return text.lower() == "true", {"boolean"}
    return None, set()


def _moment(token: Literal) -> tuple[Any, set[str]]:
    try:
        at = datetime.fromisoformat(token.value)
    except ValueError:
        return None, set()
    if token.kind == "date":
        return token.value, {"date"}
    return _iso(at.astimezone(UTC)) + "+0000", {"datetime"}


def _always(_row: Record) -> bool:
    return True


def _ordered(test: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    """Return the comparison, which no null ever passes."""
    return lambda left, right: (
        left is not None and right is not None and test(left, right)
    )


_COMPARE: Mapping[str, Callable[[Any, Any], bool]] = {
    "=": lambda left, right: bool(left == right),
    "!=": lambda left, right: bool(left != right),
    "<>": lambda left, right: bool(left != right),
    ">": _ordered(lambda left, right: left > right),
    ">=": _ordered(lambda left, right: left >= right),
    "<": _ordered(lambda left, right: left < right),
    "<=": _ordered(lambda left, right: left <= right),
}
