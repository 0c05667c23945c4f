"""Zendesk's limits: how many calls a window takes, and the headers that tell of it."""

from dataclasses import dataclass

from starlette.responses import Response

from sandbox.budgets import FixedWindow
from sandbox.clock import Clock
from sandbox.store import Store
from sandbox.wire import Refusal
from sandbox.zendesk.shapes import error

# developer.zendesk.com/api-reference/introduction/rate-limits: Team 200, Growth and
# Professional 400, Enterprise 700, Enterprise Plus or the add-on 2,500 a minute.
CALLS_PER_MINUTE = 700
# The same page: exports 10 (30 with the add-on), single ticket updates 100.
EXPORT_CALLS_PER_MINUTE = 10
UPDATE_CALLS_PER_MINUTE = 100
# Updates of one ticket by one user within ten minutes.
TICKET_UPDATES = 30
TICKET_UPDATES_SECONDS = 600
# The sample export: 10 calls in 20 minutes.
SAMPLE_CALLS = 10
SAMPLE_SECONDS = 1200
# Lists of tickets beyond page 500 have a budget of their own; the header shows it.
TICKETS_INDEX_CALLS = 100
MINUTE = 60


@dataclass(frozen=True, slots=True)
class Budget:
    """So many calls in a window; `condition` may change how many.

    `said` is the word for its calls in the error of a call too many.
    """

    name: str
    calls: int
    seconds: int = MINUTE
    condition: str = ""
    header: str = ""
    said: str = ""


ACCOUNT = Budget("account", CALLS_PER_MINUTE, condition="calls_per_minute")
EXPORTS = Budget(
    "incremental-exports",
    EXPORT_CALLS_PER_MINUTE,
    condition="export_calls_per_minute",
    header="zendesk-ratelimit-incremental-exports",
    said="incremental export",
)
SAMPLES = Budget(
    "incremental-exports-sample",
    SAMPLE_CALLS,
    SAMPLE_SECONDS,
    said="incremental export sample",
)
UPDATES = Budget(
    "tickets-update",
    UPDATE_CALLS_PER_MINUTE,
    condition="update_calls_per_minute",
    said="ticket update",
)
TICKETS_INDEX = Budget(
    "tickets-index",
    TICKETS_INDEX_CALLS,
    header="zendesk-ratelimit-tickets-index",
    said="ticket index",
)


@dataclass(frozen=True, slots=True)
class Standing:
    """How much of a budget is left, and for how many seconds."""

    total: int
    remaining: int
    resets: int

    @property
    def headers(self) -> dict[str, str]:
        """The headers that tell of an account's budget on every answer."""
        return {
            "X-Rate-Limit": str(self.total),
            "X-Rate-Limit-Remaining": str(max(0, self.remaining)),
            "ratelimit-limit": str(self.total),
            "ratelimit-remaining": str(max(0, self.remaining)),
            "ratelimit-reset": str(self.resets),
        }

    @property
    def is_exceeded(self) -> bool:
        """Say whether the call that was just counted is one too many."""
        return self.remaining < 0


class Limits:
    """The windows of one account; they begin with the virtual clock's even minutes."""

    def __init__(self, store: Store, clock: Clock) -> None:
        """Count by this clock."""
        self.store = store
        self.clock = clock
        self._windows: dict[str, FixedWindow] = {}

    def spend(self, budget: Budget, key: str = "") -> Standing:
        """Count one call and return what is left."""
        total, window = self._counted(budget, key)
        return Standing(total, total - window.count(), window.resets_in)

    def spent(self, budget: Budget) -> Standing:
        """Return how a budget stands of which nothing is left."""
        total, window = self._counted(budget, "")
        return Standing(total, 0, window.resets_in)

    def _counted(self, budget: Budget, key: str) -> tuple[int, FixedWindow]:
        total = int(
            self.store.condition("zendesk", budget.condition, budget.calls)
            if budget.condition
            else budget.calls
        )
        window = self._windows.setdefault(
            f"{budget.name}/{key}", FixedWindow(self.clock, budget.seconds)
        )
        return total, window

    def charge(self, budget: Budget, key: str = "") -> dict[str, str]:
        """Count one call to a budget of its own; return its header.

        Raises:
            Refusal: it was one too many.
        """
        standing = self.spend(budget, key)
        self.insist(budget, standing)
        if not budget.header:
            return {}
        said = (
            f"total={standing.total}; remaining={standing.remaining};"
            f" resets={standing.resets}"
        )
        return {budget.header: said}

    @staticmethod
    def insist(budget: Budget, standing: Standing) -> None:
        """Refuse a call too many.

        Raises:
            Refusal: it was one.
        """
        if not standing.is_exceeded:
            return
        raise Refusal(exceeded(budget, standing))


def exceeded(budget: Budget, standing: Standing) -> Response:
    """Return the error of a call too many."""
    window = "minute" if budget.seconds == MINUTE else f"{budget.seconds} seconds"
    requests = f"{budget.said} API requests".lstrip()
    sentence = f"Number of allowed {requests} per {window} exceeded"
    response = error(429, "APIRateLimitExceeded", sentence)
    response.headers["Retry-After"] = str(standing.resets)
    return response
