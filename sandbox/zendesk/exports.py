"""Zendesk's incremental exports: by cursor, and by time with its repeated edges.

They go by when Zendesk generated a row, which is not `updated_at`: what the system
changes on its own moves only the former. Tickets tell it in `generated_timestamp`.
"""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from sandbox.journal import parsed
from sandbox.paging import cursor_at
from sandbox.store import Document, column
from sandbox.wire import Refusal, answer
from sandbox.zendesk.account import Account, seconds_of
from sandbox.zendesk.audits import Audits
from sandbox.zendesk.drift import shown
from sandbox.zendesk.kinds import RECORDS, TICKET, Kind
from sandbox.zendesk.limits import SAMPLES
from sandbox.zendesk.lists import Handler
from sandbox.zendesk.paging import ID, Query, spliced
from sandbox.zendesk.shapes import decoded, error, whole
from sandbox.zendesk.sideload import asked_for, beside

# Zendesk leaves the last minute out of its exports, so that a row that commits late is
# not skipped. A loop that confirms its own write would have to wait for that minute;
# the sandbox therefore leaves nothing out unless it is told to.
VENDOR_EXPORT_LAG_SECONDS = 60
MAX_EXPORT = 1000
MAX_SAMPLE = 50

GENERATED = (
    f"coalesce({column('generated_timestamp')}, unixepoch({column('updated_at')}), 0)"
)
AUDITED = f"unixepoch({column('created_at')})"
_DELETED = {"ticket": TICKET.shown}


class Exports:
    """The exports of one account."""

    def __init__(self, account: Account, audits: Audits) -> None:
        """Export this account's records."""
        self.account = account
        self.audits = audits
        for kind in RECORDS:
            account.index(kind.name, GENERATED, ID)
        account.index("ticket_audit", AUDITED, ID)

    def _query(self, request: Request, kind: Kind) -> Query:
        where = "1"
        if request.query_params.get("exclude_deleted") == "true":
            where = _DELETED.get(kind.name, "1")
        body = shown(self.account, kind)
        if kind is TICKET:
            body = f"json_set({body}, '$.generated_timestamp', {GENERATED})"
        return Query(self.account.held(kind.name), body, where)

    def _rows(
        self, query: Query, start: int, after: int | None, limit: int, by: str
    ) -> list[Any]:
        """Return (second, id, JSON) from (start, after) on, up to the lag."""
        columns = f"{by}, {ID}, {query.shown}"
        latest = self.account.clock.seconds()
        latest -= int(self.account.lag("export_lag_seconds").total_seconds())
        order = f"{by}, {ID}"
        where, values = f"{by} >= ?", [start]
        rows: list[Any] = []
        if after is not None:
            rows = query.held.select(
                columns,
                f"{by} = ? and {ID} > ? and {by} <= ? and {query.where}",
                (start, after, latest),
                order=order,
                limit=limit,
            )
            where = f"{by} > ?"
        if len(rows) < limit:
            rows += query.held.select(
                columns,
                f"{where} and {by} <= ? and {query.where}",
                (*values, latest),
                order=order,
                limit=limit - len(rows),
            )
        return rows

    def _start(self, request: Request) -> int:
        """Return the wanted start; it has to be older than the lag."""
        start = whole(request, "start_time", None, None)
        lag = self.account.lag("export_lag_seconds").total_seconds()
        if lag and start > self.account.clock.seconds() - lag:
            sentence = (
                f"Too recent start_time. Use a start_time older than {lag:.0f} seconds"
            )
            raise Refusal(error(422, "InvalidValue", sentence))
        return start

    def by_cursor(self, kind: Kind) -> Handler:
        """Return the handler of a cursor export."""

        async def handler(request: Request) -> Response:
            size = whole(request, "per_page", MAX_EXPORT, MAX_EXPORT)
            cursor = request.query_params.get("cursor")
            if cursor is None:
                start, after = self._start(request), None
            else:
                text, after = decoded(cursor)
                start = _second(text)
            query = self._query(request, kind)
            rows = self._rows(query, start, after, size + 1, GENERATED)
            last = len(rows) <= size
            rows = rows[:size]
            if rows:
                cursor = cursor_at(f"{rows[-1][0]}.0|", rows[-1][1])
            elif cursor is None:
                cursor = cursor_at(f"{start}.0|", 0)
            # The path as it was asked: who follows it stays below our prefix.
            url = request.url.remove_query_params("start_time")
            url = url.include_query_params(cursor=cursor, per_page=size)
            return answer(
                {
                    kind.plural: spliced(rows),
                    **self._related(request, kind, rows),
                    "after_cursor": cursor,
                    "after_url": str(url),
                    "before_cursor": None,
                    "before_url": None,
                    "end_of_stream": last,
                }
            )

        return handler

    def by_time(self, kind: Kind) -> Handler:
        """Return the handler of a time export: pages begin with the last second.

        Records of one second stay together, and a page reaches a later second than it
        began with: otherwise the next page would be the same one for ever.
        """

        async def handler(request: Request) -> Response:
            size = whole(request, "per_page", MAX_EXPORT, MAX_EXPORT)
            start = self._start(request)
            query = self._query(request, kind)
            rows, more = self._whole_seconds(query, start, size, GENERATED)
            page = self._time_page(request, start, rows, more=more)
            related = self._related(request, kind, rows)
            return answer({kind.plural: spliced(rows), **related, **page})

        return handler

    def _whole_seconds(
        self, query: Query, start: int, size: int, by: str
    ) -> tuple[list[Any], bool]:
        """Return the rows of a time page, and whether there are later ones."""
        rows = self._rows(query, start, None, size + 1, by)
        if len(rows) <= size:
            return rows, False
        rows = rows[:size]
        while True:
            second, number = rows[-1][:2]
            rest = self._rows(query, second, number, size + 1, by)
            same = [row for row in rest if row[0] == second]
            rows += same
            if len(same) == len(rest) and rest:
                continue
            later = rest[len(same) :]
            if not later or second > start:
                return rows, bool(later)
            rows += later[:1]

    def _time_page(
        self, request: Request, start: int, rows: list[Any], *, more: bool
    ) -> dict[str, Any]:
        """Return what stands around a time page."""
        end = rows[-1][0] if rows else start
        url = request.url.include_query_params(start_time=end)
        return {
            "next_page": str(url),
            "count": len(rows),
            "end_time": end,
            "end_of_stream": not more,
        }

    def sample(self, kind: Kind) -> Handler:
        """Return the handler of the sample: one short page, with its own budget."""

        async def handler(request: Request) -> Response:
            headers = self.account.limits.charge(SAMPLES)
            start = self._start(request)
            query = self._query(request, kind)
            rows = self._rows(query, start, None, MAX_SAMPLE, GENERATED)
            page = self._time_page(request, start, rows, more=False)
            return answer({kind.plural: spliced(rows), **page}, 200, headers)

        return handler

    def _related(self, request: Request, kind: Kind, rows: list[Any]) -> dict[str, Any]:
        include = asked_for(request)
        if not include:
            return {}
        documents = [parsed(body) for _, _, body in rows]
        return beside(self.account, kind.name, documents, include)

    async def ticket_events(self, request: Request) -> Response:
        """Export what happened to tickets: one event for each audit."""
        self.audits.complete()
        size = whole(request, "per_page", MAX_EXPORT, MAX_EXPORT)
        start = self._start(request)
        comments = "comment_events" in asked_for(request)
        query = Query(self.account.held("ticket_audit"), "body")
        rows, more = self._whole_seconds(query, start, size, AUDITED)
        events = [_event(parsed(body), comments=comments) for _, _, body in rows]
        page = self._time_page(request, start, rows, more=more)
        return answer({"ticket_events": events, **page})


def _event(audit: Document, *, comments: bool) -> dict[str, Any]:
    """Return an audit as the export of events writes it."""
    children = []
    for event in audit["events"]:
        if event["type"] == "Comment":
            if comments:
                children.append(event | {"event_type": "Comment"})
            continue
        children.append(
            {
                "id": event["id"],
                "via": audit["via"]["channel"],
                event["field_name"]: event["value"],
                "event_type": event["type"],
                "previous_value": event.get("previous_value"),
            }
        )
    return {
        "id": audit["id"],
        "ticket_id": audit["ticket_id"],
        "timestamp": seconds_of(audit["created_at"]),
        "created_at": audit["created_at"],
        "updater_id": audit["author_id"],
        "via": audit["via"]["channel"],
        "system": {},
        "event_type": "Audit",
        "child_events": children,
    }


def _second(text: str) -> int:
    """Return the second of a cursor such as `1790899200.0|`."""
    number = text.partition(".")[0]
    if not (number.isascii() and number.isdecimal() and len(number) < 13):
        raise Refusal(error(400, "InvalidCursor", "Invalid cursor"))
    return int(number)
