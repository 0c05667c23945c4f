"""Zendesk's pages: by an opaque cursor, or by a page number."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from starlette.requests import Request

from sandbox.collection import Value
from sandbox.paging import cursor_at
from sandbox.store import Collection, Document, column
from sandbox.wire import Refusal, answer, listing
from sandbox.zendesk.shapes import decoded, error, whole

MAX_PAGE = 100
# developer.zendesk.com, pagination: page numbers end after 10,000 records.
MAX_OFFSET_RECORDS = 10_000
ID = column("id")


@dataclass(frozen=True, slots=True)
class Place:
    """An order and a place in it: after (value, id), or before it."""

    by: str
    descending: bool = False
    after: tuple[Value, int] | None = None
    backwards: bool = False


@dataclass(frozen=True, slots=True)
class Query:
    """What to list: SQL of the rows' JSON, and of the rows that count.

    `counted` counts them, where that is faster than looking at each.
    """

    held: Collection
    shown: str
    where: str = "1"
    values: Sequence[Value] = ()
    counted: Callable[[], int] | None = None

    def count(self) -> int:
        """Return how many rows there are."""
        if self.counted is not None:
            return self.counted()
        return self.held.count(self.where, self.values)


def keyset(query: Query, place: Place, limit: int) -> list[tuple[Value, int, str]]:
    """Return (value, id, JSON) of the rows behind a place, in the asked order.

    Two searches instead of a comparison of rows: SQLite scans for the latter where
    the index is over expressions.
    """
    falling = place.descending is not place.backwards
    sign, way = ("<", " desc") if falling else (">", "")
    columns = f"{place.by}, {ID}, {query.shown}"

    def found(where: str, values: Sequence[Value], most: int) -> list[Any]:
        return query.held.select(
            columns,
            f"{where} and ({query.where})",
            (*values, *query.values),
            order=f"{place.by}{way}, {ID}{way}" if place.by != ID else f"{ID}{way}",
            limit=most,
        )

    if place.after is None:
        rows = found("1", (), limit)
    elif place.by == ID:
        rows = found(f"{ID} {sign} ?", (place.after[1],), limit)
    else:
        value, number = place.after
        rows = found(f"{place.by} = ? and {ID} {sign} ?", (value, number), limit)
        if len(rows) < limit:
            rows += found(f"{place.by} {sign} ?", (value,), limit - len(rows))
    return rows[::-1] if place.backwards else rows


def spliced(rows: Sequence[tuple[Value, int, str]]) -> orjson.Fragment:
    """Return the rows' JSON as an array."""
    return listing(body.encode() for _, _, body in rows)


def asks_for_cursor(request: Request) -> bool:
    """Say whether the caller wants cursors."""
    return any(name.startswith("page[") for name in request.query_params)


def by_cursor(
    request: Request, query: Query, orders: Sequence[str], most: int = MAX_PAGE
) -> tuple[list[tuple[Value, int, str]], Document]:
    """Return the rows of a page, and `meta` and `links`."""
    asked = request.query_params
    size = whole(request, "page[size]", MAX_PAGE, most)
    after, before = asked.get("page[after]"), asked.get("page[before]")
    if after is not None and before is not None:
        sentence = "page[after] and page[before] exclude each other"
        raise Refusal(error(400, "InvalidPaginationParameter", sentence))
    order = asked.get("sort", "id")
    name = order.removeprefix("-")
    if name not in orders:
        sentence = f"sort must be one of {', '.join(orders)}"
        raise Refusal(error(400, "InvalidSort", sentence))
    cursor = after if before is None else before
    place = Place(
        column(name),
        descending=order.startswith("-"),
        after=None if cursor is None else decoded(cursor),
        backwards=before is not None,
    )
    rows = keyset(query, place, size + 1)
    more = len(rows) > size
    if more:
        rows = rows[1:] if place.backwards else rows[:size]
    first = cursor_at(*rows[0][:2]) if rows else cursor
    last = cursor_at(*rows[-1][:2]) if rows else cursor

    def link(name: str, value: str | None) -> str:
        # The path as it was asked: a caller that follows it stays below our prefix.
        url = request.url.remove_query_params(["page[after]", "page[before]"])
        return str(url.include_query_params(**{f"page[{name}]": value}))

    has_next = more or place.backwards
    has_previous = more if place.backwards else after is not None
    return rows, {
        "meta": {
            "has_more": more,
            "after_cursor": last,
            "before_cursor": first,
        },
        "links": {
            "prev": link("before", first) if has_previous else None,
            "next": link("after", last) if has_next and rows else None,
        },
    }


def by_number(
    request: Request, query: Query, orders: Sequence[str]
) -> tuple[list[tuple[Value, int, str]], Document]:
    """Return the rows of a page, and `count`, `next_page`, `previous_page`."""
    asked = request.query_params
    number = whole(request, "page", 1, None)
    text = asked.get("per_page", str(MAX_PAGE))
    # Zendesk gives a hundred to whoever wants more.
    size = min(whole(request, "per_page", MAX_PAGE, None), MAX_PAGE)
    if number < 1 or size < 1 or not text:
        sentence = "page and per_page begin with 1"
        raise Refusal(error(400, "InvalidValue", sentence))
    if number * size > MAX_OFFSET_RECORDS:
        message = (
            "Using large page numbers is not supported, use cursor-based pagination"
        )
        raise Refusal(
            answer({"error": "RequestedPageTooDeep", "description": message}, 400)
        )
    order = asked.get("sort_by", "id")
    if order not in orders:
        order = "id"
    way = " desc" if asked.get("sort_order") == "desc" else ""
    by = column(order)
    rows = query.held.select(
        f"{by}, {ID}, {query.shown}",
        query.where,
        query.values,
        order=f"{by}{way}, {ID}{way}" if order != "id" else f"{ID}{way}",
        limit=size,
        offset=(number - 1) * size,
    )
    count = query.count()

    def link(page: int) -> str:
        return str(request.url.include_query_params(page=page))

    return rows, {
        "next_page": link(number + 1) if number * size < count else None,
        "previous_page": link(number - 1) if number > 1 else None,
        "count": count,
    }
