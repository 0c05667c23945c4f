"""Patience: how often failed reads are asked again, and when to leave an object alone.

A system that is not well is not helped by being asked twice as often. Repeated reads
are paid from what good calls have saved; an object that keeps failing rests.
"""

from collections import Counter

# The share of all calls that may be repetitions.
EXTRA_SHARE = 0.1
# What a beginner may spend before it has saved: two reads with all their attempts.
_SAVED_AT_START = 10.0
# A long good time does not pay for an outage without end.
_SAVED_AT_MOST = 100.0
# An object that failed so often in a row rests for a while; then one call finds out.
BREAKS_AFTER = 10
RESTS_SECONDS = 30.0


class Patience:
    """The patience with one credential; not safe by itself, its budget locks."""

    def __init__(self) -> None:
        """Begin with the patience of a beginner."""
        self._saved = _SAVED_AT_START
        self._failures: Counter[str] = Counter()
        self._rests_until: dict[str, float] = {}

    def answered(self, endpoint: str) -> None:
        """Note a call that was answered as it should be."""
        self._saved = min(self._saved + EXTRA_SHARE, _SAVED_AT_MOST)
        self._failures.pop(endpoint, None)
        self._rests_until.pop(endpoint, None)

    def failed(self, endpoint: str, now: float) -> None:
        """Note a call that the system could not answer."""
        self._failures[endpoint] += 1
        if self._failures[endpoint] >= BREAKS_AFTER:
            self._rests_until[endpoint] = now + RESTS_SECONDS

    def rest_of(self, endpoint: str, now: float) -> float:
        """Return for how many seconds an object is to be left alone.

        When the rest is over, one call is let through; the others wait for what
        becomes of it.
        """
        left = self._rests_until.get(endpoint, now) - now
        if left <= 0 and endpoint in self._rests_until:
            self._rests_until[endpoint] = now + RESTS_SECONDS
        return max(left, 0.0)

    def spend(self) -> bool:
        """Pay for a repetition; False where nothing is left to pay with."""
        if self._saved < 1:
            return False
        self._saved -= 1
        return True
