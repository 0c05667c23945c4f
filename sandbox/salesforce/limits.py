"""Limits: the calls of the last 24 hours, and what is said when they are spent."""

from sandbox.budgets import SlidingWindow
from sandbox.salesforce.calls import Call, Reply
from sandbox.salesforce.errors import SPENT, Refused
from sandbox.salesforce.org import Org

# Enterprise Edition's calls per 24 hours, before any licence adds to them.
DAILY_CALLS = 100_000
_DAY = 24 * 60 * 60
_STEP = 60  # calls are counted together by the minute


class Budget:
    """Calls of the last 24 hours, by the sandbox's clock."""

    def __init__(self, org: Org) -> None:
        """Start with none; the condition `daily_calls` says how many there are."""
        self.org = org
        self._calls = SlidingWindow(org.clock, _DAY, _STEP)

    @property
    def most(self) -> int:
        """Return how many calls may be made in 24 hours."""
        return self.org.number_of("daily_calls", DAILY_CALLS)

    @property
    def used(self) -> int:
        """Return how many were made in the last 24 hours."""
        return self._calls.used

    @property
    def header(self) -> str:
        """Return what every answer says of it."""
        return f"api-usage={self.used}/{self.most}"

    @property
    def spent_header(self) -> str:
        """Return what every answer says when no call is left."""
        return f"api-usage={self.most}/{self.most}"

    def charge(self, calls: int = 1) -> None:
        """Count calls; Refused, without a word on when to come back, if none is left.

        Salesforce sends no Retry-After: the window slides, so nobody knows.
        """
        if calls and self.used >= self.most:
            raise Refused("REQUEST_LIMIT_EXCEEDED", SPENT, (), 403)
        self._calls.count(calls)

    def limits(self, _call: Call) -> Reply:
        """Tell how much of each allowance is left."""
        daily = {"Max": self.most, "Remaining": max(0, self.most - self.used)}
        # Allowances that nothing here uses up, with Salesforce's own maxima.
        fixed = {
            "DailyBulkV2QueryJobs": 10_000,
            "DailyBulkApiBatches": 15_000,
            "DailyBulkV2QueryFileStorageMB": 976_562,
            "DataStorageMB": 10_240,
        }
        idle = {name: {"Max": most, "Remaining": most} for name, most in fixed.items()}
        return Reply(body={"DailyApiRequests": daily} | idle)
