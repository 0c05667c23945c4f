"""Zendesk: tokens, rate headers and the incremental exports."""

from bisect import bisect_left, bisect_right
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.clock import Clock
from sandbox.credentials import Credentials
from sandbox.store import Document, Store, column
from sandbox.wire import Api, Refusal, answer, basic
from sandbox.zendesk.organizations import Organizations
from sandbox.zendesk.shapes import API, decoded, encoded, error, refuse, whole

# Zendesk leaves the last minute out of its exports, so that a row that commits late is
# not skipped. A loop that confirms its own write would have to wait for that minute;
# the sandbox therefore leaves nothing out unless it is told to.
VENDOR_EXPORT_LAG_SECONDS = 60
MAX_EXPORT = 1000
CALLS_PER_MINUTE = 700

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

Handler = Callable[[Request], Awaitable[Response]]


class Zendesk:
    """One account."""

    def __init__(
        self, store: Store, clock: Clock, keys: Credentials, export_lag_seconds: int
    ) -> None:
        """Serve the store's documents to whoever has the token."""
        self.store = store
        self.clock = clock
        self.keys = keys
        self.lag = timedelta(seconds=export_lag_seconds)
        self.own = Organizations(store)
        self._minute = (0, 0)

    def api(self) -> Api:
        """Return the routes; every path also answers with `.json` behind it."""
        own = self.own
        routes = [
            *self._both("/incremental/users/cursor", self._export("user", "users")),
            *self._both(
                "/incremental/tickets/cursor", self._export("ticket", "tickets")
            ),
            *self._both("/incremental/organizations", self.changed_organizations),
            *self._both("/organizations/show_many", own.show_many),
            *self._both("/organizations/update_many", own.update_many, "PUT"),
            *self._both("/organizations", own.organizations),
            *self._both("/organizations/{id:int}", own.organization),
            *self._both("/job_statuses/{id}", own.job_status),
        ]
        return Api(routes, refuse)

    def _both(self, path: str, handler: Handler, method: str = "GET") -> list[Route]:
        async def admitted(request: Request) -> Response:
            headers = self._count()
            try:
                self._admit(request)
                response = await handler(request)
            except Refusal as refusal:
                response = refusal.response
            response.headers.update(headers)
            return response

        # The longer path first: `{id}` would swallow the suffix.
        paths = (f"{API}{path}.json", f"{API}{path}")
        return [Route(each, admitted, methods=[method]) for each in paths]

    def _count(self) -> dict[str, str]:
        """Count the call in its minute; return the headers that tell of it."""
        minute, used = self._minute
        now = self.clock.seconds()
        used = used + 1 if minute == now // 60 else 1
        self._minute = (now // 60, used)
        left = str(max(0, CALLS_PER_MINUTE - used))
        return {
            "X-Rate-Limit": str(CALLS_PER_MINUTE),
            "X-Rate-Limit-Remaining": left,
            "ratelimit-limit": str(CALLS_PER_MINUTE),
            "ratelimit-remaining": left,
            "ratelimit-reset": str(60 - now % 60),
        }

    def _admit(self, request: Request) -> None:
        expected = (f"{self.keys.zendesk_email}/token", self.keys.zendesk_api_token)
        if basic(request) != expected:
            raise Refusal(answer({"error": "Couldn't authenticate you"}, 401))

    def _changed(self, name: str) -> tuple[list[tuple[str, int]], list[Document]]:
        """Return (stamp, id) and document of each record, oldest change first.

        The export goes by when Zendesk wrote the row, which here is `updated_at`.
        """
        held = self.store.collection("zendesk", name)
        rows = held.find(order=f"{column('updated_at')}, {column('id')}")
        if self.lag:
            limit = _stamp(int((self.clock.now() - self.lag).timestamp()))
            rows = [row for row in rows if row["updated_at"] <= limit]
        return [_changed_at(row) for row in rows], rows

    def _export(self, name: str, plural: str) -> Handler:
        async def export(request: Request) -> Response:
            places, rows = self._changed(name)
            size = whole(request, "per_page", MAX_EXPORT, MAX_EXPORT)
            cursor = request.query_params.get("cursor")
            if cursor is None:
                start = bisect_left(places, (self._start(request), 0))
            else:
                start = bisect_right(places, decoded(cursor))
            page = rows[start : start + size]
            if page:
                cursor = encoded(_changed_at(page[-1]))
            elif cursor is None:
                cursor = encoded((self._start(request), 0))
            # The path as it was asked: a caller that follows it stays below our prefix.
            url = request.url.replace(query=f"cursor={cursor}&per_page={size}")
            return answer(
                {
                    plural: page,
                    "after_cursor": cursor,
                    "after_url": str(url),
                    "before_cursor": None,
                    "before_url": None,
                    "end_of_stream": start + size >= len(rows),
                }
            )

        return export

    def _start(self, request: Request) -> str:
        """Return the wanted start as a stamp."""
        start = whole(request, "start_time", None, None)
        if self.lag and start > self.clock.seconds() - self.lag.total_seconds():
            sentence = (
                "Too recent start_time. Use a start_time older than "
                f"{self.lag.total_seconds():.0f} seconds"
            )
            raise Refusal(error(422, "InvalidValue", sentence))
        return _stamp(start)

    async def changed_organizations(self, request: Request) -> Response:
        """Export organizations by time: the next page begins with the last second."""
        start_time = whole(request, "start_time", None, None)
        size = whole(request, "per_page", MAX_EXPORT, MAX_EXPORT)
        places, rows = self._changed("organization")
        first = bisect_left(places, (self._start(request), 0))
        last = min(first + size, len(rows))
        # Records of one second stay together, and a page reaches a later second than
        # it began with: otherwise the next page would be the same one for ever.
        began = _stamp(start_time)
        while 0 < last < len(rows) and (
            places[last][0] == places[last - 1][0] or places[last - 1][0] == began
        ):
            last += 1
        page = rows[first:last]
        end_time = start_time
        if page:
            end_time = _seconds(page[-1]["updated_at"])
        url = request.url.replace(query=f"start_time={end_time}&per_page={size}")
        return answer(
            {
                "organizations": page,
                "next_page": str(url),
                "count": len(page),
                "end_time": end_time,
                "end_of_stream": last >= len(rows),
            }
        )


def _changed_at(document: Document) -> tuple[str, int]:
    return document["updated_at"], document["id"]


def _stamp(seconds: int) -> str:
    at = EPOCH + timedelta(seconds=seconds)
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def _seconds(stamp: str) -> int:
    return int((datetime.fromisoformat(stamp) - EPOCH).total_seconds())
