"""Business Central under load: turns, refusals, a replica that is behind, counts."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest

from sandbox.business_central.books import Books
from sandbox.business_central.turns import Turns
from sandbox.clock import Clock
from sandbox.credentials import Credentials
from sandbox.store import Store
from sandbox.wire import Refusal

BUSY = "Too many requests reached. Actual (101). Maximum (100)."
READ_ONLY = {"Data-Access-Intent": "ReadOnly"}
CUSTOMER = "/customers(00000001-0000-0000-0000-000000000001)"
Answers = list[httpx.Response]


@pytest.fixture
def at_once(erp: Any) -> Callable[[int], Answers]:
    """Return what sends so many requests before the first is answered."""

    async def sent(count: int) -> Answers:
        transport = httpx.ASGITransport(erp.doors.running.app)
        async with httpx.AsyncClient(
            transport=transport,
            base_url="https://api.businesscentral.dynamics.com",
            headers=erp.client.headers,
        ) as client:
            calls = [client.get(erp.url("/items/$count")) for _ in range(count)]
            return list(await asyncio.gather(*calls))

    return lambda count: asyncio.run(sent(count))


def test_a_hundred_requests_are_taken_and_the_next_is_refused(
    erp: Any, at_once: Callable[[int], Answers]
) -> None:
    """Five are worked on and 95 wait; what comes then is told how many are there."""
    erp.conditions(seconds_per_request=0.001)

    answers = at_once(103)

    statuses = Counter(each.status_code for each in answers)
    assert statuses == {200: 100, 429: 3}
    refused = [each.json()["error"] for each in answers if each.status_code == 429]
    assert {each["code"] for each in refused} == {"Application_TooManyRequests"}
    assert all(each["message"].startswith(BUSY) for each in refused)
    assert erp.get("/items").status_code == 200


@pytest.mark.parametrize(
    ("concurrent", "queue", "answered"), [(1, 0, 1), (2, 3, 5), (5, 0, 5), (8, 95, 10)]
)
def test_the_limits_are_conditions(
    erp: Any,
    at_once: Callable[[int], Answers],
    concurrent: int,
    queue: int,
    answered: int,
) -> None:
    """As many are answered as may be worked on and wait."""
    erp.conditions(
        seconds_per_request=0.001, concurrent_limit=concurrent, queue_limit=queue
    )

    statuses = Counter(each.status_code for each in at_once(10))

    assert statuses[200] == answered
    assert statuses[429] == 10 - answered


class Room:
    """Two may be worked on and two may wait; who is inside goes when told to."""

    def __init__(self, keys: Credentials) -> None:
        """Open it; nobody is there."""
        clock = Clock()
        store = Store({}, clock)
        limits = {"concurrent_limit": 2, "queue_limit": 2}
        store.set_conditions({"business_central": limits})
        self.turns = Turns(Books(store, clock, keys))
        self.inside: list[str] = []
        self.doors: dict[str, asyncio.Event] = {}
        # What happens when one has left, before anybody else does anything.
        self.afterwards: dict[str, Callable[[], object]] = {}

    def come(self, name: str) -> asyncio.Task[None]:
        """Begin a request."""
        self.doors[name] = asyncio.Event()
        return asyncio.create_task(self._work(name))

    async def _work(self, name: str) -> None:
        async with self.turns.turn():
            self.inside.append(name)
            try:
                await self.doors[name].wait()
            finally:
                self.inside.remove(name)
        self.afterwards.get(name, str)()

    async def settle(self) -> list[str]:
        """Let all do what they can do now; return who is inside."""
        for _ in range(5):
            await asyncio.sleep(0)
        return [*self.inside]


def in_room(keys: Credentials, story: Callable[[Room], Awaitable[None]]) -> None:
    """Tell what happens in a room of its own."""

    async def told() -> None:
        await story(Room(keys))

    asyncio.run(told())


def test_a_turn_goes_to_whoever_has_waited_longest(keys: Credentials) -> None:
    """Never more inside than may be, and in the order in which they came."""

    async def story(room: Room) -> None:
        for name in "abcd":
            room.come(name)
        assert await room.settle() == ["a", "b"]
        room.doors["b"].set()
        assert await room.settle() == ["a", "c"]
        room.doors["a"].set()
        room.doors["c"].set()
        assert await room.settle() == ["d"]
        room.come("e")
        assert await room.settle() == ["d", "e"]

    in_room(keys, story)


def test_whoever_gives_up_waiting_leaves_room(keys: Credentials) -> None:
    """A place in the queue is free again, and nobody's turn is lost with it."""

    async def story(room: Room) -> None:
        tasks = {name: room.come(name) for name in "abcd"}
        await room.settle()
        with pytest.raises(Refusal):
            await room.come("e")
        tasks["c"].cancel()
        await room.settle()
        room.come("f")
        room.doors["a"].set()
        assert await room.settle() == ["b", "d"]
        room.doors["b"].set()
        assert await room.settle() == ["d", "f"]

    in_room(keys, story)


def test_a_turn_that_came_too_late_goes_on(keys: Credentials) -> None:
    """Who gives up in the moment of being called passes the turn to the next."""

    async def story(room: Room) -> None:
        tasks = {name: room.come(name) for name in "abcd"}
        await room.settle()
        room.afterwards["a"] = tasks["c"].cancel
        room.doors["a"].set()
        assert await room.settle() == ["b", "d"]

    in_room(keys, story)


def test_what_takes_longer_than_eight_minutes_is_ended(erp: Any) -> None:
    """An operation that is ended answers 408; nobody waits for it."""
    erp.conditions(seconds_per_request=481)

    refused = erp.get("/customers")
    erp.conditions(seconds_per_request=None)

    assert refused.status_code == 408
    assert refused.json()["error"]["code"] == "Application_OperationTimeout"
    assert erp.get("/customers").status_code == 200


@pytest.mark.parametrize(
    ("path", "options", "number"),
    [
        ("/customers/$count", {}, "5"),
        ("/customers/$count", {"filter": "balance ge 31.5"}, "3"),
        ("/customers/$count", {"filter": "balance ge 31.5", "top": 1, "skip": 1}, "3"),
        ("/customers/$count", {"filter": "number eq 'X'"}, "0"),
        (f"{CUSTOMER}/salesInvoices/$count", {}, "0"),
        ("/vendors/$count", {}, "0"),
        ("/items/$count", {"orderby": "number"}, "1"),
        ("/generalLedgerEntries/$count", {}, "0"),
    ],
)
def test_a_set_says_how_many_it_has(
    reading: Any, path: str, options: dict[str, Any], number: str
) -> None:
    """The number alone, as text; a filter counts, a page does not."""
    response = reading.get(path, **options)

    assert (response.status_code, response.text) == (200, number)
    assert response.headers["content-type"].partition(";")[0] == "text/plain"
    assert response.headers["odata-version"] == "4.0"


def test_the_companies_are_counted_too(reading: Any) -> None:
    """Every entity set has its `$count`, that of the companies as well."""
    url = reading.url().rpartition("(")[0]

    assert reading.client.get(f"{url}/$count").text == "2"


def test_a_batch_counts(reading: Any) -> None:
    """In a batch a text is a JSON string."""
    company = reading.url().rpartition("/api/v2.0/")[2]

    (answer,) = reading.batch({"method": "GET", "url": f"{company}/customers/$count"})

    assert (answer["status"], answer["body"]) == (200, "5")
    assert answer["headers"]["Content-Type"] == "text/plain"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("POST", "/customers/$count", 405),
        ("PATCH", "/customers/$count", 405),
        ("GET", f"{CUSTOMER}/$count", 404),
        ("GET", "/customers/$count/$count", 404),
        ("GET", "/nothing/$count", 404),
        ("GET", "/$count", 404),
        ("GET", "/customers/$count?$filter=nope eq 1", 400),
    ],
)
def test_what_cannot_be_counted_is_refused(
    reading: Any, method: str, path: str, status: int
) -> None:
    """Not a record, not by another method, not by an unknown property."""
    response = reading.client.request(method, reading.url(path))

    assert response.status_code == status
    assert set(response.json()["error"]) == {"code", "message"}


def test_who_only_reads_may_see_an_older_state(erp: Any) -> None:
    """The replica shows a write after the lag; whoever does not ask for it, at once."""
    erp.conditions(replica_lag_seconds=30)
    tag = erp.get(CUSTOMER).json()["@odata.etag"]

    def seen(path: str, **options: str) -> Any:
        query = {f"${name}": value for name, value in options.items()}
        return erp.client.get(erp.url(path), params=query, headers=READ_ONLY)

    erp.patch(CUSTOMER, tag, displayName="Other")
    erp.post("/customers", {"displayName": "New"})
    renamed = "displayName eq 'Other'"
    behind = (
        seen(CUSTOMER).json()["displayName"],
        seen("/customers/$count").text,
        len(seen("/customers", filter=renamed).json()["value"]),
        seen("/customers", count="true").json()["@odata.count"],
    )
    newest = (
        erp.get(CUSTOMER).json()["displayName"],
        erp.get("/customers/$count").text,
        len(erp.values("/customers", filter=renamed)),
        erp.get("/customers", count="true").json()["@odata.count"],
    )
    erp.doors.clock.advance(31)
    arrived = (seen(CUSTOMER).json()["displayName"], seen("/customers/$count").text)

    assert behind == ("Customer 1", "5", 0, 5)
    assert newest == ("Other", "6", 1, 6)
    assert arrived == ("Other", "6")


def test_a_replica_expands_what_it_holds(erp: Any) -> None:
    """A new document and its lines arrive together; links lead to the older state."""
    erp.conditions(replica_lag_seconds=30)
    draft = erp.post(
        "/salesInvoices", {"customerId": CUSTOMER.partition("(")[2][:-1]}
    ).json()
    line = {"quantity": 1, "unitPrice": 5, "description": "x", "lineType": "Comment"}
    erp.post(f"/salesInvoices({draft['id']})/salesInvoiceLines", line)

    def lines() -> list[int]:
        page = erp.client.get(
            erp.url("/salesInvoices?$expand=salesInvoiceLines"), headers=READ_ONLY
        )
        return [len(each["salesInvoiceLines"]) for each in page.json()["value"]]

    follow = f"/salesInvoices({draft['id']})/salesInvoiceLines"
    behind = lines(), erp.client.get(erp.url(follow), headers=READ_ONLY).status_code
    erp.doors.clock.advance(31)
    arrived = lines(), erp.client.get(erp.url(follow), headers=READ_ONLY).status_code

    assert behind == ([], 404)
    assert arrived == ([1], 200)


def test_without_the_condition_a_replica_is_never_behind(erp: Any) -> None:
    """The header alone changes nothing."""
    tag = erp.get(CUSTOMER).json()["@odata.etag"]

    erp.patch(CUSTOMER, tag, displayName="Other")
    seen = erp.client.get(erp.url(CUSTOMER), headers=READ_ONLY).json()

    assert seen["displayName"] == "Other"


@pytest.mark.parametrize(
    ("status", "code", "words"),
    [
        (429, "Application_TooManyRequests", BUSY),
        (503, "Internal_ServiceUnavailable", "The service is temporarily unavailable"),
        (504, "Internal_GatewayTimeout", "The request took longer than 10 minutes"),
        (408, "Application_OperationTimeout", "The request timed out"),
        (
            500,
            "Internal_ServerError",
            "Cannot establish a connection to the SQL Server",
        ),
    ],
)
def test_a_planned_failure_is_said_in_the_vendor_s_words(
    erp: Any, status: int, code: str, words: str
) -> None:
    """OData's error with a code of the vendor's families, and nothing of ours."""
    fault = {"system": "business_central", "kind": "status", "status": status}
    erp.doors.control("faults", [fault])

    spoiled = erp.get("/customers")
    after = erp.get("/customers")

    assert spoiled.status_code == status
    error = spoiled.json()["error"]
    assert (error["code"], error["message"].startswith(words)) == (code, True)
    assert "CorrelationId" in error["message"]
    assert "sandbox" not in spoiled.text
    assert after.status_code == 200
