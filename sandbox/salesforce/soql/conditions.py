"""Conditions: WHERE and HAVING as SQL."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal

from sandbox.collection import Value
from sandbox.salesforce.field import NUMBER_TYPES, TEXT_TYPES
from sandbox.salesforce.ids import full_id
from sandbox.salesforce.soql.moments import days
from sandbox.salesforce.soql.scope import Bound, Scope
from sandbox.salesforce.soql.tokens import SoqlError, located
from sandbox.salesforce.soql.tree import (
    Both,
    Compare,
    Condition,
    Expression,
    Not,
    Select,
)
from sandbox.salesforce.soql.tree import Value as Literal

_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f"}
_IDS = ("id", "reference")
_WORDS = TEXT_TYPES - {"id", "reference", "date", "datetime"}
_LARGEST = 2**63 - 1

Bind = Callable[[Expression], Bound]
Inner = Callable[[Select], tuple[str, list[Value]]]


class Conditions:
    """Makes SQL of conditions; `values` fills up in the order of the marks."""

    def __init__(self, scope: Scope, bind: Bind, inner: Inner) -> None:
        """Take names from the scope.

        Args:
            scope: says what is being asked, and of whom.
            bind: says what the left side of a comparison means.
            inner: makes SQL of a query within the condition.
        """
        self.scope = scope
        self.bind = bind
        self.inner = inner
        self.values: list[Value] = []

    def sql(self, condition: Condition) -> str:
        """Return the SQL of a condition."""
        if isinstance(condition, Both):
            parts = [self.sql(each) for each in condition.parts]
            return "(" + f" {condition.word} ".join(parts) + ")"
        if isinstance(condition, Not):
            # A comparison with null is false in SOQL, so its opposite is true.
            return f"not coalesce({self.sql(condition.part)}, 0)"
        return self._compare(condition)

    def _compare(self, compare: Compare) -> str:
        left = self.bind(compare.left)
        operator = "!=" if compare.operator == "<>" else compare.operator
        if compare.query is not None:
            return self._within(left, operator, compare)
        if operator in ("includes", "excludes"):
            return self._includes(left, operator, compare)
        if operator == "like":
            return self._like(left, compare)
        if operator in ("in", "not in"):
            return self._in(left, operator, compare)
        return self._plain(left, operator, compare)

    def _plain(self, left: Bound, operator: str, compare: Compare) -> str:
        [value] = compare.values
        if value.kind == "null":
            return self._null(left, operator, compare)
        if value.kind == "range":
            return self._range(left, operator, value)
        if left.type == "boolean" and operator not in ("=", "!="):
            raise self._operator(left, compare)
        given = self._value(left, value)
        if operator in ("=", "!=") and left.type in (*_WORDS, *_IDS):
            equal = self._equal(left, [given])
            return equal if operator == "=" else f"not coalesce({equal}, 0)"
        self.values.append(given)
        sql = {"=": "= ?", "!=": "is not ?"}.get(operator, f"{operator} ?")
        return f"{left.sql}{_collated(left)} {sql}"

    def _equal(self, left: Bound, given: list[Value]) -> str:
        self._hint(left)
        spellings = [str(text) for text in given]
        if left.type in _WORDS:
            spellings = [each for text in spellings for each in _spellings(text)]
        self.values.extend(spellings)
        marks = ", ".join("?" * len(spellings))
        return f"{left.sql}{_collated(left)} in ({marks})"

    def _in(self, left: Bound, operator: str, compare: Compare) -> str:
        if any(each.kind == "range" for each in compare.values):
            raise self._wrong(left, compare.values[0])
        given = [
            self._value(left, each) for each in compare.values if each.kind != "null"
        ]
        has_null = len(given) < len(compare.values)
        if left.type in _WORDS:
            found = self._equal(left, given)
        else:
            self._hint(left)
            self.values.extend(given)
            found = f"{left.sql} in ({', '.join('?' * len(given))})"
        if operator == "in":
            return f"({left.sql} is null or {found})" if has_null else found
        opposite = f"not coalesce({found}, 0)"
        return f"({left.sql} is not null and {opposite})" if has_null else opposite

    def _within(self, left: Bound, operator: str, compare: Compare) -> str:
        if compare.query is None or operator not in ("in", "not in"):
            raise self._operator(left, compare)
        if left.type not in _IDS:
            raise self._operator(left, compare)
        sql, values = self.inner(compare.query)
        self.values.extend(values)
        found = f"{left.sql} in ({sql})"
        return found if operator == "in" else f"not coalesce({found}, 0)"

    def _includes(self, left: Bound, operator: str, compare: Compare) -> str:
        if left.type != "multipicklist":
            raise self._operator(left, compare)
        either = []
        for value in compare.values:
            wanted = str(self._value(left, value)).split(";")
            self.values.extend(f";{each};" for each in wanted)
            both = [f"instr(';' || {left.sql} || ';', ?) > 0" for _ in wanted]
            either.append("(" + " and ".join(both) + ")")
        found = "(" + " or ".join(either) + ")"
        return found if operator == "includes" else f"not coalesce({found}, 0)"

    def _like(self, left: Bound, compare: Compare) -> str:
        [value] = compare.values
        if left.type not in _WORDS:
            raise self._operator(left, compare)
        if value.kind != "string":
            raise self._wrong(left, value)
        text = re.sub(
            r"\\(.)",
            lambda found: (
                found[0] if found[1] in "%_\\" else _ESCAPES.get(found[1], found[1])
            ),
            value.text[1:-1],
            flags=re.DOTALL,
        )
        spellings = _spellings(text)
        self.values.extend(spellings)
        return (
            "(" + " or ".join([f"{left.sql} like ? escape '\\'"] * len(spellings)) + ")"
        )

    def _null(self, left: Bound, operator: str, compare: Compare) -> str:
        if operator not in ("=", "!="):
            raise self._operator(left, compare)
        return f"{left.sql} is {'not ' if operator == '!=' else ''}null"

    def _range(self, left: Bound, operator: str, value: Literal) -> str:
        try:
            found = days(value.text, value.number, self.scope.target.now.date())
        except OverflowError as error:
            sentence = f"date literal out of range: '{value.text}'"
            raise self._error("MALFORMED_QUERY", value.at, sentence) from error
        if found is None:
            sentence = f"unexpected token: '{value.text}'"
            raise self._error("MALFORMED_QUERY", value.at, sentence)
        if left.type not in ("date", "datetime"):
            raise self._wrong(left, value)
        first, after = (_moment(each, left.type) for each in found)
        sql = left.sql
        if operator in ("<", ">="):
            self.values.append(first)
            return f"{sql} {operator} ?"
        if operator in ("<=", ">"):
            self.values.append(after)
            return f"{sql} {'<' if operator == '<=' else '>='} ?"
        self.values.extend((first, after))
        inside = f"({sql} >= ? and {sql} < ?)"
        return inside if operator == "=" else f"not coalesce({inside}, 0)"

    def _value(self, left: Bound, value: Literal) -> Value:
        """Return what a literal is compared as; it has the field's type."""
        kind = left.type
        if value.kind == "string" and kind in TEXT_TYPES - {"date", "datetime"}:
            text = _text(value)
            return self._id(value, text) if kind in _IDS else text
        if value.kind == "number" and kind in NUMBER_TYPES:
            number = Decimal(value.text)
            whole = number == number.to_integral_value() and abs(number) <= _LARGEST
            return int(number) if whole else float(number)
        if value.kind == "boolean" and kind == "boolean":
            return int(value.text == "true")
        if value.kind in ("date", "datetime"):
            at = self._instant(value)
            if value.kind == kind:
                return _moment(at, kind) if kind == "datetime" else value.text
        raise self._wrong(left, value)

    def _id(self, value: Literal, text: str) -> str:
        if len(text) == 18:
            return text
        try:
            return full_id(text)
        except ValueError as error:
            sentence = f"invalid ID field: {text}"
            raise self._error(
                "INVALID_QUERY_FILTER_OPERATOR", value.at, sentence
            ) from error

    def _instant(self, value: Literal) -> datetime:
        try:
            at = datetime.fromisoformat(value.text)
            return at.astimezone(UTC) if at.tzinfo else at
        except (ValueError, OverflowError) as error:
            sentence = f"Invalid date: {value.text}"
            raise self._error("MALFORMED_QUERY", value.at, sentence) from error

    def _hint(self, left: Bound) -> None:
        field = left.field
        if field and left.owner and (field.refers_to or field.external_id):
            self.scope.target.index(left.owner, field)

    def _wrong(self, left: Bound, value: Literal) -> SoqlError:
        quotes = "" if left.type in TEXT_TYPES - {"date", "datetime"} else "not "
        return self._error(
            "INVALID_FIELD",
            value.at,
            f"value of filter criterion for field '{left.label}' must be of type "
            f"{left.type} and should {quotes}be enclosed in quotes",
        )

    def _operator(self, left: Bound, compare: Compare) -> SoqlError:
        sentence = f"invalid operator on {left.type} field: {compare.operator}"
        return self._error("INVALID_QUERY_FILTER_OPERATOR", compare.at, sentence)

    def _error(self, code: str, at: int, sentence: str) -> SoqlError:
        return located(code, self.scope.text, at, sentence)


def _text(value: Literal) -> str:
    return re.sub(
        r"\\(.)",
        lambda found: _ESCAPES.get(found[1], found[1]),
        value.text[1:-1],
        flags=re.DOTALL,
    )


def _spellings(text: str) -> list[str]:
    """Return a text so that SQLite, which folds A to Z alone, finds its accents too."""
    if text.isascii():
        return [text]
    return list(dict.fromkeys((text, text.lower(), text.upper())))


def _collated(left: Bound) -> str:
    return " collate nocase" if left.type in _WORDS else ""


def _moment(at: date, kind: str) -> str:
    """Return a day, or an instant as documents have it."""
    if kind == "date":
        return at.strftime("%Y-%m-%d")
    millis = at.microsecond // 1000 if isinstance(at, datetime) else 0
    return f"{at.isoformat()[:10]}T{at.strftime('%H:%M:%S')}.{millis:03}+0000"
