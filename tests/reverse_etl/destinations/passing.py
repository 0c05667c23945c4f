"""Passing: one time for the engine, the rate limit and the vendor, moved by waits."""

from tests.reverse_etl.destinations.place import Place


class Passing:
    """The time of all: a wait takes none, and every clock moves on."""

    def __init__(self) -> None:
        """Begin at nought."""
        self.seconds = 0.0
        self.place: Place | None = None

    def now(self) -> float:
        """Tell how many seconds were waited."""
        return self.seconds

    def pause(self, seconds: float) -> None:
        """Let the time pass."""
        self.seconds += seconds
        if self.place:
            self.place.clock.pause(seconds)
            self.place.store.clock.advance(seconds)
