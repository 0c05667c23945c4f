"""Health: what customer success thinks of a customer, month by month."""

import random
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Literal

from sandbox.company.days import add_months
from sandbox.company.facts import Contract, Customer, HealthScore
from sandbox.company.segments import BY_NAME

USUAL, LOW, HIGH = 72, 40, 65
RENEWAL_MONTHS = 3
REASONS = {
    "low": ("uses all it bought", "sponsor is engaged", "growing"),
    "medium": ("fewer people sign in", "support answers are slow", "new sponsor"),
    "high": ("sponsor left", "compares offers", "hardly used"),
}
PAUSED, LEAVING = "contract paused", "leaves at the end of the term"


def scores(
    customer: Customer,
    contracts: Iterable[Contract],
    as_of: date,
    rng: random.Random,
) -> Iterator[HealthScore]:
    """Yield a score for each month of a contract; it drifts, and foretells a loss."""
    segment = BY_NAME.get(customer.segment)
    usual = USUAL if segment is None else segment.health
    level = usual + rng.randint(-12, 12)
    ordered = list(contracts)
    for place, contract in enumerate(ordered):
        after = ordered[place + 1] if place + 1 < len(ordered) else None
        is_lost = contract.ends_before <= as_of and (
            after is None or after.starts_on > contract.ends_before
        )
        month = 0
        while True:
            day = add_months(contract.starts_on, month)
            if day >= contract.ends_before or day > as_of:
                break
            level += rng.randint(-6, 6) + (usual - level) // 8
            nears_end = add_months(day, RENEWAL_MONTHS) >= contract.ends_before
            if is_lost and nears_end:
                level -= 15
            level = min(max(level, 5), 98)
            risk: Literal["low", "medium", "high"] = "medium"
            if level >= HIGH:
                risk = "low"
            elif level < LOW:
                risk = "high"
            reason = rng.choice(REASONS[risk])
            if contract.pause_on(day):
                reason = PAUSED
            elif is_lost and nears_end and risk == "high":
                reason = LEAVING
            yield HealthScore(customer, day, level, risk, reason)
            month += 1
