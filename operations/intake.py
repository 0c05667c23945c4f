"""Intake: takes events from many requests at once and commits them together.

A commit that is on the disk costs milliseconds, however many events are in it. Whatever
waits when one begins is in the same transaction, so a burst costs few of them.
"""

import threading
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import datetime
from types import TracebackType
from typing import Self

from operations.events import Event, keep
from operations.store import Store

# Ten seconds of a burst at 1,000 events a second; some megabytes of memory.
MOST_WAITING = 10_000


class IntakeFullError(Exception):
    """More waits than may: let the sender come again."""


@dataclass(frozen=True, slots=True)
class _Delivery:
    events: Sequence[Event]
    at: datetime
    taken: Future[int] = field(default_factory=Future)


class Intake:
    """The one writer of events; its thread owns the transactions."""

    def __init__(self, store: Store, most_waiting: int = MOST_WAITING) -> None:
        """Begin to take events."""
        self._store = store
        self._most_waiting = most_waiting
        self._changed = threading.Condition()
        self._waiting: list[_Delivery] = []
        self._events = 0
        self._is_closed = False
        self._thread = threading.Thread(target=self._work, name="intake")
        self._thread.start()

    def put(self, events: Sequence[Event], at: datetime) -> Future[int]:
        """Take one delivery: all of its events or none.

        Returns:
            How many of them were new, once they are on the disk. The error of the
            store, where it did not take them.

        Raises:
            IntakeFullError: too much waits already, or the intake is closed.
        """
        delivery = _Delivery(events, at)
        with self._changed:
            waiting = self._events + len(events)
            if self._is_closed or waiting > self._most_waiting:
                raise IntakeFullError(f"{self._events} events wait to be written down.")
            self._events = waiting
            self._waiting.append(delivery)
            self._changed.notify()
        return delivery.taken

    def close(self) -> None:
        """Take nothing more, write down what waits, and return."""
        with self._changed:
            self._is_closed = True
            self._changed.notify()
        self._thread.join()

    def __enter__(self) -> Self:
        """Use the intake in a with statement."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close it, whatever happened."""
        self.close()

    def _work(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting or self._is_closed)
                batch, self._waiting, self._events = self._waiting, [], 0
            if not batch:
                return
            # Whoever gave up waiting is left out; the others can no longer give up.
            batch = [one for one in batch if one.taken.set_running_or_notify_cancel()]
            try:
                with self._store.transaction() as connection:
                    new = [keep(connection, one.events, one.at) for one in batch]
            except Exception as error:  # noqa: BLE001 -- each sender is told of it
                for one in batch:
                    one.taken.set_exception(error)
            else:
                for one, count in zip(batch, new, strict=True):
                    one.taken.set_result(count)
