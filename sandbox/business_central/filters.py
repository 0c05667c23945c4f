"""Business Central's filters: the part of OData's `$filter` that it understands."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sandbox.business_central.entities import Kind
from sandbox.business_central.shapes import bad, refused
from sandbox.collection import Value
from sandbox.instants import to_milliseconds
from sandbox.store import column

_TOKEN = re.compile(
    r"\s*(?:(?P<text>'(?:[^']|'')*')"
    r"|(?P<instant>\d{4}-\d{2}-\d{2}T[\d:.]+(?:Z|[+-]\d{2}:\d{2}))"
    r"|(?P<guid>[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})"
    r"|(?P<day>\d{4}-\d{2}-\d{2})"
    r"|(?P<number>-?\d+(?:\.\d+)?)"
    r"|(?P<name>[A-Za-z_][\w/]*)"
    r"|(?P<mark>[(),]))"
)
_SIGNS = {"eq": "is", "ne": "is not", "gt": ">", "ge": ">=", "lt": "<", "le": "<="}
_FUNCTIONS = ("contains", "startswith", "endswith")
_DEEPEST = 12
_MOST_TERMS = 500
_LONGEST = 8_000


@dataclass(frozen=True, slots=True)
class Sql:
    """A condition, its values and the fields that it looks at."""

    text: str
    values: tuple[Value, ...]
    fields: frozenset[str]


def condition(text: str, properties: Mapping[str, Kind]) -> Sql:
    """Return the SQL of a filter.

    Raises:
        Refusal: the filter cannot be read.
    """
    if len(text) > _LONGEST:
        raise _broken("it is too long")
    parser = _Parser(_tokens(text), properties)
    sql = parser.either(0)
    if parser.here() is not None:
        raise _broken(f"'{parser.here()[1]}' is unexpected")  # type: ignore[index]  # not none
    return sql


def _tokens(text: str) -> list[tuple[str, str]]:
    tokens, place = [], 0
    text = text.rstrip()
    while place < len(text):
        found = _TOKEN.match(text, place)
        if found is None or found.lastgroup is None:
            raise _broken(f"Syntax error at position {place}")
        tokens.append((found.lastgroup, found[found.lastgroup]))
        place = found.end()
    return tokens


def _broken(why: str) -> Exception:
    return bad(f"The filter is invalid: {why}.", "BadRequest_InvalidRequestUrl")


class _Parser:
    """Reads tokens from left to right."""

    def __init__(
        self, tokens: list[tuple[str, str]], properties: Mapping[str, Kind]
    ) -> None:
        self.tokens = tokens
        self.properties = properties
        self.place = 0
        self.terms = 0

    def here(self) -> tuple[str, str] | None:
        return self.tokens[self.place] if self.place < len(self.tokens) else None

    def take(self, kind: str = "", text: str = "") -> str:
        """Take the next token, of this kind and text."""
        token = self.here()
        if token is None or (kind and token[0] != kind) or (text and token[1] != text):
            seen = "the end" if token is None else f"'{token[1]}'"
            raise _broken(f"{seen} where {text or kind or 'a value'} was expected")
        self.place += 1
        return token[1]

    def is_next(self, text: str) -> bool:
        return self.here() in (("name", text), ("mark", text))

    def either(self, depth: int) -> Sql:
        """Read terms joined by `or`: of one field only, as Business Central has it."""
        if depth > _DEEPEST:
            raise _broken("it is nested too deeply")
        terms = [self.both(depth)]
        while self.is_next("or"):
            self.take()
            terms.append(self.both(depth))
            if terms[-1].fields != terms[0].fields:
                raise refused(
                    400,
                    "BadRequest_MethodNotImplemented",
                    "An 'OR' operator is not supported on distinct fields"
                    " on an OData filter.",
                )
        return self.joined("or", terms)

    def both(self, depth: int) -> Sql:
        """Read terms joined by `and`."""
        terms = [self.one(depth)]
        while self.is_next("and"):
            self.take()
            terms.append(self.one(depth))
        return self.joined("and", terms)

    def joined(self, word: str, terms: list[Sql]) -> Sql:
        """Join terms side by side: the database nests no deeper than a hundred."""
        if len(terms) == 1:
            return terms[0]
        return Sql(
            "(" + f" {word} ".join(each.text for each in terms) + ")",
            tuple(value for each in terms for value in each.values),
            frozenset().union(*(each.fields for each in terms)),
        )

    def one(self, depth: int) -> Sql:
        """Read one comparison, a function or a bracket."""
        self.terms += 1
        if self.terms > _MOST_TERMS:
            raise _broken(f"it has more than {_MOST_TERMS} terms")
        if depth > _DEEPEST:
            raise _broken("it is nested too deeply")
        if self.is_next("not"):
            self.take()
            sql = self.one(depth + 1)
            text = f"not coalesce({sql.text}, 0)"
            return Sql(text, sql.values, sql.fields)
        if self.is_next("("):
            self.take()
            sql = self.either(depth + 1)
            self.take("mark", ")")
            return sql
        name = self.take("name")
        if name in _FUNCTIONS:
            return self.function(name)
        field, kind = self.field(name)
        sign = self.take("name")
        if sign not in _SIGNS:
            raise _broken(f"'{sign}' is no operator")
        value = self.value(kind)
        if value is None and sign not in ("eq", "ne"):
            raise _broken("null is neither larger nor smaller")
        return Sql(f"{field} {_SIGNS[sign]} ?", (value,), frozenset((name,)))

    def function(self, name: str) -> Sql:
        """Read `contains(field, 'text')` and its like."""
        self.take("mark", "(")
        field_name = self.take("name")
        field, kind = self.field(field_name)
        if kind != "string":
            raise _broken(f"{name} takes a text property")
        self.take("mark", ",")
        text = str(self.value(kind))
        self.take("mark", ")")
        for mark in ("\\", "%", "_"):
            text = text.replace(mark, f"\\{mark}")
        pattern = {
            "contains": f"%{text}%",
            "startswith": f"{text}%",
            "endswith": f"%{text}",
        }[name]
        sql = f"{field} like ? escape '\\'"
        return Sql(sql, (pattern,), frozenset((field_name,)))

    def field(self, name: str) -> tuple[str, Kind]:
        kind = self.properties.get(name)
        if kind is None:
            raise bad(
                f"Could not find a property named '{name}'.",
                "BadRequest_InvalidRequestUrl",
            )
        return column(name), kind

    def value(self, kind: Kind) -> Value:
        """Read a literal that goes with a property of this kind."""
        token = self.here()
        self.take()
        assert token is not None  # noqa: S101 -- take() refuses the end
        form, text = token
        if (form, text) == ("name", "null"):
            return None
        value = literal(kind, form, text)
        if value is None:
            raise _broken(f"'{text}' is no {kind}")
        return value


def literal(kind: Kind, form: str, text: str) -> Value:
    """Return a literal as the database compares it; none if it doesn't fit."""
    made: Any = None
    try:
        match kind, form:
            case "string", "text":
                made = text[1:-1].replace("''", "'")
            case "guid", "guid":
                made = text.lower()
            case "decimal", "number":
                made = float(Decimal(text))
            case "int", "number":
                made = int(text) if len(text) < 19 else None
            case "boolean", "name":
                made = {"true": 1, "false": 0}.get(text)
            case "date", "day":
                made = date.fromisoformat(text).isoformat()
            case "datetime", "instant":
                made = to_milliseconds(datetime.fromisoformat(text))
            case "datetime", "day":
                made = f"{date.fromisoformat(text).isoformat()}T00:00:00.000Z"
    except (ValueError, OverflowError):
        return None
    return made  # type: ignore[no-any-return]  # one of the above
