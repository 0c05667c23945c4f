"""Passing: time that nobody waits for, for the product and the vendor alike."""

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from ingestion.transport.budget import Budget
from sandbox.clock import Clock

# For so long those who wait let others do what they can in the same moment.
_A_MOMENT = 0.002


@dataclass
class Time:
    """The product's time: a pause takes none, and the vendor's clock moves along.

    Threads that wait at once wait for the same time, which moves to the end of the
    shortest wait once no call is on its way: it would reach the vendor later than sent.
    """

    clock: Clock
    pauses: list[float] = field(default_factory=list)
    skipped: float = 0.0
    waiting: list[float] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)
    budgets: Mapping[str, Budget] = field(default_factory=dict)

    def now(self) -> float:
        """Tell the seconds that have passed."""
        return time.monotonic() + self.skipped

    def pause(self, seconds: float) -> None:
        """Let the time pass, for both sides."""
        if seconds <= 0:
            return
        with self.lock:
            until = self.now() + seconds
            self.pauses.append(seconds)
            self.waiting.append(until)
        while True:
            time.sleep(_A_MOMENT)
            with self.lock:
                left = until - self.now()
                if left > 0 and (until > min(self.waiting) or self._is_calling()):
                    continue
                self.skipped += max(left, 0.0)
                self.clock.advance(max(left, 0.0))
                self.waiting.remove(until)
                return

    def _is_calling(self) -> bool:
        return any(each.flying for each in self.budgets.values())
