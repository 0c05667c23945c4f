"""Budgets: how many calls were made in a window of time, by the virtual clock.

How many there may be, and what is said when they are spent, is the vendor's business.
"""

from collections import deque

from sandbox.clock import Clock


class FixedWindow:
    """Calls of the window that runs; windows begin at whole multiples of their length.

    So a window of a minute begins when the clock's minute does, and one of a day at
    midnight UTC.
    """

    def __init__(self, clock: Clock, seconds: int) -> None:
        """Count by this clock."""
        self._clock = clock
        self._seconds = seconds
        self._window = 0
        self._used = 0

    @property
    def used(self) -> int:
        """How many calls were made in the window that runs."""
        window = self._clock.seconds() // self._seconds
        if window != self._window:
            self._window, self._used = window, 0
        return self._used

    @property
    def resets_in(self) -> int:
        """How many seconds are left until the next window begins."""
        return self._seconds - self._clock.seconds() % self._seconds

    def count(self) -> int:
        """Count a call; return how many there are with it."""
        self._used = self.used + 1
        return self._used


class SlidingWindow:
    """Calls of the last so many seconds.

    With a `step`, calls of the same so many seconds are counted together, which keeps
    a window of many calls small.
    """

    def __init__(self, clock: Clock, seconds: float, step: int = 0) -> None:
        """Count by this clock."""
        self._clock = clock
        self._seconds = seconds
        self._step = step
        self._used = 0
        self._calls: deque[tuple[float, int]] = deque()

    @property
    def used(self) -> int:
        """How many calls were made in the window."""
        old = self._now() - self._seconds
        while self._calls and self._calls[0][0] <= old:
            self._used -= self._calls.popleft()[1]
        return self._used

    @property
    def frees_in(self) -> float:
        """How many seconds pass until the oldest call falls out of the window."""
        now = self._now()
        first = self._calls[0][0] if self._calls else now
        return first + self._seconds - now

    def count(self, calls: int = 1) -> None:
        """Count calls."""
        now = self._now()
        before = 0
        if self._calls and self._calls[-1][0] == now:
            before = self._calls.pop()[1]
        self._calls.append((now, before + calls))
        self._used += calls

    def _now(self) -> float:
        if self._step:
            return self._clock.seconds() // self._step * self._step
        return self._clock.now().timestamp()
