"""Webhooks: how a vendor's messages reach whoever subscribed, and how they do not.

Every vendor promises at least one delivery and no order. Without faults ours arrive
once and in order; the condition `webhook_faults` of a system, such as
`{"seed": 1, "duplicate": 0.1, "lose": 0.1, "reorder": 0.1}`, spoils them by rate, the
same ones for the same seed.

Only loopback addresses are called. What is not delivered when the sandbox stops is
lost, as it is with a vendor whose retries ran out: a reader's sweep must find it.
"""

import asyncio
import ipaddress
import logging
import random
from collections import Counter, defaultdict
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

import httpx

from sandbox.store import Store

log = logging.getLogger("sandbox")

# Vendors go on for hours or days; a receiver on the same machine is back within
# seconds. The condition `webhook_retry_seconds` of a system changes the pauses.
RETRY_AFTER_SECONDS = (0.2, 1.0, 5.0)
TIMEOUT_SECONDS = 5.0
HELD_SECONDS = 1.0  # a message held back goes out after the next one, or then

Sign = Callable[[bytes], Mapping[str, str]]
Result = Callable[[int | None], None]


def is_loopback(url: str) -> bool:
    """Say whether an address stays on this machine; the sandbox calls no other."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        if parts.scheme != "http" or not parts.port:
            return False
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


@dataclass(frozen=True, slots=True)
class Message:
    """One delivery: `sign` makes the headers anew for every attempt."""

    system: str
    url: str
    body: bytes
    sign: Sign
    result: Result | None = None


class Webhooks:
    """The post office of all vendors."""

    def __init__(self, store: Store) -> None:
        """Deliver once `start` was called; until then messages wait."""
        self.store = store
        self._loop: asyncio.AbstractEventLoop | None = None
        self._waiting: list[Message] = []
        self._lanes: dict[str, asyncio.Queue[Message]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._sent: Counter[str] = Counter()
        self._held: dict[str, list[Message]] = defaultdict(list)
        self._client: httpx.AsyncClient | None = None

    async def start(self) -> None:
        """Begin to deliver on the running event loop."""
        self._loop = asyncio.get_running_loop()
        self._client = httpx.AsyncClient(trust_env=False, timeout=TIMEOUT_SECONDS)
        waiting, self._waiting = self._waiting, []
        for message in waiting:
            self._spoil(message)

    async def close(self) -> None:
        """Give up what is not delivered yet."""
        self._loop = None
        for task in self._tasks:
            task.cancel()
        if self._client is not None:
            await self._client.aclose()

    def post(
        self,
        system: str,
        url: str,
        body: bytes,
        sign: Sign,
        result: Result | None = None,
    ) -> None:
        """Send a message; may be called from any thread.

        Args:
            system: the vendor whose conditions spoil the delivery.
            url: of the receiver. ValueError if it isn't on this machine.
            body: the bytes that were signed.
            sign: returns the headers of an attempt, signature included.
            result: is told the status of each attempt, none if nobody answered.
        """
        if not is_loopback(url):
            raise ValueError(f"the sandbox delivers on this machine only, not to {url}")
        message = Message(system, url, body, sign, result)
        if self._loop is None:
            self._waiting.append(message)
        else:
            self._loop.call_soon_threadsafe(self._spoil, message)

    def _spoil(self, message: Message) -> None:
        """Lose, repeat or hold back a message, by the seed and its number."""
        system = message.system
        rates = self.store.condition(system, "webhook_faults", {})
        self._sent[system] += 1
        chance = random.Random(
            f"{rates.get('seed', 0)}:webhooks:{system}:{self._sent[system]}"
        )
        lost, repeated, held = (
            chance.random() < float(rates.get(kind, 0))
            for kind in ("lose", "duplicate", "reorder")
        )
        if lost:
            return
        before = self._held.pop(system, [])
        if held and not before:
            self._held[system] = [message]
            self._later(HELD_SECONDS, system)
            return
        for each in (message, *([message] if repeated else ()), *before):
            self._enqueue(each)

    def _later(self, seconds: float, system: str) -> None:
        def release() -> None:
            for message in self._held.pop(system, []):
                self._enqueue(message)

        asyncio.get_running_loop().call_later(seconds, release)

    def _enqueue(self, message: Message) -> None:
        lane = self._lanes.get(message.url)
        if lane is None:
            lane = self._lanes[message.url] = asyncio.Queue()
            self._begin(self._serve(lane))
        lane.put_nowait(message)

    def _begin(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, lane: asyncio.Queue[Message]) -> None:
        """Make first attempts one after the other; a failed one retries beside them."""
        while True:
            message = await lane.get()
            if not await self._attempt(message):
                self._begin(self._retry(message))

    async def _retry(self, message: Message) -> None:
        pauses = self.store.condition(
            message.system, "webhook_retry_seconds", RETRY_AFTER_SECONDS
        )
        for pause in pauses:
            await asyncio.sleep(float(pause))
            if await self._attempt(message):
                return
        log.warning("no answer from the webhook receiver %s", message.url)

    async def _attempt(self, message: Message) -> bool:
        assert self._client is not None  # noqa: S101 -- start made it
        headers = {"Content-Type": "application/json", **message.sign(message.body)}
        try:
            response = await self._client.post(
                message.url, content=message.body, headers=headers
            )
        except httpx.HTTPError:
            status = None
        else:
            status = response.status_code
        if message.result is not None:
            message.result(status)
        return status is not None and 200 <= status < 300
