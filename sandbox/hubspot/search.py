"""Search: filters, sorts and words over the index, which may lag behind the writes."""

from collections.abc import Hashable, Mapping
from datetime import datetime, timedelta
from typing import Any

import orjson
from starlette.responses import Response

from sandbox.hubspot.filters import Where, where_of
from sandbox.hubspot.gate import Call, Path, scope_of
from sandbox.hubspot.kinds import SYSTEM
from sandbox.hubspot.objects import PREFIXES
from sandbox.hubspot.records import Records
from sandbox.hubspot.schema import Property
from sandbox.hubspot.shapes import (
    Document,
    Problem,
    object_body,
    texts,
    whole,
)
from sandbox.hubspot.views import NAME, chosen, columns, shown
from sandbox.store import Collection, column
from sandbox.wire import answer, listing

# developers.hubspot.com, search the CRM, limitations.
MOST = 200
USUAL = 10
CAP = 10_000  # results that can be reached by paging
MOST_TOTALS = 64  # remembered
# What users report of the time until a write is found; nothing is promised.
VENDOR_SEARCH_LAG_SECONDS = 30


class Search:
    """The search path of every kind."""

    def __init__(self, records: Records) -> None:
        """Read records as the index shows them."""
        self.records = records
        self.store = records.store
        self._totals: dict[tuple[Hashable, ...], int] = {}

    def paths(self) -> list[Path]:
        """Return the paths."""
        return [
            Path(
                f"{prefix}/{{type}}/search",
                {"POST": self.search},
                scope_of,
                searches=True,
            )
            for prefix in PREFIXES
        ]

    async def search(self, call: Call) -> Response:
        """Return a page of the records that match, and how many there are."""
        kind = call.kind
        body = await object_body(call.request)
        limit = whole(_or(body, "limit", USUAL), "limit", 0, MOST)
        after = whole(_or(body, "after", 0) or 0, "after", 0, 999_999_999_999_999)
        if after + limit > CAP:
            # The sentence is believed, the status documented.
            raise Problem(400, "There was a problem with the request.")
        defined = self.records.definitions.of(kind)
        shows = chosen(kind, defined, texts(body.get("properties"), "properties"))
        where = where_of(kind, defined, body)
        order = _order(defined, body.get("sorts"))
        lag = float(self.store.condition(SYSTEM, "search_lag_seconds", 0))
        seen = self.store.clock.now() - timedelta(seconds=lag) if lag else None
        held, sql = self.records.held(kind), columns(shows)
        total = self._total(held, where, seen)
        found = held.select(
            f"id, {sql or 'body'}",
            where.text,
            where.values,
            order=order,
            limit=limit,
            offset=after,
            as_of=seen,
        )
        results: Any = (
            listing(text.encode() for _, text in found)
            if sql is not None
            else [shown(orjson.loads(text), shows) for _, text in found]
        )
        page: Document = {"total": total, "results": results}
        if after + limit < total and limit:
            page["paging"] = {"next": {"after": str(after + limit)}}
        return answer(page)

    def _total(self, held: Collection, where: Where, seen: datetime | None) -> int:
        """Return how many records match; the pages of one search count them once."""
        ((version,),) = self.store.rows("select max(number) from writes")
        key = (held.name, where.text, tuple(where.values), version)
        if seen is None and key in self._totals:
            return self._totals[key]
        ((total,),) = held.select("count(*)", where.text, where.values, as_of=seen)
        if seen is None:
            if len(self._totals) >= MOST_TOTALS:
                self._totals.clear()
            self._totals[key] = int(total)
        return int(total)


def _or(body: Document, name: str, default: object) -> object:
    value = body.get(name)
    return default if value is None else value


def _order(defined: Mapping[str, Property], sorts: object) -> str:
    """Return the order: by id, which is by creation, if none is asked for."""
    if sorts in (None, []):
        return column("id")
    if not isinstance(sorts, list) or len(sorts) > 1:
        raise Problem(400, "A search takes one sort")
    given: Any = sorts[0]
    name: object
    if isinstance(given, str):
        downward, name = given.startswith("-"), given.removeprefix("-")
    elif isinstance(given, dict):
        name = given.get("propertyName")
        direction = given.get("direction", "ASCENDING")
        if direction not in ("ASCENDING", "DESCENDING"):
            raise Problem(400, "direction must be ASCENDING or DESCENDING")
        downward = direction == "DESCENDING"
    else:
        raise Problem(400, "A sort is a property's name or an object")
    if not isinstance(name, str) or name not in defined or not NAME.fullmatch(name):
        raise Problem(400, f"Unknown property {name} in a sort")
    place = column("properties", name)
    if defined[name].type == "number":
        place = column("id") if name == "hs_object_id" else f"cast({place} as real)"
    return f"{place} {'desc' if downward else 'asc'}, {column('id')}"
