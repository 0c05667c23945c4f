"""Windows: how many calls a vendor takes in which time, and how many are left."""

import math
from collections import deque
from dataclasses import dataclass

from ingestion.transport.signals import Allowance

# A request reaches the vendor at the latest so long after it was sent, or when it was
# answered: only then does it leave a window. Earlier, a slow one and 25 quick ones
# would meet in one second of the vendor's. Walks side by side hold each other up for
# tenths of a second on a busy machine.
_ON_THE_WAY_SECONDS = 1.0
# What a sliding window's header said is believed so long; then a call asks anew.
_BELIEVED_SECONDS = 300.0
# Two headers speak of the same window when its end differs by no more than rounding.
_ROUNDING_SECONDS = 1.5


@dataclass(frozen=True, slots=True)
class Window:
    """A documented limit.

    Attributes:
        name: what headers and people call it.
        calls: how many calls it takes, until a header tells another number.
        seconds: how long it is.
        source: where the vendor documents the figure.
        paths: a regular expression of the paths that count; all where it is empty.
        for_each: whether every endpoint is counted by itself.
        reserve: the share that reads leave to others: to writes, to colleagues.
    """

    name: str
    calls: int
    seconds: float
    source: str
    paths: str = ""
    for_each: bool = False
    reserve: float = 0.0


@dataclass(slots=True)
class Passage:
    """A call: when it was sent; once it ended, when it arrived at the latest."""

    at: float


class Count:
    """The calls of one window; not safe by itself, its budget locks."""

    def __init__(self, window: Window) -> None:
        """Begin with none."""
        self.window = window
        self._total = window.calls
        self._log: deque[Passage] = deque()
        self._flying = 0
        self._left: int | None = None  # as a header said, until `_until`
        self._until = 0.0
        self._resets = False

    def wait(self, now: float, *, wrote: bool) -> float:
        """Return the seconds until one more call may go; writes may use the reserve."""
        self._forget(now)
        kept = 0 if wrote else math.ceil(self._total * self.window.reserve)
        if self._left is not None and self._left - self._flying <= kept:
            return self._until - now
        if self._resets:  # the vendor's own count decides
            return 0.0
        most = max(self._total - kept, 1)
        if len(self._log) < most:
            return 0.0
        return self._log[-most].at + self.window.seconds - now

    def take(self, now: float) -> Passage:
        """Count a call that goes now."""
        passage = Passage(now)
        self._log.append(passage)
        self._flying += 1
        return passage

    def done(self, passage: Passage, now: float) -> None:
        """Note that a call ended, well or not."""
        passage.at = min(now, passage.at + _ON_THE_WAY_SECONDS)
        self._flying -= 1
        if self._left is not None:
            self._left = max(self._left - 1, 0)

    def told(self, allowance: Allowance, now: float) -> None:
        """Believe what a header says of this window."""
        if allowance.total:
            self._total = allowance.total
        believed = min(self.window.seconds, _BELIEVED_SECONDS)
        resets = allowance.resets is not None
        until = now + (believed if allowance.resets is None else allowance.resets)
        left = allowance.remaining
        same = resets and abs(until - self._until) < _ROUNDING_SECONDS
        if same and self._left is not None and now < self._until:
            # Answers overtake each other: the smaller number is the later one.
            left, until = min(left, self._left), min(until, self._until)
        self._left, self._until, self._resets = left, until, resets

    def _forget(self, now: float) -> None:
        """Drop what no longer counts."""
        oldest = now - self.window.seconds
        if self._left is not None and now >= self._until:
            if self._resets:
                oldest = max(oldest, self._until)
            self._left, self._resets = None, False
        while self._log and self._log[0].at <= oldest:
            self._log.popleft()
