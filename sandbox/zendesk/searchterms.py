"""Zendesk's search language: `type:ticket updated>2026-01-01 -status:closed words`."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sandbox.collection import Value
from sandbox.instants import to_seconds
from sandbox.store import column
from sandbox.wire import Refusal
from sandbox.zendesk.fields import PRIORITIES, STATUSES
from sandbox.zendesk.kinds import Kind
from sandbox.zendesk.shapes import error

_Sql = tuple[str, list[Value]]

_TERM = re.compile(
    r'(?P<not>-)?(?:(?P<key>[\w.]+)(?P<sign>:|>=|<=|>|<))?(?P<value>"[^"]*"|\S+)'
)
# Believed, not verified: Zendesk refuses long queries; from which length is unknown.
MAX_TERMS = 100
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_AGO = re.compile(r"(\d{1,4})(minute|hour|day|week|month|year)s?")
_DAYS = {"day": 1, "week": 7, "month": 30, "year": 365}
_INSTANTS = {
    "updated": "updated_at",
    "updated_at": "updated_at",
    "created": "created_at",
    "created_at": "created_at",
    "due_date": "due_at",
}
_ORDERED = {"status": STATUSES, "priority": PRIORITIES}
_FIELDS = {
    "ticket": {
        "subject": "subject",
        "description": "description",
        "ticket_type": "type",
        "external_id": "external_id",
        "via": "via.channel",
    },
    "user": {
        "name": "name",
        "email": "email",
        "role": "role",
        "external_id": "external_id",
        "phone": "phone",
        "notes": "notes",
    },
    "organization": {
        "name": "name",
        "external_id": "external_id",
        "notes": "notes",
        "details": "details",
    },
    "group": {"name": "name"},
}
_LINKS = {
    "ticket": {
        "requester": "requester_id",
        "submitter": "submitter_id",
        "assignee": "assignee_id",
        "organization": "organization_id",
        "organization_id": "organization_id",
    },
    "user": {
        "organization": "organization_id",
        "organization_id": "organization_id",
    },
}
_EQUAL = {
    "ticket": ("external_id",),
    "user": ("name", "email", "role", "external_id"),
    "organization": ("name", "external_id"),
}
_WORDS = {
    "ticket": ("subject", "description"),
    "user": ("name", "email"),
    "organization": ("name",),
    "group": ("name",),
}


@dataclass(frozen=True, slots=True)
class Term:
    """One part of a query."""

    key: str
    sign: str
    value: str
    is_negated: bool


def terms_of(query: str) -> list[Term]:
    """Return the parts of a query.

    Raises:
        Refusal: there are too many of them.
    """
    terms = [
        Term(
            (found["key"] or "").lower(),
            found["sign"] or "",
            found["value"].strip('"'),
            bool(found["not"]),
        )
        for found in _TERM.finditer(query)
    ]
    if len(terms) > MAX_TERMS:
        sentence = f"Invalid search: more than {MAX_TERMS} terms"
        raise Refusal(error(422, "invalid", sentence))
    return terms


def types_of(terms: list[Term]) -> list[str]:
    """Return the kinds that a query names; empty for all."""
    return [term.value.lower() for term in terms if term.key == "type"]


def compared(terms: list[Term]) -> str | None:
    """Return the instant that a query compares, if it compares one."""
    for term in terms:
        if term.key in _INSTANTS and not term.is_negated:
            return column(_INSTANTS[term.key])
    return None


def indexed(terms: list[Term], kind: Kind) -> Iterator[str]:
    """Yield the expressions by which a query can be answered without a scan."""
    for term in terms:
        if term.is_negated:
            continue
        if term.key in _INSTANTS:
            yield column(_INSTANTS[term.key])
        elif term.key in _LINKS.get(kind.name, {}):
            yield column(_LINKS[kind.name][term.key])
        elif term.key in _ORDERED and kind.name == "ticket":
            yield column(term.key)
        elif term.key in _EQUAL.get(kind.name, ()):
            yield f"{column(term.key)} collate nocase"


def condition(terms: list[Term], kind: Kind, now: datetime) -> _Sql | None:
    """Return the SQL of a query for a kind; none if it cannot match that kind."""
    where, values = [kind.shown], []
    for term in terms:
        if term.key in ("type", "order_by", "sort"):
            continue
        made = _one(term, kind, now)
        if made is None:
            return None
        sql, given = made
        where.append(f"not coalesce({sql}, 0)" if term.is_negated else sql)
        values += given
    return " and ".join(f"({each})" for each in where), values


def _one(term: Term, kind: Kind, now: datetime) -> _Sql | None:
    key, value = term.key, term.value
    if not key:
        return _words(kind, value)
    if key in _INSTANTS:
        return _instant(column(_INSTANTS[key]), term, now)
    if key in ("id", "tags", "tag"):
        return _listed(key, value)
    if key in _LINKS.get(kind.name, {}):
        return _linked(kind, key, value)
    return _field(term, kind)


def _field(term: Term, kind: Kind) -> _Sql | None:
    """Compare a field of the kind itself, or one of the account's own."""
    key, value = term.key, term.value
    if key in _ORDERED and kind.name == "ticket":
        return _ranked(key, term)
    fields = _FIELDS[kind.name]
    if key in fields:
        return _text(column(*fields[key].split(".")), value)
    is_custom = kind.custom and re.fullmatch(r"\w+", key)
    return _text(column(kind.custom, key), value) if is_custom else None


def _listed(key: str, value: str) -> _Sql:
    if key == "id":
        return f"{column('id')} = ?", [_number(value)]
    tags = f"select 1 from json_each({column('tags')}) where value = ?"
    return f"exists ({tags})", [value]


def _linked(kind: Kind, key: str, value: str) -> _Sql:
    """Compare with another record, named by id, name or address."""
    link = column(_LINKS[kind.name][key])
    if value.lower() == "none":
        return f"{link} is null", []
    name, number = column("name"), column("id")
    if link == column("organization_id"):
        named = (
            f'select {number} from "zendesk/organization"'
            f" where {name} = ? collate nocase"
        )
        return f"({link} = ? or {link} in ({named}))", [_number(value), value]
    people = (
        f'select {number} from "zendesk/user" where {column("email")} = ?'
        f" collate nocase or {number} = ? or {name} = ? collate nocase"
    )
    return f"{link} in ({people})", [value, _number(value), value]


def _words(kind: Kind, value: str) -> _Sql:
    fields = _WORDS[kind.name]
    text = value.strip("*").replace("\\", "\\\\").replace("%", r"\%")
    pattern = f"%{text.replace('_', chr(92) + '_')}%"
    sql = " or ".join(f"{column(each)} like ? escape '\\'" for each in fields)
    return f"({sql})", [pattern] * len(fields)


def _text(field: str, value: str) -> _Sql:
    if value.lower() == "none":
        # An account may have named an option so.
        return f"coalesce({field}, 'none') = 'none' collate nocase", []
    if "*" in value:
        text = value.replace("\\", "\\\\").replace("%", r"\%").replace("_", r"\_")
        return f"{field} like ? escape '\\'", [text.replace("*", "%")]
    if value.lower() in ("true", "false"):
        return f"{field} in (?, ?)", [value, int(value.lower() == "true")]
    return f"{field} = ? collate nocase", [value]


def _ranked(key: str, term: Term) -> _Sql | None:
    names = _ORDERED[key]
    value = term.value.lower()
    if value == "none":
        return f"{column(key)} is null", []
    if value not in names:
        return None
    place = names.index(value)
    chosen = {
        "<": names[:place],
        "<=": names[: place + 1],
        ">": names[place + 1 :],
        ">=": names[place:],
    }.get(term.sign, (value,))
    marks = ", ".join("?" * len(chosen))
    return f"{column(key)} in ({marks})", list(chosen)


def _instant(field: str, term: Term, now: datetime) -> _Sql:
    """Compare an instant; a day stands for all of it where it has to be equal."""
    value = term.value
    if ago := _AGO.fullmatch(value):
        number, unit = int(ago[1]), ago[2]
        passed = {
            "minute": timedelta(minutes=number),
            "hour": timedelta(hours=number),
        }.get(unit) or timedelta(days=number * _DAYS.get(unit, 1))
        text = to_seconds(now - passed)
        # Believed, not verified: "updated<4hours" means less than four hours ago.
        sign = {">": "<", "<": ">", ">=": "<=", "<=": ">="}.get(term.sign, ">")
        return f"{field} {sign} ?", [text]
    try:
        at = datetime.fromisoformat(value)
    except ValueError as broken:
        sentence = f"Invalid search: {value} is not a valid date"
        raise Refusal(error(422, "invalid", sentence)) from broken
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    try:
        is_day = bool(_DAY.fullmatch(value))
        end = at + timedelta(days=1) if is_day else at + timedelta(seconds=1)
        begin, end = at.astimezone(UTC), end.astimezone(UTC)
    except OverflowError as broken:
        sentence = f"Invalid search: {value} is out of range"
        raise Refusal(error(422, "invalid", sentence)) from broken
    match term.sign:
        case ">":
            return f"{field} > ?", [to_seconds(begin)]
        case ">=":
            return f"{field} >= ?", [to_seconds(begin)]
        case "<":
            return f"{field} < ?", [to_seconds(begin)]
        case "<=":
            return f"{field} <= ?", [to_seconds(begin)]
    return f"{field} >= ? and {field} < ?", [to_seconds(begin), to_seconds(end)]


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else -1
