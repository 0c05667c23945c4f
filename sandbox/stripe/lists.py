"""Stripe's lists: newest first, paged by the last id seen, read by index alone.

A page costs what is on it, however many objects there are: it begins at the rank of the
id it starts from, not at a count of rows.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from starlette.responses import Response

from sandbox.collection import Value
from sandbox.store import Document, column, parsed
from sandbox.stripe.books import Books
from sandbox.stripe.expanding import Expansion, expansions, wire
from sandbox.stripe.listed import LISTS, Listed
from sandbox.stripe.parameters import PAGING, checked
from sandbox.stripe.shapes import Params, invalid, missing
from sandbox.wire import answer, dump, listing

DEFAULT_LIMIT = 10
# docs.stripe.com/api/events: what is older cannot be listed any more.
EVENT_SECONDS = 30 * 86_400
_COMPARE = {"": "=", "gt": ">", "gte": ">=", "lt": "<", "lte": "<="}

Where = tuple[str, tuple[Value, ...]]


def list_objects(books: Books, name: str, given: Params) -> Response:
    """Answer a list request for one of LISTS."""
    listed = LISTS[name]
    params = checked(given, listed.fields)
    clauses = [
        *_filters(listed, params),
        *_ranges(listed, params),
        *_special(books, name, params),
    ]
    expand = expansions(params.get("expand", []), listed=True)
    rows, more = window(books, name, listed.stamp, clauses, params)
    return page(books, f"/v1/{listed.path}", rows, expand, more=more)


def page(
    books: Books,
    url: str,
    bodies: Iterable[bytes],
    expand: Sequence[str],
    *,
    more: bool,
) -> Response:
    """Return the envelope of a list."""
    if expand:
        expansion = Expansion(books, expand)
        rows = [dump(expansion.whole(parsed(body))) for body in bodies]
    else:
        rows = [wire(body) for body in bodies]
    return answer(
        {"object": "list", "data": listing(rows), "has_more": more, "url": url}
    )


def window(
    books: Books, name: str, stamp: str, clauses: Sequence[Where], params: Params
) -> tuple[list[bytes], bool]:
    """Return one page of bodies and whether more follow in the same direction.

    The id that a page starts from need not match itself: its rank says where it is.
    """
    limit = params.get("limit") or DEFAULT_LIMIT
    after, before = params.get("starting_after"), params.get("ending_before")
    if after and before:
        sentence = "You cannot use both starting_after and ending_before."
        raise invalid(sentence, "starting_after")
    held, at = books.table(name), column(stamp)
    beyond, order = ("<", "desc") if not before else (">", "asc")
    steps: list[list[Where]] = [list(clauses)]
    if after or before:
        cursor = after or before
        rank = held.select(f"{at}, place", "id = ?", (cursor,))
        if not rank:
            param = "starting_after" if after else "ending_before"
            raise missing(name, cursor, param)
        # Two steps, each along the index: the rest of the cursor's own second, then
        # everything beyond it.
        ((second, place),) = rank
        ties = (f"{at} = ? and place {beyond} ?", (second, place))
        steps = [[*clauses, ties], [*clauses, (f"{at} {beyond} ?", (second,))]]
    rows: list[bytes] = []
    for step in steps:
        if len(rows) > limit:
            break
        where = " and ".join(f"({clause})" for clause, _ in step)
        values = tuple(value for _, given in step for value in given)
        rows += [
            body
            for (body,) in held.select(
                # Bytes are what goes out: as text they would be decoded on the way.
                "cast(body as blob)",
                where,
                values,
                order=f"{at} {order}, place {order}",
                limit=limit + 1 - len(rows),
            )
        ]
    more = len(rows) > limit
    picked = rows[:limit]
    return (picked[::-1] if before else picked), more


def _filters(listed: Listed, params: Params) -> Iterable[Where]:
    """Yield the equalities; only the first may choose the index.

    SQLite takes all of them for equally rare. The filters of a list stand with the
    rarest first, and the plus sign keeps it from going by another one.
    """
    sign = ""
    for param, path in listed.filters.items():
        if param in params:
            yield f"{sign}{column(*path.split('.'))} = ?", (params[param],)
            sign = "+"


def _ranges(listed: Listed, params: Params) -> Iterable[Where]:
    for param in listed.ranged:
        stands = listed.stamp if param == "created" else param
        for operator, limit in params.get(param, {}).items():
            yield f"{column(stands)} {_COMPARE[operator]} ?", (limit,)


def _special(books: Books, name: str, params: Params) -> Iterable[Where]:
    special = _SPECIAL.get(name)
    return special(books, params) if special else ()


def _subscriptions(_books: Books, params: Params) -> Iterable[Where]:
    yield from _statuses(params.get("status"))
    if "price" in params:
        held = "json_extract(item.value, '$.price.id') = ?"
        within = "select 1 from json_each(body, '$.items.data') as item"
        yield f"exists ({within} where {held})", (params["price"],)


def _invoice_items(_books: Books, params: Params) -> Iterable[Where]:
    if "pending" in params:
        kind = "null" if params["pending"] else "not null"
        yield f"{column('invoice')} is {kind}", ()


def _invoice_payments(_books: Books, params: Params) -> Iterable[Where]:
    intent = (params.get("payment") or {}).get("payment_intent")
    if intent:
        yield f"{column('payment', 'payment_intent')} = ?", (intent,)


def _products(_books: Books, params: Params) -> Iterable[Where]:
    if "ids" in params:
        yield _among("id", params["ids"])


def _prices(_books: Books, params: Params) -> Iterable[Where]:
    if "lookup_keys" in params:
        yield _among(column("lookup_key"), params["lookup_keys"])
    for key, value in (params.get("recurring") or {}).items():
        yield f"{column('recurring', key)} = ?", (value,)


def _schedules(_books: Books, params: Params) -> Iterable[Where]:
    if "scheduled" in params:
        sign = "=" if params["scheduled"] else "<>"
        yield f"{column('status')} {sign} 'not_started'", ()


def _events(books: Books, params: Params) -> Iterable[Where]:
    yield f"{column('created')} >= ?", (books.now - EVENT_SECONDS,)
    if "types" in params:
        yield _among(f"+{column('type')}", params["types"])
    if "delivery_success" in params:
        sign = "=" if params["delivery_success"] else ">"
        yield f"{column('pending_webhooks')} {sign} 0", ()


# Parameters with a meaning of their own.
_SPECIAL: Mapping[str, Callable[[Books, Params], Iterable[Where]]] = {
    "subscription": _subscriptions,
    "invoiceitem": _invoice_items,
    "invoice_payment": _invoice_payments,
    "product": _products,
    "price": _prices,
    "subscription_schedule": _schedules,
    "event": _events,
}


def _statuses(status: str | None) -> Iterable[Where]:
    held = column("status")
    if status is None:
        yield f"{held} <> 'canceled'", ()
    elif status == "ended":
        yield f"{held} in ('canceled', 'incomplete_expired')", ()
    elif status != "all":
        yield f"{held} = ?", (status,)


def _among(held: str, values: Sequence[Any]) -> Where:
    return f"{held} in ({', '.join('?' * len(values))})", tuple(values)


def embedded(
    books: Books, url: str, name: str, rows: Sequence[Document], given: Params
) -> Response:
    """Answer with a page of rows that another object holds, in its own order."""
    params = checked(given, PAGING)
    limit = params.get("limit") or DEFAULT_LIMIT
    ids = [row["id"] for row in rows]
    start, end = 0, len(rows)
    for param in ("starting_after", "ending_before"):
        cursor = params.get(param)
        if cursor and cursor not in ids:
            raise missing(name, cursor, param)
    if params.get("ending_before"):
        end = ids.index(params["ending_before"])
        start = max(0, end - limit)
        picked, more = rows[start:end], start > 0
    else:
        if params.get("starting_after"):
            start = ids.index(params["starting_after"]) + 1
        picked, more = rows[start : start + limit], start + limit < end
    expand = expansions(params.get("expand", []), listed=True)
    bodies = map(dump, picked)
    return page(books, url, bodies, expand, more=more)
