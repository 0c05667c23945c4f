"""Forecast: what carrying out a plan will cost: calls, seconds, share of a day's calls.

A change is looked at, written and read back, each in batches of the system's size.
"""

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from ingestion.transport.budget import Limits
from reverse_etl.change import Change
from reverse_etl.destinations import Caps

# Salesforce, Stripe and NetSuite answer a write in 0.1 to 1 s; nobody promises more.
_SECONDS_A_CALL = 0.5
_DAY = 86_400.0
# The look before the write, and the one after it.
_LOOKS = 2


@dataclass(frozen=True, slots=True)
class Forecast:
    """What the changes of one object of one system will cost."""

    system: str
    object: str
    changes: int
    calls: int
    seconds: float
    share_of_day: float | None  # of the system's daily calls; None: it counts no days


def forecast(
    changes: Iterable[Change], caps: Mapping[str, Caps], limits: Mapping[str, Limits]
) -> tuple[Forecast, ...]:
    """Foretell each object's cost; a system that is not connected has none yet."""
    counted = Counter(
        (change.system, change.object, change.action) for change in changes
    )
    objects: dict[tuple[str, str], tuple[int, int]] = {}
    for (system, name, _), count in counted.items():
        if system not in caps:
            continue
        size = caps[system]
        calls = _LOOKS * math.ceil(count / size.read_size) + math.ceil(
            count / size.write_size
        )
        before = objects.get((system, name), (0, 0))
        objects[system, name] = (before[0] + count, before[1] + calls)
    return tuple(
        Forecast(
            system,
            name,
            count,
            calls,
            round(_seconds(calls, limits.get(system)), 1),
            _share(calls, limits.get(system)),
        )
        for (system, name), (count, calls) in sorted(objects.items())
    )


def _seconds(calls: int, limits: Limits | None) -> float:
    """Return the longer of what the answers and what the shortest windows take."""
    paced = [
        calls / window.calls * window.seconds
        for window in (limits.windows if limits else ())
        if not window.paths and window.seconds < _DAY and calls > window.calls
    ]
    return max([calls * _SECONDS_A_CALL, *paced])


def _share(calls: int, limits: Limits | None) -> float | None:
    day = calls_of_a_day(limits)
    return round(calls / day, 6) if day else None


def calls_of_a_day(limits: Limits | None) -> int | None:
    """Return how many calls a system takes in a day; None: it counts no days."""
    days = [
        window.calls
        for window in (limits.windows if limits else ())
        if window.seconds == _DAY
    ]
    return min(days, default=None)


def calls_of_one(size: Caps) -> Fraction:
    """Return a change's part of the calls of full batches."""
    return Fraction(_LOOKS, size.read_size) + Fraction(1, size.write_size)
