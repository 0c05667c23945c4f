"""Test clocks: customers who live in a time of their own, which moves on demand."""

from collections.abc import Callable

from sandbox.collection import column
from sandbox.store import Document
from sandbox.stripe import engine
from sandbox.stripe.books import Books
from sandbox.stripe.customers import living
from sandbox.stripe.parameters import EXPAND, checked, instant, text
from sandbox.stripe.periods import later
from sandbox.stripe.shapes import Params, invalid

NAME = "test_helpers.test_clock"
# docs.stripe.com/api/test_clocks: deleted after 30 days.
LIVES_SECONDS = 30 * 86_400
# docs.stripe.com/billing/testing/test-clocks: two intervals of the shortest
# subscription at a time.
INTERVALS_AT_ONCE = 2
CUSTOMERS = 3  # the same page: up to three customers on a clock


def create(books: Books, given: Params) -> Document:
    """Add a clock that stands at an instant."""
    params = checked(
        given, {**EXPAND, "frozen_time!": instant(), "name": text(longest=300)}
    )
    return books.create(
        {
            "id": books.new_id("clock_"),
            "object": NAME,
            "created": books.now,
            "deletes_after": books.now + LIVES_SECONDS,
            "frozen_time": params["frozen_time"],
            "livemode": False,
            "name": params.get("name"),
            "status": "ready",
            "status_details": {},
        }
    )


def advance(books: Books, given: Params, clock_id: str) -> Document:
    """Begin to move a clock; it is `advancing` until everything due has happened."""
    params = checked(given, {**EXPAND, "frozen_time!": instant()})
    clock = books.need(NAME, clock_id)
    target = params["frozen_time"]
    if clock["status"] != "ready":
        sentence = "The test clock is currently advancing; wait until it is ready."
        raise invalid(sentence, code="test_clock_advancing")
    if target <= clock["frozen_time"]:
        sentence = "Invalid frozen_time: a test clock can only move forward."
        raise invalid(sentence, "frozen_time")
    furthest = _furthest(books, clock)
    if target > furthest:
        sentence = (
            "Cannot advance test clock more than two intervals of the shortest "
            f"subscription at a time: up to {furthest}."
        )
        raise invalid(sentence, "frozen_time")
    wait = float(books.condition("clock_seconds", 0))
    return books.update(
        clock,
        frozen_time=target,
        status="advancing",
        status_details={"advancing": {"target_frozen_time": target}},
        _time=clock["frozen_time"],
        _ready_at=books.now + int(wait),
    )


def _furthest(books: Books, clock: Document) -> int:
    start = clock["frozen_time"]
    ends = [
        later(
            start,
            item["price"]["recurring"]["interval"],
            INTERVALS_AT_ONCE * item["price"]["recurring"].get("interval_count", 1),
        )
        for subscription in books.find("subscription", test_clock=clock["id"])
        if subscription["status"] not in ("canceled", "incomplete_expired")
        for item in subscription["items"]["data"]
    ]
    return min(ends, default=later(start, "year", INTERVALS_AT_ONCE))


def settle(books: Books) -> None:
    """Finish the clocks that are under way and whose time has come."""
    for clock in books.table(NAME).find(
        f"{column('status')} = 'advancing' and {column('_ready_at')} <= ?", (books.now,)
    ):
        engine.run(books, clock["id"], clock["frozen_time"], _ticker(books, clock))
        done = {**books.need(NAME, clock["id"])}
        books.update(done, status="ready", status_details={}, _time=done["frozen_time"])


def _ticker(books: Books, clock: Document) -> Callable[[int], None]:
    def tick(at: int) -> None:
        held = books.need(NAME, clock["id"])
        # The clock's own paper, not a change that anybody is told of.
        books.keep(NAME, held | {"_time": at})

    return tick


def delete(books: Books, given: Params, clock_id: str) -> Document:
    """Delete a clock with all of its customers."""
    checked(given, {})
    clock = books.need(NAME, clock_id)
    for customer in books.find("customer", test_clock=clock_id):
        gone = living(books, customer["id"])
        for subscription in books.find("subscription", customer=gone["id"]):
            books.delete(subscription)
        books.keep("_deleted", dict(books.delete(gone)))
    return books.delete(clock)
