"""Query: pages of SuiteQL."""

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response

from sandbox.instants import with_a_blank
from sandbox.netsuite import functions, masks, replica, suiteql
from sandbox.netsuite.shapes import (
    body_of,
    check_json,
    error,
    json_object,
    page_links,
    window,
)
from sandbox.netsuite.tables import Column, Table, columns_of
from sandbox.netsuite.terms import SuiteqlError, Values
from sandbox.store import Store
from sandbox.wire import JSON_TYPE, Refusal

# Oracle, "Executing SuiteQL Queries Through REST Web Services": a query gives at most
# so many rows; the rest is silently not there.
MAX_ROWS = 100_000
# About a minute of SQLite's steps: every customer joined with every transaction does
# not end in a day.
MAX_STEPS, STEPS_AT_ONCE = 4_000_000_000, 10_000_000
# What an account has until somebody changes it (Setup > Company > General). The
# sandbox stays in UTC unless the condition `time_zone` says otherwise.
VENDOR_TIME_ZONE = "America/Los_Angeles"
DATE_FORMAT = "M/D/YYYY"
_PREFIX = "Invalid search query. Detailed unprocessed description follows. "
# A query may be parsed to a tree of a shape that no test has shown us, or hold a text
# that is no number only in some rows.
_NOT_UNDERSTOOD = (
    sqlite3.Error,
    ValueError,
    ArithmeticError,
    LookupError,
    AttributeError,
    TypeError,
    RecursionError,
)
_ERROR = "Search error occurred: "
_UNSUPPORTED = f"{_ERROR}Invalid or unsupported search."


def settings(store: Store) -> Values:
    """Return how the account reads and writes days at present."""
    zone = str(store.condition("netsuite", "time_zone", "UTC"))
    preference = str(store.condition("netsuite", "date_format", DATE_FORMAT))
    now = with_a_blank(store.clock.now())
    return Values(zone, preference, str(functions.local(now, zone)))


class Query:
    """The query service of one account."""

    def __init__(self, store: Store) -> None:
        """Ask the store."""
        self.store = store
        # Why rows of the query that runs cannot be calculated: SQLite does not say.
        self.failures: list[str] = []

    async def page(self, request: Request) -> Response:
        """Answer a SuiteQL query with one page."""
        preferred = request.headers.get("prefer", "").lower().split(",")
        if "transient" not in [each.strip() for each in preferred]:
            sentence = (
                "The required request header 'Prefer' is missing or invalid. Its value"
                " must be 'transient'."
            )
            raise Refusal(error(400, sentence, "INVALID_HEADER"))
        check_json(request)
        text = json_object(await body_of(request)).get("q")
        if not isinstance(text, str):
            sentence = "The request body must be a JSON object with the text 'q'."
            raise Refusal(error(400, sentence, "INVALID_CONTENT", path="q"))
        limit, offset = window(request.query_params)
        values = settings(self.store)
        self.failures.clear()
        try:
            plan = suiteql.understand(text, values, self._columns)
            rows, total = self._page(plan, limit, offset)
            items = [_shown(plan.shown, row, values) for row in rows]
        except _NOT_UNDERSTOOD as broken:
            said = str(broken) if isinstance(broken, SuiteqlError) else _UNSUPPORTED
            if self.failures:
                said = f"{_ERROR}{self.failures[0]}."
            raise Refusal(
                error(400, f"{_PREFIX}{said}", "INVALID_PARAMETER", parameter="q")
            ) from broken
        body = {
            "links": page_links(request, limit, offset, total),
            "count": len(items),
            "hasMore": offset + limit < total,
            "items": items,
            "offset": offset,
            "totalResults": total,
        }
        return Response(orjson.dumps(body), media_type=JSON_TYPE)

    def _columns(self, table: Table) -> Mapping[str, Column]:
        denied = self.store.condition("netsuite", "denied", ())
        if table.name in [str(each).lower() for each in denied]:
            raise SuiteqlError(
                f"Search error occurred: Record '{table.name}' was not found."
            )
        return columns_of(self.store, table)

    def _page(
        self, plan: suiteql.Plan, limit: int, offset: int
    ) -> tuple[list[tuple[Any, ...]], int]:
        """Return the rows of a page, and how many rows there are in all."""
        self.store.settle()
        with self._bounded():
            return self._rows(plan, limit, offset)

    @contextmanager
    def _bounded(self) -> Iterator[None]:
        """End a query that would keep everybody waiting, as NetSuite does."""
        steps = iter(range(MAX_STEPS // STEPS_AT_ONCE))

        def is_enough() -> int:
            return 0 if next(steps, None) is not None else 1

        self.store.extend(lambda c: c.set_progress_handler(is_enough, STEPS_AT_ONCE))
        try:
            yield
        finally:
            self.store.extend(lambda c: c.set_progress_handler(None, 0))

    def _rows(
        self, plan: suiteql.Plan, limit: int, offset: int
    ) -> tuple[list[tuple[Any, ...]], int]:
        wanted = min(limit, max(0, MAX_ROWS - offset))
        given, earlier = len(plan.values), replica.tables(self.store)
        rows = self.store.rows(
            f"{earlier}select * from ({plan.sql})"
            f" limit ?{given + 1} offset ?{given + 2}",
            [*plan.values, wanted, offset],
        )
        if rows and len(rows) < wanted:
            return rows, offset + len(rows)
        if not rows and not offset:
            return rows, 0
        ((total,),) = self.store.rows(
            f"{earlier}select count(*)"
            f" from (select * from ({plan.counted}) limit {MAX_ROWS})",
            # Values of the columns alone are not counted by; SQLite wants the rest.
            plan.values[: suiteql.highest_place(plan.counted)],
        )
        return rows, min(total, MAX_ROWS)


def _shown(
    columns: tuple[tuple[str, str], ...], row: tuple[Any, ...], values: Values
) -> dict[str, Any]:
    """Return a row as NetSuite shows it: text only, nulls left out."""
    item: dict[str, Any] = {"links": []}
    for (name, kind), value in zip(columns, row, strict=False):
        if value is None:
            continue
        if kind == "text" or (kind == "number" and not isinstance(value, float)):
            item[name] = value if isinstance(value, str) else str(value)
        elif kind == "number":
            item[name] = masks.plain(value)
        else:
            # Without TO_CHAR an account shows days as its users prefer, with no time.
            text = str(value)
            if kind == "utc" and values.zone != "UTC":
                text = str(functions.local(text, values.zone))
            item[name] = masks.day_as(text, values.preference)
    return item
