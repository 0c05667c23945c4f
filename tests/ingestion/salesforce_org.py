"""A Salesforce organisation inside a test's process, and walks through it.

Walks are followed as the core follows them: each place has been through JSON and is
new. The clock of the organisation stands; pauses of the walks move it.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from ingestion import salesforce
from ingestion.raw.typed import typed
from ingestion.readings import (
    Batch,
    Document,
    Gone,
    Known,
    Mark,
    Page,
    Reading,
    Step,
)
from ingestion.salesforce.soql import fields_of
from ingestion.streams import Stream
from ingestion.transport.rest import Rest
from sandbox.clients import InProcess
from sandbox.clock import Clock
from sandbox.credentials import Credentials
from sandbox.identifiers import checksum
from sandbox.server import application
from sandbox.store import Store

ADDRESS = "https://concord.my.salesforce.com"
NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
SINCE = datetime(2026, 10, 31, 12, tzinfo=UTC)
BEFORE = "2026-10-01T09:00:00.000+0000"
STREAMS = {stream.name: stream for stream in salesforce.STREAMS}
AT_FIRST = Known(NOW)
# Nothing is due: everything was read a day ago.
CHANGES = Known(NOW, dict.fromkeys(STREAMS, SINCE), dict.fromkeys(STREAMS, SINCE))
# Small enough that a few hundred records make many pages.
SMALL = salesforce.Sizes(page=200, bulk=300, piece=150)


def an_id(prefix: str, number: int) -> str:
    """Return an id whose number people can read."""
    id15 = f"{prefix}Hs0000{number:06}"
    return id15 + checksum(id15)


def an_account(number: int, stamp: str = BEFORE, **fields: Any) -> dict[str, Any]:
    """Return an account as the sandbox keeps it."""
    return {
        "Id": an_id("001", number),
        "IsDeleted": False,
        "Name": f"Customer {number}",
        "CreatedDate": BEFORE,
        "LastModifiedDate": stamp,
        "SystemModstamp": stamp,
        **fields,
    }


def accounts(count: int, stamp: str = BEFORE) -> list[dict[str, Any]]:
    """Return accounts that all changed in the same second."""
    return [an_account(number, stamp) for number in range(1, count + 1)]


def csv(stream: Stream, *rows: Mapping[str, str], end: str = "\n") -> bytes:
    """Return rows as Bulk API 2.0 writes them; a cell that is not given is empty."""
    fields = fields_of(stream)
    lines = [fields, *([row.get(name, "") for name in fields] for row in rows)]
    return "".join(f"{','.join(map(_cell, line))}{end}" for line in lines).encode()


def _cell(text: str) -> str:
    escaped = text.replace('"', '""')
    return f'"{escaped}"'


@dataclass
class Walked:
    """What walks brought, by stream, and what they asked."""

    documents: dict[str, dict[str, Document]] = field(default_factory=dict)
    arrived: Counter[str] = field(default_factory=Counter)
    gone: dict[str, list[str]] = field(default_factory=dict)
    marks: dict[str, datetime] = field(default_factory=dict)
    places: list[Any] = field(default_factory=list)
    totals: list[int | None] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)

    def take(self, page: Page) -> None:
        """Take a page in: a record that arrives after its end is there again."""
        for arrival in page.arrivals:
            name = arrival.stream
            if isinstance(arrival, Batch):
                rows, unfit = typed("salesforce", STREAMS[name], arrival)
                assert not unfit, unfit[0].fault
                kept = self.documents.setdefault(name, {})
                kept |= {each["Id"]: each for each in arrival.documents}
                self.arrived[name] += rows.num_rows
            elif isinstance(arrival, Gone):
                self.gone.setdefault(name, []).extend(arrival.ids)
            elif isinstance(arrival, Mark):
                self.marks[name] = arrival.at


@dataclass(frozen=True)
class Waiting:
    """Time whose pauses move the organisation's clock."""

    clock: Clock
    pauses: list[float] = field(default_factory=list)

    def now(self) -> float:
        """Tell the organisation's time."""
        return self.clock.now().timestamp()

    def pause(self, seconds: float) -> None:
        """Let the time pass and note it."""
        self.pauses.append(seconds)
        self.clock.advance(seconds)


@dataclass(frozen=True)
class Org:
    """An organisation, our client of it, and what was asked."""

    store: Store
    clock: Clock
    rest: Rest
    timer: Waiting
    calls: list[str]

    def conditions(self, **wanted: Any) -> None:
        """Change how things stand."""
        self.store.set_conditions({"salesforce": wanted})

    def edit(self, kind: str, record_id: str, **fields: Any) -> None:
        """Change a record as a person would."""
        self.store.update(
            "salesforce", kind, record_id, fields, actor="human", request_id="edit"
        )

    def reading(
        self,
        name: str,
        known: Known = AT_FIRST,
        sizes: salesforce.Sizes = salesforce.SIZES,
    ) -> Reading:
        """Return the walk of a load that fills a stream."""
        readings = salesforce.readings(known, sizes, self.timer)
        return next(each for each in readings if name in each.fills)

    def walk(
        self,
        *readings: Reading,
        since: datetime | None = None,
        until: datetime | None = None,
        place: Any = None,
    ) -> Walked:
        """Walk readings to their ends."""
        walked = Walked()
        first = len(self.calls)
        for reading in readings:
            at = place
            while True:
                page = reading.fetch(Step(self.rest, at, since, until))
                walked.take(page)
                walked.totals.append(page.total)
                if page.next is None:
                    break
                at = json.loads(json.dumps(page.next))
                assert at not in walked.places
                walked.places.append(at)
        walked.calls = self.calls[first:]
        return walked

    def load(self, known: Known = CHANGES) -> Walked:
        """Walk everything that a load would, each from when on it is wanted."""
        walked = Walked()
        first = len(self.calls)
        for reading in salesforce.readings(known, salesforce.SIZES, self.timer):
            part = self.walk(reading, since=known.since.get(reading.fills[0]))
            walked.documents |= part.documents
            walked.arrived += part.arrived
            walked.gone |= part.gone
            walked.marks |= part.marks
        walked.calls = self.calls[first:]
        return walked


class Noting(httpx.BaseTransport):
    """Notes what is asked of the data API, and passes it on."""

    def __init__(self, inner: httpx.BaseTransport, calls: list[str]) -> None:
        """Pass on to `inner`."""
        self.inner = inner
        self.calls = calls

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answer one request."""
        _, found, path = request.url.path.partition(f"{salesforce.DATA}/")
        if found:
            self.calls.append(f"{request.method} {path}")
        return self.inner.handle_request(request)


Start = Callable[..., Org]


@contextmanager
def opened(keys: Credentials) -> Iterator[Start]:
    """Open organisations that hold some records."""
    with ExitStack() as stack:

        def start(**held: list[dict[str, Any]]) -> Org:
            clock = Clock(NOW, running=False)
            store = Store({"salesforce": held}, clock)
            app = application(store, keys, only=["salesforce"])
            calls: list[str] = []
            environ = {
                "SALESFORCE_URL": ADDRESS,
                "SALESFORCE_CLIENT_ID": keys.salesforce_client_id,
                "SALESFORCE_CLIENT_SECRET": keys.salesforce_client_secret,
            }
            rest = salesforce.client(environ, Noting(InProcess(app), calls))
            stack.enter_context(rest)
            return Org(store, clock, rest, Waiting(clock), calls)

        yield start


def later(known: Known, days: float) -> Known:
    """Return the same knowledge some days later."""
    return Known(known.now + timedelta(days=days), known.since, known.swept)
