"""A HubSpot account inside a test's process, small servers that lie, and their walks.

Walks are followed as the core follows them: each place has been through JSON.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from ingestion import hubspot
from ingestion.raw.typed import typed
from ingestion.readings import Batch, Children, Gone, Known, Page, Reading, Step
from ingestion.transport.auth import bearer
from ingestion.transport.rest import Rest
from sandbox.clients import InProcess
from sandbox.clock import Clock
from sandbox.credentials import Credentials
from sandbox.server import application
from sandbox.store import Store
from tests.ingestion.timers import Virtual

ADDRESS = "https://api.hubapi.com"
START = datetime(2026, 11, 1, 12, tzinfo=UTC)
SINCE = datetime(2026, 10, 1, tzinfo=UTC)
THAT_MOMENT = "2026-10-01T00:00:00.000Z"
BEFORE = "2026-09-30T23:59:59.999Z"
STREAMS = {stream.name: stream for stream in hubspot.STREAMS}
# Nothing is due: everything was listed an hour ago.
CHANGES = Known(
    START,
    dict.fromkeys(STREAMS, SINCE),
    dict.fromkeys(STREAMS, START - timedelta(hours=1)),
)
AT_FIRST = Known(START)

Document = dict[str, Any]


def an_id(number: int) -> str:
    """Return the id of a record; ids sort as numbers do."""
    return str(100_000_000_000_000 + number)


def a_record(kind: str, number: int, changed: str = BEFORE, **values: str) -> Document:
    """Return a record as the sandbox keeps it."""
    modified = "lastmodifieddate" if kind == "contacts" else "hs_lastmodifieddate"
    born = "hs_createdate" if kind == "leads" else "createdate"
    own = {born: BEFORE, modified: changed, "hs_object_id": an_id(number)}
    return {
        "id": an_id(number),
        "properties": {**values, **own},
        "createdAt": BEFORE,
        "updatedAt": changed,
        "archived": False,
    }


@dataclass
class Walked:
    """What walks brought: documents by stream and id, what is gone, how many calls."""

    documents: dict[str, dict[str, Any]] = field(default_factory=dict)
    arrived: Counter[str] = field(default_factory=Counter)
    gone: dict[str, list[str]] = field(default_factory=dict)
    parents: dict[str, list[Any]] = field(default_factory=dict)
    lists: set[str] = field(default_factory=set)
    calls: int = 0

    def take(self, page: Page) -> None:
        """Take a page in."""
        for arrival in page.arrivals:
            name = arrival.stream
            if isinstance(arrival, Batch):
                rows, unfit = typed("hubspot", STREAMS[name], arrival)
                assert not unfit
                kept = self.documents.setdefault(name, {})
                kept |= {row["id"]: row for row in rows.to_pylist()}
                self.arrived[name] += rows.num_rows
            elif isinstance(arrival, Gone):
                self.gone.setdefault(name, []).extend(arrival.ids)
            elif isinstance(arrival, Children):
                self.parents.setdefault(name, []).extend(arrival.parents)


@dataclass(frozen=True)
class Account:
    """A HubSpot account inside the test's process, and our client of it."""

    store: Store
    clock: Clock
    rest: Rest
    direct: httpx.Client

    def walk(self, *readings: Reading, since: datetime | None = SINCE) -> Walked:
        """Walk readings to their ends, each place having been through JSON."""
        walked = Walked()
        before = self.rest.requests
        for reading in readings:
            place = None
            while True:
                page = reading.fetch(Step(self.rest, place, since))
                walked.take(page)
                if page.next is None:
                    break
                place = json.loads(json.dumps(page.next))
            walked.lists |= set(reading.lists)
        walked.calls = self.rest.requests - before
        return walked

    def load(self, known: Known) -> Walked:
        """Walk everything that a load would."""
        return self.walk(*hubspot.readings(known))

    def post(self, path: str, body: Any, version: str = "2026-09") -> httpx.Response:
        """Write as another client of the account does."""
        return self.direct.post(path.format(version=version), json=body)


Start = Callable[..., Account]


@contextmanager
def opened(keys: Credentials) -> Iterator[Start]:
    """Open accounts that hold some records, with budgets that stop no test."""
    with ExitStack() as stack:

        def start(**held: list[Document]) -> Account:
            clock = Clock(START, running=False)
            store = Store({"hubspot": held}, clock)
            budgets = ("calls_per_ten_seconds", "searches_per_second")
            store.set_conditions({"hubspot": dict.fromkeys(budgets, 100_000)})
            app = application(store, keys, only=["hubspot"])
            token = keys.hubspot_access_token
            direct = httpx.Client(
                base_url=ADDRESS,
                transport=InProcess(app),
                headers={"Authorization": f"Bearer {token}"},
            )
            rest = client_of(InProcess(app), token)
            stack.enter_context(rest)
            stack.enter_context(direct)
            return Account(store, clock, rest, direct)

        yield start


def client_of(transport: httpx.BaseTransport, token: str = "") -> Rest:
    """Return our client with the limits as they are, and a time that tests move."""
    return Rest(
        "hubspot",
        ADDRESS,
        bearer(token),
        hubspot.classify,
        limits=hubspot.LIMITS,
        transport=transport,
        timer=Virtual(),
    )


def answering(*answers: Mapping[str, Any]) -> Rest:
    """Return a client of a server that gives these answers, the last one for ever."""
    left = list(answers)

    def answer(_request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json=left.pop(0) if len(left) > 1 else left[0])

    return client_of(httpx.MockTransport(answer))


def reading(name: str, known: Known) -> Reading:
    """Return the walk of a load that fills a stream."""
    return next(each for each in hubspot.readings(known) if name in each.fills)


def contacts(count: int, changed: str = THAT_MOMENT) -> list[Document]:
    """Return contacts that all changed in the same millisecond."""
    return [
        a_record("contacts", number, changed, email=f"p{number}@c.example")
        for number in range(count)
    ]
