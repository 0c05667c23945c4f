"""Search: Stripe's query language over an index that lags behind."""

import base64
import binascii
import json
import re
from collections.abc import Callable, Mapping
from datetime import timedelta

from starlette.responses import Response

from sandbox.collection import Value
from sandbox.store import column, parsed
from sandbox.stripe.books import Books
from sandbox.stripe.expanding import Expansion, expansions, wire
from sandbox.stripe.listed import LISTS
from sandbox.stripe.lists import DEFAULT_LIMIT, Where
from sandbox.stripe.parameters import EXPAND, checked, text, whole
from sandbox.stripe.shapes import Params, invalid
from sandbox.wire import answer, dump, listing

# docs.stripe.com/search: searchable in less than a minute, up to an hour in an outage.
VENDOR_LAG_SECONDS = 60

_TERM = re.compile(
    r"""\s*(?P<not>-)?\s*(?P<field>[a-z_.]+)(\[(?P<quote>["'])(?P<key>[^"'\\]*)(?P=quote)\])?
    \s*(?P<sign>:|~|>=|<=|>|<)\s*
    (?P<value>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|null\b|-?\d{1,18}\b|true\b|false\b)""",
    re.VERBOSE,
)
_JOINT = re.compile(r"\s+(?P<joint>AND|OR)\s+|\s+(?=\S)", re.IGNORECASE)
MAX_TERMS = 10  # docs.stripe.com/search: up to ten clauses

_TEXT, _TOKEN, _NUMBER = "text", "token", "number"
_PAID = {
    "amount": _NUMBER,
    "created": _NUMBER,
    "currency": _TOKEN,
    "customer": _TOKEN,
    "metadata": _TOKEN,
    "status": _TOKEN,
}
# docs.stripe.com/search#supported-query-fields-for-each-resource.
FIELDS: Mapping[str, Mapping[str, str]] = {
    "customer": {
        "created": _NUMBER,
        "email": _TEXT,
        "metadata": _TOKEN,
        "name": _TEXT,
        "phone": _TEXT,
    },
    "invoice": {
        "created": _NUMBER,
        "currency": _TOKEN,
        "customer": _TOKEN,
        "last_finalization_error_code": _TOKEN,
        "last_finalization_error_type": _TOKEN,
        "metadata": _TOKEN,
        "number": _TEXT,
        "receipt_number": _TOKEN,
        "status": _TOKEN,
        "subscription": _TOKEN,
        "total": _NUMBER,
    },
    "charge": {
        **_PAID,
        "disputed": _TOKEN,
        "refunded": _TOKEN,
        "balance_transaction": _TOKEN,
    },
    "payment_intent": _PAID,
    "price": {
        "active": _TOKEN,
        "currency": _TOKEN,
        "lookup_key": _TOKEN,
        "metadata": _TOKEN,
        "product": _TOKEN,
        "type": _TOKEN,
    },
    "product": {
        "active": _TOKEN,
        "description": _TEXT,
        "metadata": _TOKEN,
        "name": _TEXT,
        "shippable": _TOKEN,
        "url": _TEXT,
    },
    "subscription": {
        "canceled_at": _NUMBER,
        "created": _NUMBER,
        "metadata": _TOKEN,
        "status": _TOKEN,
    },
}
# Where the name of a search field isn't that of the document's.
_PATHS: Mapping[str, tuple[str, ...]] = {
    "subscription": ("parent", "subscription_details", "subscription")
}


def search(name: str) -> Callable[[Books, Params], Response]:
    """Return the search over one object."""

    def answered(books: Books, given: Params) -> Response:
        fields = {**EXPAND, "query!": text(), "limit": whole(1, 100), "page": text()}
        params = checked(given, fields)
        joint, terms = _terms(name, params["query"])
        where = f" {joint} ".join(f"({clause})" for clause, _ in terms)
        values: tuple[Value, ...] = tuple(each for _, some in terms for each in some)
        return _answer(books, name, params, f"({where})", values)

    return answered


def _answer(
    books: Books, name: str, params: Params, where: str, values: tuple[Value, ...]
) -> Response:
    held, at = books.table(name), column("created")
    clock = books.store.clock
    lag = timedelta(seconds=float(books.condition("search_lag_seconds", 0)))
    as_of = clock.now() - lag if lag else None
    total = params.get("expand") == ["total_count"]
    limit = params.get("limit") or DEFAULT_LIMIT
    beyond, start = where, values
    if params.get("page"):
        second, place = _opened(params["page"])
        beyond += f" and ({at} < ? or ({at} = ? and place < ?))"
        start = (*values, second, second, place)
    order = f"{at} desc, place desc"
    rows = held.select(
        f"body, {at}, place", beyond, start, order=order, limit=limit + 1, as_of=as_of
    )
    picked = rows[:limit]
    said = {
        "object": "search_result",
        "url": f"/v1/{LISTS[name].path}/search",
        "has_more": len(rows) > limit,
        "next_page": _sealed(*picked[-1][1:]) if len(rows) > limit else None,
    }
    if total:
        said["total_count"] = held.select("count(*)", where, values, as_of=as_of)[0][0]
    wanted = [] if total else expansions(params.get("expand", []), listed=True)
    if wanted:
        expansion = Expansion(books, wanted)
        bodies = [dump(expansion.whole(parsed(body))) for body, _, _ in picked]
    else:
        bodies = [wire(body.encode()) for body, _, _ in picked]
    return answer(said | {"data": listing(bodies)})


def _terms(name: str, query: str) -> tuple[str, list[Where]]:
    """Return AND or OR, and the clauses between which it stands."""
    terms: list[Where] = []
    joints: set[str] = set()
    place = 0
    while True:
        found = _TERM.match(query, place)
        if found is None or len(terms) == MAX_TERMS:
            raise _broken(query)
        terms.append(_clause(name, found, query))
        place = found.end()
        if not query[place:].strip():
            break
        joint = _JOINT.match(query, place)
        if joint is None:
            raise _broken(query)
        joints.add((joint["joint"] or "AND").upper())
        place = joint.end()
    if len(joints) > 1:
        sentence = "You can't combine AND and OR in the same query."
        raise invalid(sentence, "query")
    return (joints.pop() if joints else "AND"), terms


def _clause(name: str, found: re.Match[str], query: str) -> Where:
    """Return one term in SQL."""
    field, key, sign = found["field"], found["key"], found["sign"]
    kind = FIELDS[name].get(field)
    if kind is None or (key is not None) != (field == "metadata"):
        sentence = f"Field `{field}` is an unsupported search field for resource"
        raise invalid(f"{sentence} `{name}s`.", "query")
    path: tuple[str, ...] = _PATHS.get(field, (field,))
    if key is not None:
        path = ("metadata", key)
    held = column(*path)
    negated = "not " if found["not"] else ""
    if found["value"] == "null":
        if sign != ":":
            raise _broken(query)
        return f"{held} is {negated}null", ()
    return _comparison(found, held, negated, kind, query)


def _comparison(
    found: re.Match[str], held: str, negated: str, kind: str, query: str
) -> Where:
    """Return one comparison in SQL; what is null there does not match it."""
    field, key, sign = found["field"], found["key"], found["sign"]
    value = _value(found["value"])
    if kind == _NUMBER:
        if sign == "~" or not re.fullmatch(r"-?\d{1,18}", value):
            raise _broken(query)
        compare = "=" if sign == ":" else sign
        return f"{negated}coalesce({held} {compare} ?, 0)", (int(value),)
    if sign not in (":", "~") or (sign == "~" and kind == _TOKEN and key is None):
        sentence = f"Operator `{sign}` isn't supported on field `{field}`."
        raise invalid(sentence, "query")
    if sign == "~":
        if len(value) < 3:
            sentence = "Substring values need at least 3 characters."
            raise invalid(sentence, "query")
        return f"{negated}coalesce(instr(lower({held}), lower(?)) > 0, 0)", (value,)
    if value in ("true", "false") and field in _FLAGS:
        return f"{negated}coalesce({held} = ?, 0)", (int(value == "true"),)
    return f"{negated}coalesce(lower({held}) = lower(?), 0)", (value,)


_FLAGS = ("active", "shippable", "disputed", "refunded")


def _value(literal: str) -> str:
    if literal[0] in "\"'":
        return re.sub(r"\\(.)", r"\1", literal[1:-1])
    return literal


def _broken(query: str) -> Exception:
    return invalid(f"We were unable to parse your search query: {query[:200]}", "query")


def _sealed(second: int, place: int) -> str:
    return base64.urlsafe_b64encode(json.dumps([second, place]).encode()).decode()


def _opened(page: str) -> tuple[int, int]:
    try:
        second, place = json.loads(base64.urlsafe_b64decode(page.encode()))
    except (ValueError, TypeError, binascii.Error, RecursionError) as broken:
        raise invalid("Invalid page token.", "page") from broken
    if not all(isinstance(each, int) and abs(each) < 2**62 for each in (second, place)):
        raise invalid("Invalid page token.", "page")
    return second, place
