"""Filters: what a search asks for, as SQL over the records."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sandbox.hubspot.kinds import Kind
from sandbox.hubspot.records import ID_DIGITS
from sandbox.hubspot.schema import Property
from sandbox.hubspot.shapes import Document, Problem
from sandbox.hubspot.values import wanted
from sandbox.hubspot.views import NAME
from sandbox.store import Value, column

# developers.hubspot.com, search the CRM, limitations.
MOST_GROUPS = 5
MOST_FILTERS = 6  # of a group
MOST_FILTERS_IN_ALL = 18
MOST_VALUES = 100  # of IN and NOT_IN; believed, unverified
LONGEST_QUERY = 3000  # characters

_COMPARED = {"EQ": "=", "NEQ": "<>", "LT": "<", "LTE": "<=", "GT": ">", "GTE": ">="}
_SEPARATORS = "@.,;:/-_()'\"&+"


@dataclass
class Where:
    """SQL under construction, with the values of its question marks."""

    parts: list[str] = field(default_factory=list)
    values: list[Value] = field(default_factory=list)

    def add(self, text: str, *values: Value) -> None:
        """Add a condition."""
        self.parts.append(text)
        self.values += values

    @property
    def text(self) -> str:
        """Return all conditions as one."""
        return " and ".join(self.parts)


def where_of(kind: Kind, defined: Mapping[str, Property], body: Document) -> Where:
    """Return the conditions that the body of a search sets."""
    where = Where()
    where.add(f"{column('archived')} = ?", 0)
    groups = _objects(body.get("filterGroups"), "filterGroups")
    loose = _objects(body.get("filters"), "filters")
    lists = [_objects(each.get("filters"), "filters") for each in groups]
    lists += [loose] if loose else []
    if len(lists) > MOST_GROUPS:
        raise Problem(400, f"The maximum number of filter groups is {MOST_GROUPS}")
    if any(len(each) > MOST_FILTERS for each in lists):
        raise Problem(400, f"The maximum of filters in a group is {MOST_FILTERS}")
    if sum(map(len, lists)) > MOST_FILTERS_IN_ALL:
        sentence = f"The maximum number of filters is {MOST_FILTERS_IN_ALL}"
        raise Problem(400, sentence)
    alternatives = Where()
    for filters in lists:
        group = Where()
        for each in filters:
            _filter(group, defined, each)
        if group.parts:
            alternatives.add(f"({group.text})", *group.values)
    if alternatives.parts:
        where.add(f"({' or '.join(alternatives.parts)})", *alternatives.values)
    _words(where, kind, body.get("query"))
    return where


def _objects(value: object, name: str) -> list[Document]:
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
        raise Problem(400, f"Invalid input JSON: {name} must be a list of objects")
    return value


def _filter(
    where: Where, defined: Mapping[str, Property], given: Mapping[str, Any]
) -> None:
    name, operator = given.get("propertyName"), given.get("operator")
    if not isinstance(name, str) or not NAME.fullmatch(name):
        raise Problem(400, "A filter needs a propertyName")
    known = defined.get(name)
    if known is None:
        raise Problem(400, f"Unknown property {name} in a filter")
    place = column("properties", name)
    if operator == "HAS_PROPERTY":
        where.add(f"{place} is not null")
    elif operator == "NOT_HAS_PROPERTY":
        where.add(f"{place} is null")
    elif operator == "BETWEEN":
        _compared(where, place, known, ">=", given.get("value"))
        _compared(where, place, known, "<=", given.get("highValue"))
    elif operator in ("IN", "NOT_IN"):
        _among(where, place, known, given.get("values"), inside=operator == "IN")
    elif operator in ("CONTAINS_TOKEN", "NOT_CONTAINS_TOKEN"):
        text = _text(given.get("value"))
        _token(where, place, text, inside=operator == "CONTAINS_TOKEN")
    elif isinstance(operator, str) and operator in _COMPARED:
        _compared(where, place, known, _COMPARED[operator], given.get("value"))
    else:
        raise Problem(400, f"Unknown operator {operator}")


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None or isinstance(value, list | dict):
        raise Problem(400, "A filter with this operator needs a value")
    return str(value)


def _compared(
    where: Where, place: str, known: Property, sign: str, value: object
) -> None:
    text = wanted(known, _text(value))
    absent = f" or {place} is null" if sign == "<>" else ""
    if known.name == "hs_object_id" and text.isdecimal():
        # By the index: readers page through records of one instant by their ids.
        where.add(f"{column('id')} {sign} ?", text.zfill(ID_DIGITS))
    elif known.type == "number":
        where.add(f"(cast({place} as real) {sign} cast(? as real){absent})", text)
    elif known.type == "string" and known.name not in ("email", "domain"):
        # Texts compare without regard to case; emails and domains are kept lowered.
        where.add(f"(lower({place}) {sign} lower(?){absent})", text)
    else:
        where.add(
            f"({place} {sign} ?{absent})" if absent else f"{place} {sign} ?", text
        )


def _among(
    where: Where, place: str, known: Property, values: object, *, inside: bool
) -> None:
    if not isinstance(values, list) or not values or len(values) > MOST_VALUES:
        raise Problem(400, f"IN and NOT_IN need values, at most {MOST_VALUES}")
    listed = json.dumps([wanted(known, _text(each)) for each in values])
    value = "value"
    if known.type == "number":
        place, value = f"cast({place} as real)", "cast(value as real)"
    elif known.type == "string":
        # HubSpot asks for lower case in the values of a text: others find nothing.
        place = f"lower({place})"
    chosen_in = f"{place} in (select {value} from json_each(?))"
    where.add(chosen_in if inside else f"({place} is null or not {chosen_in})", listed)


def _tokens(place: str) -> str:
    """Return SQL for a text with one space before and behind each of its words."""
    text = f"lower({place})"
    for separator in _SEPARATORS:
        quoted = separator.replace("'", "''")
        text = f"replace({text}, '{quoted}', ' ')"
    return f"' ' || {text} || ' '"


def _contains(place: str) -> str:
    """Return SQL with two question marks: a part of the text, and its words."""
    like = "like lower(?) escape '\\'"
    return f"({place} {like} and {_tokens(place)} {like})"


def _pattern(text: str) -> str:
    """Return the LIKE pattern of words in which `*` stands for anything."""
    for separator in _SEPARATORS:
        text = text.replace(separator, " ")
    escaped = text.replace("\\", "\\\\").replace("%", "\\%")
    return escaped.replace("*", "%").strip()


def _token(where: Where, place: str, text: str, *, inside: bool) -> None:
    pattern = _pattern(text)
    if not pattern.strip("% "):
        raise Problem(400, "CONTAINS_TOKEN needs at least one letter or digit")
    if len(pattern) > LONGEST_QUERY:
        raise Problem(400, "The value of a filter is too long")
    sql = _contains(place)
    # A cheap look first: most texts lack even the first word.
    given = (f"%{pattern.split()[0]}%", f"% {pattern} %")
    where.add(sql if inside else f"({place} is null or not {sql})", *given)


def _words(where: Where, kind: Kind, query: object) -> None:
    """Ask for every word of the query in one of the kind's searched properties."""
    if query is None:
        return
    if not isinstance(query, str) or len(query) > LONGEST_QUERY:
        raise Problem(400, f"query must be a string of up to {LONGEST_QUERY}")
    words = _pattern(query).replace("%", "\\%").split()
    for word in words[:20]:
        anywhere = " or ".join(
            _contains(column("properties", name)) for name in kind.searched
        )
        where.add(f"({anywhere})", *((f"%{word}%", f"% {word}%") * len(kind.searched)))
