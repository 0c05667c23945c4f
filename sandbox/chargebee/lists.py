"""Chargebee's lists: filters, orders and pages that are told where the last one ended.

A page goes on behind the last record's (sort value, place), so that a record that was
changed while a reader pages by `updated_at` moves behind the reader, as it does there.
"""

import json
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import orjson
from starlette.responses import Response

from sandbox.chargebee.desk import CARDS, SYSTEM, Desk
from sandbox.chargebee.forms import Form, listed
from sandbox.chargebee.kinds import KINDS, Kind
from sandbox.chargebee.shapes import wrong
from sandbox.collection import Value, column
from sandbox.paging import behind
from sandbox.wire import answer

DEFAULT_LIMIT = 10
MAX_LIMIT = 100
SECONDS_PER_DAY = 86_400
MOST_LISTED = 100
FEW = 2_000  # records that are put in order faster than a page is answered
# The vendor's own lag is not published; a reader should survive a few seconds.
VENDOR_LIST_LAG_SECONDS = 0
_COMMON = ("limit", "offset", "sort_by", "include_deleted")

Where = tuple[str, list[Value]]


def page(
    desk: Desk, form: Form, kind: Kind, fixed: Mapping[str, str] | None = None
) -> Response:
    """Answer with one page of a kind; `fixed` are fields that must have a value."""
    form.only(*_COMMON, *kind.filters, *kind.shown)
    field, descending = _order(form, kind)
    limit = form.whole("limit", 1, MAX_LIMIT, default=DEFAULT_LIMIT) or DEFAULT_LIMIT
    offset = form.text("offset")
    where, values = _where(form, kind, entered=field if offset else "")
    for name, value in (fixed or {}).items():
        where.append(f"{column(name)} = ?")
        values.append(value)
    sort = "id" if field == "id" else column(field)
    if offset is not None:
        text, given = behind(sort, *_decoded(offset), descending=descending)
        where.append(text)
        values += given
    lag = float(
        desk.store.condition(SYSTEM, "list_lag_seconds", VENDOR_LIST_LAG_SECONDS)
    )
    way = "desc" if descending else "asc"
    # A plus keeps SQLite from using the index of the field behind it.
    alone = "+" if _is_narrow(desk, form, kind, field) else ""
    body = f"json_remove(body, '$.{kind.hidden}')" if kind.hidden else "body"
    rows = desk.held(kind.name).select(
        f"{body}, place, {sort}, {column('customer_id')}, id",
        " and ".join(where),
        values,
        order=f"{alone}{sort} {way}, place {way}",
        limit=limit + 1,
        as_of=desk.store.clock.now() - timedelta(seconds=lag) if lag else None,
    )
    shown = rows[:limit]
    told: dict[str, Any] = {"list": _entries(desk, kind, shown)}
    if len(rows) > limit:
        told["next_offset"] = json.dumps([str(shown[-1][2]), str(shown[-1][1])])
    return answer(told)


def _is_narrow(desk: Desk, form: Form, kind: Kind, field: str) -> bool:
    """Say whether few records were changed in the time that is asked for.

    They are then found by that time and put in order. Otherwise SQLite, which does not
    know how many there are, would go through all in the order of the list.
    """
    asked = {
        name: value
        for name, value in form.pairs.items()
        if name.startswith("updated_at[")
    }
    if not asked or field == "updated_at":
        return False
    where, values = _where(Form({**asked, "include_deleted": "true"}), kind)
    found = desk.held(kind.name).select("1", " and ".join(where), values, limit=FEW + 1)
    return len(found) <= FEW


def lister(name: str, **path: str) -> Callable[..., Response]:
    """Return a handler that lists a kind.

    `customer_id="id"` lists those whose customer_id is in the path as `id`.
    """

    def handler(desk: Desk, form: Form, ids: Mapping[str, str]) -> Response:
        fixed = {field: ids[place] for field, place in path.items()}
        return page(desk, form, KINDS[name], fixed)

    return handler


def _entries(
    desk: Desk, kind: Kind, rows: list[tuple[Any, ...]]
) -> list[dict[str, orjson.Fragment]]:
    """Return what stands in the list: each record with those that go with it."""
    entries = [{kind.name: orjson.Fragment(body)} for body, *_ in rows]
    if kind.name not in {"customer", "subscription"}:
        return entries
    owners = [row[4] if kind.name == "customer" else row[3] for row in rows]
    marks = ", ".join("?" * len(owners))
    cards: dict[str, str] = {}
    if owners:
        cards = dict(
            desk.held(CARDS).select(
                "id, json_remove(body, '$.id')", f"id in ({marks})", owners
            )
        )
    if kind.name == "subscription":
        customers: dict[str, str] = {}
        if owners:
            customers = dict(
                desk.held("customer").select("id, body", f"id in ({marks})", owners)
            )
        for entry, owner in zip(entries, owners, strict=True):
            if owner in customers:
                entry["customer"] = orjson.Fragment(customers[owner])
    for entry, owner in zip(entries, owners, strict=True):
        if owner in cards:
            entry["card"] = orjson.Fragment(cards[owner])
    return entries


def _order(form: Form, kind: Kind) -> tuple[str, bool]:
    asked = [name for name in form.pairs if name.startswith("sort_by")]
    if not asked:
        return kind.order, True
    if len(asked) > 1 or asked[0] not in {"sort_by[asc]", "sort_by[desc]"}:
        raise wrong(asked[-1], "should be sort_by[asc] or sort_by[desc]")
    field = form.choice(asked[0], kind.sorts)
    return field or kind.order, asked[0] == "sort_by[desc]"


def _where(form: Form, kind: Kind, entered: str = "") -> tuple[list[str], list[Value]]:
    """Return the conditions; the index of `entered` is left to the offset's."""
    where, values = [], []
    if not form.flag("include_deleted"):
        where.append(f"{column('deleted')} is not 1")
    for param, value in form.pairs.items():
        name, bracket, rest = param.partition("[")
        if name in kind.shown:
            text, given = _shown(form, kind, name)
        elif name not in kind.filters:
            continue
        elif not bracket or not rest.endswith("]"):
            raise wrong(param, "should name a comparison, such as [is]")
        else:
            text, given = _condition(kind, name, rest[:-1], value)
            if name == entered:
                text = f"+{text}"
        where.append(text)
        values += given
    return where, values


def _shown(form: Form, kind: Kind, name: str) -> Where:
    """Return the condition of a parameter that has no comparison."""
    if name in {"start_time", "end_time"}:
        sign = ">=" if name == "start_time" else "<="
        return f"{column(kind.order)} {sign} ?", [form.instant(name) or 0]
    if name == "is_voided":
        return f"{column(name)} is ?", [int(form.flag(name))]
    return f"{column(name)} = ?", [form.text(name) or ""]


def _condition(kind: Kind, name: str, how: str, value: str) -> Where:
    param, sort = f"{name}[{how}]", kind.filters[name]
    asked = Form({"": value}, param.replace("{", "{{").replace("}", "}}"))
    field = "id" if name == "id" else column(name)
    if name == "item_price_id" and kind.name == "subscription":
        found = _item_condition(param, how, value)
    elif how == "is_present":
        found = f"{field} is {'not null' if asked.flag('') else 'null'}", []
    elif sort in {"time", "number"}:
        found = _compared(asked, field, sort, how)
    elif sort == "flag" and how == "is":
        found = f"{field} is ?", [int(asked.flag(""))]
    elif how in {"is", "is_not"} and sort != "flag":
        found = f"{field} {how.replace('_', ' ')} ?", [value]
    elif how in {"in", "not_in"} and sort != "flag":
        wanted = _members(param, value)
        marks = ", ".join("?" * len(wanted))
        found = f"{field} {how.replace('_', ' ')} ({marks})", [*wanted]
    elif how == "starts_with" and sort == "text":
        found = f"substr({field}, 1, {len(value)}) = ?", [value]
    else:
        raise wrong(param, "is no comparison of this field")
    return found


def _compared(asked: Form, field: str, sort: str, how: str) -> Where:
    signs = {"after": ">", "before": "<"} if sort == "time" else {}
    if sort == "number":
        signs = {"is": "=", "is_not": "<>", "lt": "<", "lte": "<=", "gt": ">"}
        signs |= {"gte": ">="}
    param = asked.param("")
    if how == "between":
        members = _members(param, asked.pairs[""])
        if len(members) != 2:
            raise wrong(param, "should be a list of two values")
        low, high = (Form({"": each}, param).whole("") or 0 for each in members)
        return f"{field} between ? and ?", [low, high]
    if how == "on" and sort == "time":
        start = (asked.instant("") or 0) // SECONDS_PER_DAY * SECONDS_PER_DAY
        return f"{field} >= ? and {field} < ?", [start, start + SECONDS_PER_DAY]
    if how not in signs:
        raise wrong(param, "is no comparison of this field")
    return f"{field} {signs[how]} ?", [asked.whole("") or 0]


def _item_condition(param: str, how: str, value: str) -> Where:
    wanted = _members(param, value) if how == "in" else [value]
    if how not in {"is", "in"}:
        raise wrong(param, "is no comparison of this field")
    marks = ", ".join("?" * len(wanted))
    text = (
        "exists (select 1 from json_each(body, '$.subscription_items') as item where"
        f" json_extract(item.value, '$.item_price_id') in ({marks}))"
    )
    return text, [*wanted]


def _members(param: str, value: str) -> list[str]:
    if not (value.startswith("[") and value.endswith("]")):
        raise wrong(param, 'should be a list such as ["a","b"]')
    members = listed(value)
    if not 0 < len(members) <= MOST_LISTED:
        raise wrong(param, f"should have 1 to {MOST_LISTED} members")
    return members


def _decoded(offset: str) -> tuple[Value, int]:
    refusal = wrong("offset", "is not an offset that a list returned")
    try:
        value, place = map(str, json.loads(offset))
        number = int(place)
        # Texts sort behind numbers in SQLite: the value keeps the type it had.
        lead: Value = int(value) if value.isdecimal() and len(value) < 19 else value
    except (ValueError, TypeError) as error:
        raise refusal from error
    if not 0 <= number < 2**63:
        raise refusal
    return lead, number
