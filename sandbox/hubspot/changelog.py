"""Changelog: the webhooks journal: an ordered log of events that a reader pulls.

An entry holds the events of one request, up to a hundred writes: it is the same one
whenever it is read. Its offset is the number of its last write in the form of a UUID,
so that nothing needs to be kept besides the writes.
The form of an entry's file is believed, unverified.
"""

from collections.abc import Sequence
from datetime import timedelta
from itertools import groupby
from operator import itemgetter
from typing import Any
from uuid import UUID

from starlette.responses import Response

from sandbox.credentials import Credentials
from sandbox.hubspot.events import Event, events_of, survivor_in
from sandbox.hubspot.gate import Call, Path
from sandbox.hubspot.kinds import KINDS, SYSTEM
from sandbox.hubspot.links import LINKS
from sandbox.hubspot.shapes import (
    Document,
    Problem,
    batch,
    object_body,
    whole,
)
from sandbox.hubspot.tokens import PORTAL
from sandbox.instants import to_milliseconds
from sandbox.journal import instant, micros, written
from sandbox.store import Store, Value
from sandbox.wire import answer, made, root_url

PER_ENTRY = 100
MOST_ENTRIES = 100  # of one batch
KEPT_SECONDS = 3 * 24 * 3600  # developers.hubspot.com, webhook journal APIs
FILE_SECONDS = 600  # an entry's address opens so long; believed, unverified
PREFIXES = (
    "/webhooks-journal/journal/{version}",
    "/webhooks-journal/journal-local/{version}",
)
ACTIONS = {
    "creation": "CREATE",
    "propertyChange": "UPDATE",
    "deletion": "DELETE",
    "privacyDeletion": "DELETE",
    "merge": "MERGE",
    "restore": "RESTORE",
    "associationChange": "ASSOCIATION_CHANGE",
}
_OBJECTS = (*(kind.name for kind in KINDS), LINKS)

WIDEST = 10_000  # more writes than one request makes

_Row = tuple[Any, ...]
Span = tuple[int, int, int]  # first and last write of an entry, and when that was


def _scope(_call: Call) -> str | None:
    return "developer.webhooks_journal.read"


class Changelog:
    """The webhooks journal of the account's app."""

    def __init__(self, store: Store, keys: Credentials) -> None:
        """Read the store's table of writes."""
        self.store = store
        self.keys = keys
        self.survivor = survivor_in(store)

    def paths(self) -> list[Path]:
        """Return the paths."""
        paths = [
            Path(prefix + path, {"GET": handler}, _scope)
            for prefix in PREFIXES
            for path, handler in (
                ("/earliest", self.earliest),
                ("/latest", self.latest),
                ("/offset/{offset}/next", self.following),
                ("/batch/earliest/{count}", self.earliest_batch),
                ("/batch/latest/{count}", self.latest_batch),
                ("/batch/{offset}/next/{count}", self.following_batch),
            )
        ]
        paths += [
            Path(f"{prefix}/batch/read", {"POST": self.batch_read}, _scope)
            for prefix in PREFIXES
        ]
        file = "/webhooks-journal/files/{first}/{last}/{signature}"
        return [*paths, Path(file, {"GET": self.file}, opened_by="anybody")]

    def _rows(self, where: str, values: Sequence[Value], order: str) -> list[_Row]:
        """Return number, instant and request of writes that the journal still keeps."""
        marks = ", ".join("?" * len(_OBJECTS))
        # The plus keeps SQLite from an index that would have to be sorted.
        return self.store.rows(
            "select number, at, request_id from writes"
            f" where +system = ? and at >= ? and object in ({marks}) and {where}"
            f" order by number {order}",
            (SYSTEM, self._oldest(), *_OBJECTS, *values),
        )

    def _oldest(self) -> int:
        kept = float(self.store.condition(SYSTEM, "journal_seconds", KEPT_SECONDS))
        return micros(self.store.clock.now() - timedelta(seconds=kept))

    def _spans(self, after: int, count: int) -> list[Span]:
        """Return the next entries behind a write."""
        rows = self._rows(
            "number > ?", (after,), f"asc limit {(count + 1) * PER_ENTRY}"
        )
        return _entries(rows)[:count]

    def _last(self, count: int) -> list[Span]:
        """Return the newest entries."""
        most = (count + 1) * PER_ENTRY
        rows = self._rows("number > ?", (0,), f"desc limit {most}")[::-1]
        if len(rows) == most:
            # The first request of these may have begun before them.
            later = [row for row in rows if row[2] != rows[0][2]]
            rows = later or self._rows("number > ?", (0,), "asc")
        return _entries(rows)[-count:]

    def _ending(self, number: int) -> Span:
        """Return the entry that a write ends; a 404 if it ends none."""
        near = (number - WIDEST, number + WIDEST)
        rows = self._rows("number between ? and ?", near, "asc")
        for span in _entries(rows):
            if span[1] == number:
                return span
        raise Problem(404, "The offset does not exist")

    def _entry(self, call: Call, span: Span) -> Document:
        first, last, _ = span
        until = self.store.clock.now() + timedelta(seconds=FILE_SECONDS)
        signature = self._signature(first, last)
        root = root_url(call.request).rstrip("/")
        return {
            "url": f"{root}/webhooks-journal/files/{first}/{last}/{signature}",
            "expiresAt": to_milliseconds(until),
            "currentOffset": _offset(last),
        }

    def _signature(self, first: object, last: object) -> str:
        secret = self.keys.hubspot_client_secret
        return made("", "journal", secret, first, last, length=32)

    def _one(self, call: Call, spans: list[Span]) -> Response:
        """Return an entry; a 204 if there is none yet."""
        if not spans:
            return Response(status_code=204)
        return answer(self._entry(call, spans[0]))

    def _many(self, call: Call, spans: list[Span]) -> Response:
        entries = [self._entry(call, span) for span in spans]
        return batch(entries, self.store.clock.now())

    def _behind(self, text: str) -> int:
        """Return the write that an offset means; a 404 if it is none or too old."""
        digits = text.replace("-", "")
        try:
            number = int(digits, 16)
        except ValueError as broken:
            raise Problem(404, "The offset does not exist") from broken
        if len(digits) != 32 or _offset(number) != text or number >= 2**62:
            raise Problem(404, "The offset does not exist")
        found = self.store.rows("select at from writes where number = ?", (number,))
        if not found or found[0][0] < self._oldest():
            raise Problem(404, "The offset expired or does not exist")
        return number

    async def earliest(self, call: Call) -> Response:
        """Return the oldest entry that is still kept."""
        return self._one(call, self._spans(0, 1))

    async def latest(self, call: Call) -> Response:
        """Return the newest entry."""
        return self._one(call, self._last(1))

    async def following(self, call: Call) -> Response:
        """Return the entry behind an offset."""
        return self._one(call, self._spans(self._behind(call.part("offset")), 1))

    def _count(self, call: Call) -> int:
        return whole(call.part("count"), "count", 1, MOST_ENTRIES)

    async def earliest_batch(self, call: Call) -> Response:
        """Return the oldest entries."""
        return self._many(call, self._spans(0, self._count(call)))

    async def latest_batch(self, call: Call) -> Response:
        """Return the newest entries."""
        return self._many(call, self._last(self._count(call)))

    async def following_batch(self, call: Call) -> Response:
        """Return the entries behind an offset."""
        after = self._behind(call.part("offset"))
        return self._many(call, self._spans(after, self._count(call)))

    async def batch_read(self, call: Call) -> Response:
        """Return the entries with these offsets."""
        body = await object_body(call.request)
        inputs: Any = body.get("inputs")
        if not isinstance(inputs, list) or not 0 < len(inputs) <= MOST_ENTRIES:
            raise Problem(400, f"inputs must be a list of 1 to {MOST_ENTRIES} offsets")
        entries, errors = [], []
        for each in inputs:
            try:
                span = self._ending(self._behind(str(each)))
                entries.append(self._entry(call, span))
            except Problem as problem:
                errors.append(problem.row() | {"context": {"offset": [str(each)]}})
        return batch(entries, self.store.clock.now(), errors)

    async def file(self, call: Call) -> Response:
        """Return what an entry holds; its address is the key."""
        first, last = call.part("first"), call.part("last")
        if call.part("signature") != self._signature(first, last):
            raise Problem(403, "The address has expired or is not ours")
        marks = ", ".join("?" * len(_OBJECTS))
        rows = self.store.rows(
            "select number, at, system, object, id, before, after, actor, request_id"
            " from writes where system = ? and number between ? and ?"
            f" and object in ({marks}) order by number",
            (SYSTEM, int(first), int(last), *_OBJECTS),
        )
        events = []
        for row in rows:
            events += _grouped(events_of(written(*row), self.survivor))
        published = to_milliseconds(instant(rows[-1][1])) if rows else None
        return answer(
            {
                "offset": _offset(int(last)),
                "publishedAt": published,
                "journalEvents": events,
            }
        )


def _entries(rows: Sequence[_Row]) -> list[Span]:
    """Return the entries that writes make: those of a request, a hundred at most."""
    spans: list[Span] = []
    for _, together in groupby(rows, key=itemgetter(2)):
        chunk = list(together)
        for start in range(0, len(chunk), PER_ENTRY):
            part = chunk[start : start + PER_ENTRY]
            spans.append((part[0][0], part[-1][0], part[-1][1]))
    return spans


def _offset(number: int) -> str:
    return str(UUID(int=number))


def _grouped(events: list[Event]) -> list[Document]:
    """Return the events of one write as the journal tells them: values together."""
    told: list[Document] = []
    values: dict[str, str] = {}
    for event in events:
        if event.what == "propertyChange":
            values[event.more["propertyName"]] = event.more["propertyValue"]
            if event is not events[0]:
                continue
        told.append(
            {
                "type": "object",
                "portalId": PORTAL,
                "objectTypeId": event.kind.type_id,
                "objectId": int(event.record_id),
                "action": ACTIONS[event.what],
                "occurredAt": to_milliseconds(instant(event.at_ms * 1000)),
                "propertyChanges": values,
                **{k: v for k, v in event.more.items() if not k.startswith("property")},
            }
        )
    return told
