"""Limits: how many requests a second an account may send, by the virtual clock."""

from collections import Counter

from sandbox.stripe.books import Books
from sandbox.stripe.shapes import limited
from sandbox.wire import Refusal

# docs.stripe.com/rate-limits: 100 a second for the account in live mode (25 in a
# sandbox), 25 for each endpoint, 20 for search, and 1,000 for meter events, which
# do not count towards the rest.
REQUESTS = 100
ENDPOINT_REQUESTS = 25
SEARCH_REQUESTS = 20
METER_EVENTS = 1000


class Limits:
    """Counts the requests of the second that runs."""

    def __init__(self) -> None:
        """Begin with nothing spent."""
        self._second = 0
        self._spent: Counter[tuple[str, str]] = Counter()

    def spend(self, books: Books, key: str, method: str, path: str) -> None:
        """Count a request; refuse the one too many.

        A clock that stands still has no seconds in which to count: then only a
        budget that somebody set is kept.
        """
        if books.now != self._second:
            self._second = books.now
            self._spent.clear()
        for place, name, budget in _budgets(method, path):
            allowed = books.condition(name, budget if books.store.clock.runs else None)
            self._spent[key, place] += 1
            if allowed is not None and self._spent[key, place] > int(allowed):
                raise Refusal(limited("endpoint-rate" if place else "global-rate"))


def _budgets(method: str, path: str) -> list[tuple[str, str, int]]:
    """Return what a request counts towards: place, condition, budget."""
    if path.endswith("/billing/meter_events"):
        return [(path, "meter_events_per_second", METER_EVENTS)]
    endpoint = f"{method} {path}"
    if path.endswith("/search"):
        narrow = (endpoint, "searches_per_second", SEARCH_REQUESTS)
    else:
        narrow = (endpoint, "endpoint_requests_per_second", ENDPOINT_REQUESTS)
    return [("", "requests_per_second", REQUESTS), narrow]
