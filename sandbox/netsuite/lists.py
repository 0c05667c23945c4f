"""Lists: many records of one type: a page of their ids, or a batch of calls."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from sandbox.netsuite import filters
from sandbox.netsuite.jobs import MAX_BATCH
from sandbox.netsuite.query import settings
from sandbox.netsuite.records import record_type
from sandbox.netsuite.shapes import REST, error, page_links, refuse, window
from sandbox.netsuite.wanted import Call
from sandbox.store import Store
from sandbox.wire import Refusal, answer


class Lists:
    """The lists of one account."""

    def __init__(self, store: Store) -> None:
        """List the store's documents."""
        self.store = store

    def page(self, request: Request, call: Call) -> Response:
        """Return a page of ids, of the records that a filter finds."""
        kind = record_type(self.store, call.record)
        limit, offset = window(call.query)
        values = settings(self.store)
        condition = ""
        if text := call.query.get("q"):
            try:
                condition = f" where {filters.understand(text, kind, values)}"
            except filters.FilterError as broken:
                sentence = f"Invalid search query. {broken}"
                raise Refusal(
                    error(400, sentence, "INVALID_PARAMETER", parameter="q")
                ) from broken
        self.store.settle()
        table = self.store.collection("netsuite", kind.object).table
        ((total,),) = self.store.rows(
            f"select count(*) from {table}{condition}", values.given
        )
        place = len(values.given)
        rows = self.store.rows(
            f"select id from {table}{condition} order by cast(id as integer)"
            f" limit ?{place + 1} offset ?{place + 2}",
            [*values.given, limit, offset],
        )
        here = f"{call.root}{REST}/record/v1/{kind.name}"
        items = [
            {"links": [{"rel": "self", "href": f"{here}/{each}"}], "id": each}
            for (each,) in rows
        ]
        return answer(
            {
                "links": page_links(request, limit, offset, total),
                "count": len(items),
                "hasMore": offset + limit < total,
                "items": items,
                "offset": offset,
                "totalResults": total,
            }
        )

    def batch(self, call: Call, body: Mapping[str, Any]) -> list[Call]:
        """Return the calls that a batch is made of, one for each record."""
        kind = record_type(self.store, call.record)
        if call.method in ("GET", "DELETE"):
            ids = [each.strip() for each in call.query.get("ids", "").split(",")]
            keys = [each for each in ids if each]
            self._check_size(len(keys), "ids")
            if call.method == "DELETE" and "DELETE" not in kind.writes:
                raise Refusal(refuse(405, f"DELETE is not allowed on {kind.name}."))
            query = {n: v for n, v in call.query.items() if n != "ids"}
            return [replace(call, key=key, query=query) for key in keys]
        items = body.get("items")
        if not isinstance(items, list) or not all(isinstance(e, dict) for e in items):
            sentence = 'A collection is {"items": [{…}, …]}.'
            raise Refusal(error(400, sentence, "INVALID_CONTENT", path="items"))
        self._check_size(len(items), "items")
        return [replace(call, key=_key(call, each), body=_body(each)) for each in items]

    def _check_size(self, size: int, name: str) -> None:
        if not 1 <= size <= MAX_BATCH:
            sentence = f"A batch takes from 1 to {MAX_BATCH} records, not {size}."
            raise Refusal(error(400, sentence, "INVALID_CONTENT", path=name))


def _key(call: Call, item: Mapping[str, Any]) -> str:
    """Return which record an item of a batch means."""
    if call.method == "POST":
        return ""
    if call.method == "PATCH" and "id" in item:
        return str(item["id"])
    return f"eid:{item.get('externalId', '')}"


def _body(item: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in item.items() if name != "id"}
