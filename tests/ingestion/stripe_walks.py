"""Stripe's walks without the core: each step is taken as by a process of its own."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any, Self

import httpx

from ingestion import stripe
from ingestion.raw.typed import typed
from ingestion.readings import (
    Arrival,
    Batch,
    Children,
    Gone,
    Known,
    Reading,
    Step,
)
from ingestion.transport.auth import bearer
from ingestion.transport.rest import Rest
from sandbox.clients import InProcess
from sandbox.clock import Clock
from sandbox.control import enter
from sandbox.credentials import Credentials
from sandbox.server import application
from sandbox.store import Store
from sandbox.world import World, build_world
from tests.ingestion.timers import Virtual

START = datetime(2026, 11, 1, 12, tzinfo=UTC)
STREAMS = {stream.name: stream for stream in stripe.STREAMS}
OVERLAP = timedelta(minutes=15)

Row = dict[str, Any]
# What the first load of the company brought: the same for every test.
_LOADED: list[tuple[Any, ...]] = []


@cache
def company() -> World:
    """Return a small company with payouts, disputes, credit notes and schedules."""
    features = frozenset({"payments", "credit_notes", "lifecycle"})
    return build_world(15, 30, 6, date(2026, 10, 31), features=features)


class Recording(httpx.BaseTransport):
    """Notes what is asked, and may be told what to answer."""

    def __init__(self, inner: httpx.BaseTransport) -> None:
        """Answer by another transport."""
        self.inner = inner
        self.asked: list[str] = []
        self.answers: dict[str, Any] = {}

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answer one request."""
        self.asked.append(str(request.url.raw_path, "ascii"))
        planned = self.answers.get(request.url.path)
        if planned is not None:
            status, body = planned
            return httpx.Response(status, json=body)
        return self.inner.handle_request(request)

    def close(self) -> None:
        """Stay open: many clients come through here."""


@dataclass
class Account:
    """A Stripe account, and what our walks know of it."""

    store: Store
    clock: Clock
    keys: Credentials
    transport: Recording
    tables: dict[str, dict[str, Row]] = field(
        default_factory=lambda: {name: {} for name in STREAMS}
    )
    since: dict[str, datetime] = field(default_factory=dict)
    swept: dict[str, datetime] = field(default_factory=dict)

    @classmethod
    def of(cls, keys: Credentials) -> Self:
        """Return the company's account; its clock stands still."""
        clock = Clock(START, running=False)
        store = Store({}, clock)
        enter(store, company())
        a_second = ("requests_per_second", "endpoint_requests_per_second")
        store.set_conditions({"stripe": dict.fromkeys(a_second, 1_000_000)})
        app = application(store, keys, only=["stripe"])
        return cls(store, clock, keys, Recording(InProcess(app)))

    @classmethod
    def loaded(cls, keys: Credentials) -> Self:
        """Return the company's account an hour after it was loaded."""
        account = cls.of(keys)
        if not _LOADED:
            account.load()
            _LOADED.append((account.tables, account.since, account.swept))
        account.tables, account.since, account.swept = deepcopy(_LOADED[0])
        account.clock.advance(3600)
        return account

    def anew(self) -> Self:
        """Return the same account, of which nothing is known."""
        return type(self)(self.store, self.clock, self.keys, self.transport)

    def rest(self) -> Rest:
        """Return a client of its own."""
        return Rest(
            "stripe",
            "https://api.stripe.com",
            bearer(self.keys.stripe_api_key),
            stripe.classify,
            headers={"Stripe-Version": stripe.API_VERSION},
            limits=stripe.LIMITS,
            transport=self.transport,
            timer=Virtual(),  # nobody waits for a second's calls
        )

    def known(self) -> Known:
        """Return what is known before a load."""
        return Known(self.clock.now(), self.since, self.swept)

    def load(self) -> Counter[str]:
        """Walk all that a load walks; return how many calls it took, by path."""
        begin, began = len(self.transport.asked), self.clock.now()
        walked = [(each, self.walk(each)) for each in stripe.readings(self.known())]
        for reading, arrivals in walked:
            self.take(arrivals, reading.lists)
        for reading, _ in walked:
            for name in reading.fills:
                self.since[name] = began - OVERLAP
            self.swept |= dict.fromkeys(reading.lists, began)
        return Counter(path.partition("?")[0] for path in self.transport.asked[begin:])

    def walk(self, reading: Reading, until: datetime | None = None) -> list[Arrival]:
        """Take every step of a reading with a new client."""
        starts = [self.since.get(name) for name in reading.fills]
        since = None if None in starts else min(filter(None, starts))
        arrivals: list[Arrival] = []
        place = None
        while True:
            with self.rest() as rest:
                began = self.clock.now()
                page = reading.fetch(Step(rest, place, since, until, began))
            arrivals += page.arrivals
            if page.next is None:
                return arrivals
            place = json.loads(json.dumps(page.next))

    def take(self, arrivals: Sequence[Arrival], lists: Sequence[str] = ()) -> None:
        """Keep what came, as the core does."""
        came = rows(arrivals)
        for name, found in came.items():
            self.tables[name] |= found
        for arrival in arrivals:
            table = self.tables[arrival.stream]
            seen = came.get(arrival.stream, {})
            for key in [key for key in table if key not in seen]:
                if _is_gone(arrival, key, table[key]):
                    table[key]["is_deleted"] = True
        for name in lists:
            for key in self.tables[name].keys() - came.get(name, {}).keys():
                self.tables[name][key]["is_deleted"] = True

    def alive(self, stream: str) -> dict[str, Row]:
        """Return the rows of a stream that are not deleted."""
        held = self.tables[stream]
        return {key: row for key, row in held.items() if not row["is_deleted"]}

    def edit(self, kind: str, record_id: str, /, **fields: Any) -> None:
        """Change a record as a person at Stripe's screen would."""
        self.store.update(
            "stripe", kind, record_id, fields, actor="human", request_id="1"
        )

    def documents(self, name: str) -> dict[str, Mapping[str, Any]]:
        """Return what the account holds of an object, by id."""
        return {each["id"]: each for each in self.store.collection("stripe", name)}

    def call(self, method: str, path: str, **form: Any) -> Any:
        """Call Stripe as another program of the company would."""
        headers = {"Authorization": f"Bearer {self.keys.stripe_api_key}"}
        client = httpx.Client(transport=self.transport.inner)
        url = f"https://api.stripe.com/v1/{path}"
        answer = client.request(method, url, data=form or None, headers=headers)
        assert answer.is_success, answer.text
        return answer.json()


def rows(arrivals: Iterable[Arrival]) -> dict[str, dict[str, Row]]:
    """Return what arrived as rows by stream and id; the last one seen of an id."""
    found: dict[str, dict[str, Row]] = {}
    for arrival in arrivals:
        if isinstance(arrival, Batch):
            table, unfit = typed("stripe", STREAMS[arrival.stream], arrival)
            assert unfit == []
            for row in table.to_pylist():
                found.setdefault(arrival.stream, {})[row["id"]] = row
    return found


def _is_gone(arrival: Arrival, key: str, row: Row) -> bool:
    match arrival:
        case Gone(ids=ids):
            return key in ids
        case Children(column=str(column), parents=parents):
            return row[column] in parents
        case Children(column=columns, parents=parents, since=since):
            is_meant = since is None or row[since[0]] >= since[1]
            return is_meant and tuple(row[name] for name in columns) in parents
    return False
