"""Business Central's turns: how many requests are worked on, how many wait.

learn.microsoft.com, operational limits: 5 requests of OData at the same time; up to 95
more wait for their turn; with that many there, the next one is refused.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sandbox.business_central.books import Books
from sandbox.business_central.shapes import refuse, too_many
from sandbox.wire import Refusal

CONCURRENT_REQUESTS = 5
QUEUED_REQUESTS = 95
# The same page: what takes longer than 8 minutes is ended.
OPERATION_SECONDS = 8 * 60


class Turns:
    """The requests of the one user that the sandbox has: the group's own client."""

    def __init__(self, books: Books) -> None:
        """Read the limits from the conditions of these books."""
        self.books = books
        self._working = 0
        self._waiting: deque[asyncio.Future[None]] = deque()

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Let the block be one of those that are worked on.

        Raises:
            Refusal: too many wait already, or the request takes too long.
        """
        await self._enter()
        try:
            await self._work()
            yield
        finally:
            self._leave()

    async def _enter(self) -> None:
        limit = self.books.condition("concurrent_limit", CONCURRENT_REQUESTS)
        most = max(1, int(limit))
        room = int(self.books.condition("queue_limit", QUEUED_REQUESTS))
        if self._working < most:
            self._working += 1
            return
        here = self._working + len(self._waiting)
        if len(self._waiting) >= room:
            raise Refusal(too_many(here + 1, here))
        place: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(place)
        try:
            await place
        except asyncio.CancelledError:
            if not place.cancelled():  # its turn came while it went away
                self._leave()
            elif place in self._waiting:
                self._waiting.remove(place)
            raise

    async def _work(self) -> None:
        # Our answers take milliseconds: a test that wants to see requests overlap
        # makes them slow.
        seconds = float(self.books.condition("seconds_per_request", 0))
        if seconds > OPERATION_SECONDS:
            raise Refusal(refuse(408, ""))
        if seconds:
            await asyncio.sleep(seconds)

    def _leave(self) -> None:
        """Give the turn to whoever has waited longest."""
        while self._waiting:
            place = self._waiting.popleft()
            if not place.done():
                place.set_result(None)
                return
        self._working -= 1
