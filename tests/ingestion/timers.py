"""A timer that tests move: pauses take no time, and are noted."""

import threading


class Virtual:
    """Time that passes only by pauses and by `passes`."""

    def __init__(self) -> None:
        """Begin at zero."""
        self.pauses: list[float] = []
        self._now = 0.0
        self._lock = threading.Lock()

    def now(self) -> float:
        """Tell the seconds that have passed."""
        return self._now

    def pause(self, seconds: float) -> None:
        """Let the time pass and note it."""
        if seconds > 0:
            self.pauses.append(seconds)
        self.passes(seconds)

    def passes(self, seconds: float) -> None:
        """Let time pass without anybody pausing."""
        with self._lock:
            self._now += seconds
