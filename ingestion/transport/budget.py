"""Budget: when a call may go, so that a vendor's limits are approached, not overshot.

All clients of one credential in this process share one budget: the vendor counts them
together. It knows the documented windows, believes the vendor's headers, waits where
the vendor asked for a pause, and sends fewer calls at once when the system suffers.
"""

import hashlib
import re
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Protocol

from ingestion.errors import Transient
from ingestion.transport.patience import Patience
from ingestion.transport.signals import allowances
from ingestion.transport.windows import Count, Passage, Window

# A wait for a window: the longest one that is not a day's is five minutes long.
_LONGEST_TURN_SECONDS = 300.0
# A system that asks for a longer pause than this gets it from the schedule.
LONGEST_PAUSE_SECONDS = 60.0
# Whatever was asked for, after an hour a call finds out whether it still holds.
_PAUSE_AT_MOST_SECONDS = 3600.0
# An answer that took so much longer than usual says that the system is busy; shorter
# ones than a second say nothing.
_SLOW_FACTOR, _SLOW_SECONDS = 4.0, 1.0


class Timer(Protocol):
    """Tells how time passes, and waits."""

    def now(self) -> float:
        """Return seconds since some moment; never goes back."""

    def pause(self, seconds: float) -> None:
        """Wait so long."""


class Wall:
    """The machine's own time."""

    now = staticmethod(time.monotonic)
    pause = staticmethod(time.sleep)


WALL: Timer = Wall()


@dataclass(frozen=True, slots=True)
class Limits:
    """A system's documented limits.

    Attributes:
        windows: how many calls in which time.
        concurrency: how many at once for the whole account.
        source: where the vendor documents that, or why we chose it.
        reserve: the share of the concurrency that is left to others.
    """

    windows: tuple[Window, ...]
    concurrency: int
    source: str
    reserve: float = 0.2


@dataclass(frozen=True, slots=True)
class Turn:
    """A call that may go, until it is `done`."""

    endpoint: str
    sent_at: float
    passages: tuple[tuple[Count, Passage], ...]


class Budget:
    """One credential's calls, for all threads."""

    def __init__(self, system: str, limits: Limits, timer: Timer = WALL) -> None:
        """Begin with nothing spent."""
        self.system = system
        self.limits = limits
        self._timer = timer
        self._turns = threading.Condition()
        self._counts: dict[tuple[str, str], Count] = {}
        self._patience = Patience()
        self._most = max(1.0, float(int(limits.concurrency * (1 - limits.reserve))))
        self._at_once = self._most
        self._flying = 0
        self._cut_at = 0.0
        self._usual: float | None = None
        self._paused_until = 0.0

    @property
    def at_once(self) -> int:
        """Return how many calls may be on their way at the same time, as of now."""
        return int(self._at_once)

    @property
    def flying(self) -> int:
        """Return how many calls are on their way."""
        return self._flying

    def admit(self, endpoint: str, path: str, *, wrote: bool) -> Turn:
        """Wait until a call may go, and count it.

        Raises:
            Transient: nothing is to be sent for longer than a run can wait, or this
                object has been failing and rests.
        """
        rested = wrote  # a write is not held back: whoever sends it counts strikes
        while True:
            with self._turns:
                self._turns.wait_for(lambda: self._flying < self.at_once)
                now = self._timer.now()
                if not rested:
                    self._insist(endpoint, now)
                    rested = True
                wait, counts = self._wait(endpoint, path, now, wrote=wrote)
                if wait <= 0:
                    self._flying += 1
                    taken = tuple((count, count.take(now)) for count in counts)
                    return Turn(endpoint, now, taken)
            self._timer.pause(wait)

    def done(self, turn: Turn, status: int | None, headers: Mapping[str, str]) -> None:
        """Note how a call ended: its status, None without one, and what it told."""
        with self._turns:
            now = self._timer.now()
            self._flying -= 1
            for count, passage in turn.passages:
                count.done(passage, now)
            for allowance in allowances(headers):
                for count, _ in turn.passages:
                    if count.window.name == allowance.window:
                        count.told(allowance, now)
            self._adapt(turn, status, now)
            if status is None or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
                self._patience.failed(turn.endpoint, now)
            elif status != HTTPStatus.TOO_MANY_REQUESTS:
                self._patience.answered(turn.endpoint)
            self._turns.notify_all()

    def pause_for(self, seconds: float) -> None:
        """Let nobody send for so long: the vendor asked for it."""
        with self._turns:
            until = self._timer.now() + min(seconds, _PAUSE_AT_MOST_SECONDS)
            self._paused_until = max(self._paused_until, until)

    def may_repeat(self) -> bool:
        """Say whether a failed read may be asked again, and pay for it."""
        with self._turns:
            return self._patience.spend()

    def _insist(self, endpoint: str, now: float) -> None:
        rest = self._patience.rest_of(endpoint, now)
        if rest > 0:
            raise Transient(
                self.system,
                f"{endpoint} failed too often in a row and is left alone for"
                f" {rest:.0f} s",
                retry_after=rest,
            )

    def _wait(
        self, endpoint: str, path: str, now: float, *, wrote: bool
    ) -> tuple[float, list[Count]]:
        pause = self._paused_until - now
        if pause > LONGEST_PAUSE_SECONDS:
            raise Transient(
                self.system, "the system asked for a pause", retry_after=pause
            )
        counts = self._counted(endpoint, path)
        longest = max(pause, 0.0)
        for count in counts:
            wait = count.wait(now, wrote=wrote)
            if wait > _LONGEST_TURN_SECONDS or (
                wait > 0 and count.window.seconds > _LONGEST_TURN_SECONDS
            ):
                kept = "" if wrote else ", save those that are kept for others"
                raise Transient(
                    self.system,
                    f"the calls of the {count.window.name} are spent{kept}",
                    retry_after=wait,
                )
            longest = max(longest, wait)
        return longest, counts

    def _counted(self, endpoint: str, path: str) -> list[Count]:
        counts = []
        for window in self.limits.windows:
            if window.paths and not re.search(window.paths, path):
                continue
            key = (window.name, endpoint if window.for_each else "")
            if key not in self._counts:
                self._counts[key] = Count(window)
            counts.append(self._counts[key])
        return counts

    def _adapt(self, turn: Turn, status: int | None, now: float) -> None:
        """Send fewer at once when the system suffers, slowly more when it is well."""
        took = now - turn.sent_at
        usual = took if self._usual is None else self._usual
        suffers = status in (
            HTTPStatus.TOO_MANY_REQUESTS,
            HTTPStatus.SERVICE_UNAVAILABLE,
        )
        slow = took > _SLOW_SECONDS and took > _SLOW_FACTOR * usual
        # What left before the last cut says nothing about its effect.
        if (suffers or slow) and turn.sent_at >= self._cut_at:
            self._at_once = max(1.0, self._at_once * (0.5 if suffers else 0.9))
            self._cut_at = now
        elif not suffers and not slow and status is not None:
            self._at_once = min(self._most, self._at_once + 1 / self._at_once)
            self._usual = 0.9 * usual + 0.1 * took


_budgets: dict[str, Budget] = {}
_making = threading.Lock()


def shared(system: str, limits: Limits, *identity: str) -> Budget:
    """Return the budget of a credential in this process.

    `identity` tells credentials apart: the address, the way to it, the credential. It
    is kept as a hash only.
    """
    text = "\0".join((system, *identity))
    key = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
    with _making:
        if key not in _budgets:
            _budgets[key] = Budget(system, limits)
        return _budgets[key]
