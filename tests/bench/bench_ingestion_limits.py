"""Limits: how close a load comes to the time that a vendor's rate limit sets.

The calls are real, the waiting is not: pauses move the product's clock and the
sandbox's together, so ten minutes of Zendesk take seconds here. The sandbox enforces
its vendors' budgets, so a load that went too fast would be turned away and wait longer.
Answers come within milliseconds, as a vendor's do not: a system whose calls take longer
than its limit allows them to come is bound by them instead.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from ingestion.load import EVERYTHING, Wanted
from tests.bench.bench_ingestion_calls import LONG_AGO, account_of, opened, source_of
from tests.bench.report import Figure, compared, say
from tests.conformance.account import Account
from tests.conformance.wire import Call

TARGET = 1.15
_IDENTIFIER = re.compile(r"/(?:[a-z]+_)\w*\d\w*")


@dataclass(frozen=True, slots=True)
class Limit:
    """A vendor's documented limit: so many calls in so many seconds.

    Attributes:
        calls: how many.
        seconds: in which time.
        of: recognises the calls that count; all where it is empty.
        is_each: every endpoint is counted by itself.
        resets: all are there again at fixed times, the first of which may come at once;
            otherwise each call counts until so many seconds later.
    """

    calls: int
    seconds: float
    of: str = ""
    is_each: bool = False
    resets: bool = False

    def floor(self, made: Sequence[Call]) -> float:
        """Return the least seconds from the first to the last of these calls."""
        counted = Counter(
            _endpoint(each.asks) if self.is_each else ""
            for each in made
            if re.search(self.of, each.asks)
        )
        most = max(counted.values(), default=1)
        windows = (most - 1) // self.calls - self.resets
        return max(windows, 0) * self.seconds


@dataclass(frozen=True, slots=True)
class Trial:
    """A load that a limit binds.

    Attributes:
        name: of what is read.
        source: the vendor.
        limits: those that hold for it.
        said: the same for people.
        wanted: what is loaded.
        prepare: makes pages small, so that few records are many calls.
    """

    name: str
    source: str
    limits: tuple[Limit, ...]
    said: str
    wanted: Wanted = EVERYTHING
    prepare: Callable[[pytest.MonkeyPatch], None] | None = None


def _pages(vendor: str, size: int) -> Callable[[pytest.MonkeyPatch], None]:
    return lambda patched: source_of(vendor).small(patched, size)


def _searches(patched: pytest.MonkeyPatch) -> None:
    patched.setattr("ingestion.hubspot.walks.SEARCH_PAGE", 10)


# The figures' sources stand in each client's LIMITS (ingestion/<vendor>).
_STRIPE = (Limit(25, 1.0, is_each=True), Limit(100, 1.0))
_MOVEMENTS = Wanted(streams=frozenset({"balance_transactions"}))
TRIALS = (
    Trial(
        "Stripe, one list",
        "stripe",
        _STRIPE,
        "25 calls/s of an endpoint",
        _MOVEMENTS,
        _pages("stripe", 1),
    ),
    Trial(
        "Stripe, everything",
        "stripe",
        _STRIPE,
        "25 calls/s of each endpoint, 100 in all",
        EVERYTHING,
        _pages("stripe", 4),
    ),
    Trial(
        "Zendesk exports",
        "zendesk",
        (Limit(10, 60.0, "/api/v2/incremental/", resets=True),),
        "10 exports/min",
        EVERYTHING,
        _pages("zendesk", 10),
    ),
    Trial(
        "HubSpot search",
        "hubspot",
        (Limit(5, 1.0, "/search"), Limit(190, 10.0)),
        "5 searches/s",
        LONG_AGO,
        _searches,
    ),
    Trial(
        "Chargebee",
        "chargebee",
        (Limit(150, 60.0),),
        "150 calls/min",
        EVERYTHING,
        _pages("chargebee", 1),
    ),
)


def measured(folder: Path, customers: int) -> Iterator[Figure]:
    """Yield how long each load takes, against the floor of its calls."""
    with opened(folder) as office:
        for number, trial in enumerate(TRIALS):
            say(f"Waiting for limits: {trial.name} ...")
            home = folder / f"limits{number}"
            with account_of(office, trial.source, customers, home) as account:
                yield _tried(account, trial)


def _tried(account: Account, trial: Trial) -> Figure:
    with pytest.MonkeyPatch.context() as patched:
        if trial.prepare:
            trial.prepare(patched)
        began = account.passing.now()
        account.load(trial.wanted)
        seconds = account.passing.now() - began
    made = account.calls()
    turned_away = sum(1 for each in made if each.status == 429)
    floor = max(limit.floor(made) for limit in trial.limits)
    size = f"{len(made):,} calls, {turned_away} turned away; {trial.said}"
    return compared(
        f"limit: {trial.name}", size, seconds, "s", against=floor, target=TARGET
    )


def _endpoint(asks: str) -> str:
    """Return the method and the path of a call, without identifiers."""
    return _IDENTIFIER.sub("/-", asks.partition("?")[0])
