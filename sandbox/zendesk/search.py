"""Zendesk's search: by words and fields, over an index that may lag behind."""

from collections.abc import Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from sandbox.collection import Value
from sandbox.paging import cursor_at
from sandbox.store import column
from sandbox.wire import Refusal, answer, listing
from sandbox.wire import whole as whole_number
from sandbox.zendesk.account import Account
from sandbox.zendesk.drift import shown
from sandbox.zendesk.kinds import GROUP, ORGANIZATION, TICKET, USER, Kind
from sandbox.zendesk.lists import Handler
from sandbox.zendesk.paging import ID
from sandbox.zendesk.searchterms import compared, condition, indexed, terms_of, types_of
from sandbox.zendesk.shapes import decoded, error, whole

# developer.zendesk.com, search: 1,000 results of a query, 100 on a page; the export has
# up to 1,000 on a page and its cursor lasts an hour.
MAX_RESULTS = 1000
MAX_PAGE = 100
MAX_EXPORT = 1000
CURSOR_SECONDS = 3600
# The same: new records take up to some minutes to be found.
VENDOR_SEARCH_LAG_SECONDS = 120

_KINDS: dict[str, Kind] = {
    each.name: each for each in (TICKET, USER, ORGANIZATION, GROUP)
}
_ORDERS = ("created_at", "updated_at", "priority", "status", "ticket_type")


class Search:
    """The search of one account."""

    def __init__(self, account: Account) -> None:
        """Search this account's records."""
        self.account = account

    def _found(
        self, request: Request, names: Sequence[str] = ()
    ) -> list[tuple[Kind, str, list[Value]]]:
        """Return the kinds that can match, each with its SQL."""
        query = request.query_params.get("query", "")
        if not query.strip():
            raise Refusal(error(422, "invalid", "Invalid search: query is required"))
        terms = terms_of(query)
        wanted = list(names) or types_of(terms) or list(_KINDS)
        found = []
        for name in dict.fromkeys(wanted):
            if name not in _KINDS:
                continue
            kind = _KINDS[name]
            made = condition(terms, kind, self.account.clock.now())
            for expression in indexed(terms, kind):
                self.account.index(kind.name, expression, ID)
            if made is not None:
                found.append((kind, *made))
        return found

    def _as_of(self) -> Any:
        lag = self.account.lag("search_lag_seconds")
        return self.account.clock.now() - lag if lag else None

    async def search(self, request: Request) -> Response:
        """Return a page of results; beyond a thousand there are none."""
        if any(name.startswith("page[") for name in request.query_params):
            message = (
                "You passed an invalid value for the page attribute. Invalid"
                " parameter: page must be an integer from api/v2/search/index"
            )
            shape = {"error": {"title": "Invalid attribute", "message": message}}
            raise Refusal(answer(shape, 400))
        number = whole(request, "page", 1, None) or 1
        size = min(whole(request, "per_page", MAX_PAGE, None), MAX_PAGE) or 1
        if number * size > MAX_RESULTS:
            sentence = (
                "Invalid search: Requested response size was greater than Search"
                " Response Limits"
            )
            raise Refusal(error(422, "invalid", sentence))
        order = request.query_params.get("sort_by", "")
        if order and order not in _ORDERS:
            sentence = f"Invalid search: sort_by {order} is unknown"
            raise Refusal(error(422, "invalid", sentence))
        by = column("type" if order == "ticket_type" else order or "id")
        if not order:
            # Relevance is Zendesk's own secret; by the instant that was asked for, an
            # index finds and sorts at once.
            by = compared(terms_of(request.query_params.get("query", ""))) or by
        way = (
            ""
            if request.query_params.get("sort_order") == "asc" or not order
            else " desc"
        )
        skipped, count = (number - 1) * size, 0
        rows: list[tuple[Value, int, bytes]] = []
        for kind, where, values in self._found(request):
            held, as_of = self.account.held(kind.name), self._as_of()
            ((here,),) = held.select("count(*)", where, values, as_of=as_of)
            if skipped < here and len(rows) < size:
                rows += self._results(
                    kind,
                    where,
                    values,
                    f"{by}{way}, {ID}",
                    limit=size - len(rows),
                    offset=skipped,
                )
            skipped = max(0, skipped - here)
            count += here
        url = request.url
        more = number * size < count
        return answer(
            {
                "results": listing(body for _, _, body in rows),
                "facets": None,
                "next_page": str(url.include_query_params(page=number + 1))
                if more
                else None,
                "previous_page": str(url.include_query_params(page=number - 1))
                if number > 1
                else None,
                "count": count,
            }
        )

    def _results(
        self,
        kind: Kind,
        where: str,
        values: Sequence[Value],
        order: str,
        *,
        limit: int,
        offset: int = 0,
    ) -> list[tuple[Value, int, bytes]]:
        view = f"json_set({shown(self.account, kind)}, '$.result_type', '{kind.name}')"
        rows = self.account.held(kind.name).select(
            f"{column('created_at')}, {ID}, {view}",
            where,
            values,
            order=order,
            limit=limit,
            offset=offset,
            as_of=self._as_of(),
        )
        return [(value, number, body.encode()) for value, number, body in rows]

    async def count(self, request: Request) -> Response:
        """Count the results."""
        as_of = self._as_of()
        total = sum(
            int(
                self.account.held(kind.name).select(
                    "count(*)", where, values, as_of=as_of
                )[0][0]
            )
            for kind, where, values in self._found(request)
        )
        return answer({"count": total})

    async def export(self, request: Request) -> Response:
        """Return all results of one kind, oldest first, page by page."""
        name = request.query_params.get("filter[type]", "")
        if name not in _KINDS:
            sentence = "filter[type] must be one of ticket, organization, user, group"
            raise Refusal(error(400, "InvalidParameter", sentence))
        size = whole(request, "page[size]", MAX_PAGE, MAX_EXPORT)
        cursor = request.query_params.get("page[after]")
        found = self._found(request, (name,))
        rows: list[tuple[Value, int, bytes]] = []
        for kind, where, values in found:
            by = column("created_at")
            self.account.index(kind.name, by, ID)
            order = f"{by}, {ID}"
            given: list[Value] = list(values)
            if cursor is None:
                rows = self._results(kind, where, given, order, limit=size + 1)
                continue
            begun, place = self._place(cursor)
            behind = f"{by} >= ? and ({by} > ? or ({by} = ? and {ID} > ?))"
            given += [begun, begun, begun, place]
            rows = self._results(
                kind, f"{where} and {behind}", given, order, limit=size + 1
            )
        more = len(rows) > size
        rows = rows[:size]
        after = None
        if rows:
            value, number, _ = rows[-1]
            after = cursor_at(f"{self.account.clock.seconds()}|{value}", number)
        url = request.url.include_query_params(**{"page[after]": after})
        return answer(
            {
                "results": listing(body for _, _, body in rows),
                "meta": {
                    "has_more": more,
                    "after_cursor": after,
                    "before_cursor": None,
                },
                "links": {"prev": None, "next": str(url) if more else None},
                "facets": None,
            }
        )

    def _place(self, cursor: str) -> tuple[str, int]:
        """Return where an export goes on; its cursor lasts an hour."""
        text, number = decoded(cursor)
        made_at, mark, value = text.partition("|")
        seconds = whole_number(made_at, 12)
        if not mark or seconds is None:
            raise Refusal(error(400, "InvalidCursor", "Invalid cursor"))
        if seconds + CURSOR_SECONDS < self.account.clock.seconds():
            raise Refusal(error(400, "InvalidCursor", "The cursor has expired"))
        return value, number

    def among(self, kind: Kind, keys: Sequence[str]) -> Handler:
        """Return the handler that finds a kind by an exact field or by words."""

        async def handler(request: Request) -> Response:
            asked = request.query_params
            where = [kind.shown]
            values: list[Value] = []
            for key in keys:
                if key in asked:
                    same = f"{column(key)} collate nocase"
                    self.account.index(kind.name, same)
                    where.append(f"{column(key)} = ? collate nocase")
                    values.append(asked[key])
            if "query" in asked:
                made = condition(
                    terms_of(asked["query"]), kind, self.account.clock.now()
                )
                where.append(made[0] if made else "0")
                values += made[1] if made else []
            if len(where) == 1:
                sentence = f"One of query, {', '.join(keys)} is required"
                raise Refusal(error(400, "ParameterMissing", sentence))
            number = whole(request, "page", 1, 100) or 1
            size = min(whole(request, "per_page", MAX_PAGE, None), MAX_PAGE) or 1
            held, text = self.account.held(kind.name), " and ".join(where)
            rows = held.select(
                shown(self.account, kind),
                text,
                values,
                order=ID,
                limit=size,
                offset=(number - 1) * size,
                as_of=self._as_of(),
            )
            ((count,),) = held.select("count(*)", text, values, as_of=self._as_of())
            url = request.url.include_query_params(page=number + 1)
            more = number * size < count
            return answer(
                {
                    kind.plural: listing(body.encode() for (body,) in rows),
                    "next_page": str(url) if more else None,
                    "previous_page": None,
                    "count": count,
                }
            )

        return handler
