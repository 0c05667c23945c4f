"""Clock: the sandbox's one idea of now, which tests may set and move."""

import time
from datetime import UTC, datetime, timedelta

# Vendors write instants ahead of now: a clock must not come near the last one.
END = datetime(9000, 1, 1, tzinfo=UTC)


class Clock:
    """The time at which the vendors believe they work.

    Without a start it is the wall's time. With a start it begins there and, unless
    `running` is false, goes on at the wall's pace.
    """

    def __init__(self, start: datetime | None = None, *, running: bool = True) -> None:
        """Begin at `start`, an instant with a time zone, or now.

        ValueError if that is later than END.
        """
        self._start = (start or datetime.now(UTC)).astimezone(UTC)
        if self._start > END:
            raise ValueError(f"A clock ends with the year {END.year}.")
        self._running = running
        self._began = time.monotonic()
        self._moved = timedelta()

    @property
    def runs(self) -> bool:
        """Whether it goes on by itself; a clock that stands moves only on demand."""
        return self._running

    def now(self) -> datetime:
        """Return the present instant in UTC."""
        passed = time.monotonic() - self._began if self._running else 0.0
        return self._start + self._moved + timedelta(seconds=passed)

    def seconds(self) -> int:
        """Return the present instant in whole seconds since 1970."""
        return int(self.now().timestamp())

    def advance(self, seconds: float) -> None:
        """Move the clock forward; it never goes back."""
        if seconds < 0:
            raise ValueError("A clock does not run backwards.")
        if seconds > (END - self.now()).total_seconds():
            raise ValueError(f"A clock ends with the year {END.year}.")
        self._moved += timedelta(seconds=seconds)


def wall_seconds() -> int:
    """Return the wall's time in whole seconds since 1970.

    Signatures and signed assertions are checked by people outside the sandbox, who
    know nothing of its clock.
    """
    return int(time.time())
