"""Filters: the `q` of a record list, such as `companyName START_WITH "Ac"`.

Oracle, "Record Collection Filtering": conditions of a field, an operator and what the
operator takes, joined by AND and OR, with parentheses.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date, timedelta

from sandbox.netsuite import masks
from sandbox.netsuite.books import CODES
from sandbox.netsuite.fields import Field
from sandbox.netsuite.record_types import RecordType
from sandbox.netsuite.terms import Values
from sandbox.store import column

MAX_LENGTH = 10_000
MAX_NESTING = 50
_TOKEN = re.compile(
    r"""\s*(?:(?P<text>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')"""
    r"""|(?P<word>[A-Za-z_][\w.]*)|(?P<number>-?\d+(?:\.\d+)?)|(?P<sign>[()\[\],]))"""
)
_NUMBERS: Mapping[str, str] = {
    "EQUAL": "=",
    "GREATER": ">",
    "GREATER_OR_EQUAL": ">=",
    "LESS": "<",
    "LESS_OR_EQUAL": "<=",
}
_TEXTS: Mapping[str, str] = {
    "IS": "{}",
    "CONTAIN": "%{}%",
    "START_WITH": "{}%",
    "END_WITH": "%{}",
    "ENDWITH": "%{}",
}
_DAY = timedelta(days=1)
# What an operator compares with: the beginning of the day, or of the one after it.
_DAYS: Mapping[str, tuple[tuple[str, int], ...]] = {
    "AFTER": ((">=", 1),),
    "BEFORE": (("<", 0),),
    "ON": ((">=", 0), ("<", 1)),
    "ON_OR_AFTER": ((">=", 0),),
    "ON_OR_BEFORE": (("<", 1),),
}


class FilterError(ValueError):
    """Why a filter is not understood."""


def understand(text: str, kind: RecordType, values: Values) -> str:
    """Return the SQL condition of a filter, over a document; values go to `values`.

    Raises:
        FilterError: it is not understood.
    """
    if len(text) > MAX_LENGTH:
        raise FilterError("The filter is too long.")
    reader = _Reader(text, kind, values)
    condition = reader.either(0)
    if reader.peek()[1]:
        raise FilterError(f"Unexpected '{reader.peek()[1][:50]}'.")
    return condition


class _Reader:
    def __init__(self, text: str, kind: RecordType, values: Values) -> None:
        self.kind = kind
        self.values = values
        self.tokens: list[tuple[str, str]] = []
        self.place = 0
        position = 0
        while text[position:].strip():
            found = _TOKEN.match(text, position)
            if found is None:
                raise FilterError(f"Unexpected '{text[position:].strip()[:20]}'.")
            group = str(found.lastgroup)
            self.tokens.append((group, found[group]))
            position = found.end()

    def peek(self) -> tuple[str, str]:
        return self.tokens[self.place] if self.place < len(self.tokens) else ("", "")

    def take(self) -> tuple[str, str]:
        token = self.peek()
        self.place += 1
        return token

    def either(self, depth: int) -> str:
        if depth > MAX_NESTING:
            raise FilterError("The filter is nested too deep.")
        return self._joined("OR", lambda: self._all(depth))

    def _all(self, depth: int) -> str:
        return self._joined("AND", lambda: self._one(depth))

    def _joined(self, word: str, part: Callable[[], str]) -> str:
        parts = [part()]
        while self.peek()[1].upper() == word and self.peek()[0] == "word":
            self.take()
            parts.append(part())
        return f"({f' {word.lower()} '.join(parts)})"

    def _one(self, depth: int) -> str:
        group, text = self.take()
        if text == "(" and group == "sign":
            inner = self.either(depth + 1)
            if self.take()[1] != ")":
                raise FilterError("A parenthesis is not closed.")
            return inner
        field = self.kind.field(text) if group == "word" else None
        if field is None:
            raise FilterError(f"Unknown field '{text[:50]}'.")
        return self._condition(field)

    def _condition(self, field: Field) -> str:
        group, word = self.take()
        operator = word.upper() if group == "word" else ""
        negated = operator.endswith("_NOT")
        operator = operator.removesuffix("_NOT")
        sql = column(field.column)
        if operator == "EMPTY":
            condition = f"({sql} is null)"
        elif field.kind == "flag" and operator == "IS":
            value = self.take()[1].strip("\"'").lower()
            if value not in ("true", "false"):
                raise FilterError(f"{field.name} is true or false.")
            condition = f"({sql} = '{'T' if value == 'true' else 'F'}')"
        elif field.kind in ("day", "instant") and operator in _DAYS:
            condition = self._day(field, operator)
        elif field.kind in ("number", "link", "currency") or field.name == "id":
            condition = self._number(field, operator)
        elif field.kind in ("text", "email", "status") and operator in _TEXTS:
            condition = self._text(field, operator)
        else:
            raise FilterError(f"{field.name} does not take {word[:50]}.")
        # In NetSuite's filters a null fulfils a negated condition.
        return f"({condition} is not 1)" if negated else condition

    def _text(self, field: Field, operator: str) -> str:
        wanted = self._string()
        if operator == "IS":
            place = self.values.bind(wanted)
            return f"({column(field.column)} = {place})"
        for letter in "\\%_":
            wanted = wanted.replace(letter, "\\" + letter)
        place = self.values.bind(_TEXTS[operator].format(wanted))
        return f"({column(field.column)} like {place} escape '\\')"

    def _number(self, field: Field, operator: str) -> str:
        sql = f"cast({column(field.column)} as integer)"
        if field.name == "id":
            sql = "cast(id as integer)"
        elif field.kind != "link":
            sql = column(field.column)
        if operator in _NUMBERS:
            return f"({sql} {_NUMBERS[operator]} {self._one_number(field)})"
        if operator == "IS" and field.kind != "number":
            return f"({sql} = {self._one_number(field)})"
        if operator in ("ANY_OF", "BETWEEN", "WITHIN"):
            options = self._list(field)
            if operator == "ANY_OF":
                return f"({sql} in ({', '.join(options)}))"
            if len(options) == 2:
                return f"({sql} between {options[0]} and {options[1]})"
        raise FilterError(f"{field.name} does not take {operator[:50]}.")

    def _one_number(self, field: Field) -> str:
        _, text = self.take()
        text = text.strip("\"'")
        if field.kind == "currency":
            # Documents keep the code, callers say the account's number.
            return self.values.bind(CODES.get(text, text))
        try:
            number = float(text)
        except ValueError as broken:
            raise FilterError(f"'{text[:50]}' is not a number.") from broken
        if abs(number) > 2**53 or number != number:  # noqa: PLR0124 -- NaN
            raise FilterError(f"'{text[:50]}' is out of range.")
        return self.values.bind(int(number) if number.is_integer() else number)

    def _list(self, field: Field) -> list[str]:
        if self.take()[1] != "[":
            raise FilterError("A list in [ ] is expected.")
        options = [self._one_number(field)]
        while self.peek()[1] == ",":
            self.take()
            options.append(self._one_number(field))
        if self.take()[1] != "]":
            raise FilterError("A list is not closed.")
        return options

    def _string(self) -> str:
        group, text = self.take()
        if group == "text":
            return re.sub(r"\\(.)", r"\1", text[1:-1])
        if group in ("word", "number"):
            return text
        raise FilterError("A value is missing.")

    def _day(self, field: Field, operator: str) -> str:
        text = self._string()
        try:
            day = date.fromisoformat(masks.day_from(text, self.values.preference)[:10])
            _ = day + _DAY
        except (masks.MaskError, OverflowError) as broken:
            raise FilterError(
                f"'{text[:50]}' is not a date; write {self.values.preference}."
            ) from broken
        tests = [
            f"{column(field.column)} {sign} {self._bound(field, day + _DAY * later)}"
            for sign, later in _DAYS[operator]
        ]
        return f"({' and '.join(tests)})"

    def _bound(self, field: Field, day: date) -> str:
        if field.kind == "day":
            return self.values.bind(day.isoformat())
        return self.values.universal(f"{day} 00:00:00").sql
