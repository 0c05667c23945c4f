"""Cast: which customer plays which part, by quota instead of by chance.

A small company then still has yen customers, metered customers and, for each kind of
mistake that may be planted, customers to whom it can happen.
"""

import random
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from sandbox.company.segments import Segment

PER = 400  # the size of company for which numbers are given


class Role(StrEnum):
    """A situation that the company is sure to contain on its last day."""

    LARGE = "large"  # invoices of more than ten lines
    AMENDED = "amended"  # a contract in force to which units were added
    METERED = "metered"  # invoiced usage
    FAILING = "failing"  # the last card payment was declined
    UNPAID = "unpaid"  # an invoice on account, issued a while ago, not yet due
    DISCOUNT_OVER = "discount_over"  # a contract in force whose discount has ended


# Twice as many as there are mistakes to plant: the others show the right state.
ROLES_PER_400 = {
    Role.LARGE: 4,
    Role.AMENDED: 8,
    Role.METERED: 10,
    Role.FAILING: 12,
    Role.UNPAID: 14,
    Role.DISCOUNT_OVER: 8,
}
CURRENCIES = {"USD": 70, "EUR": 15, "GBP": 10, "JPY": 5}
SEGMENTS = {"SMB": 55, "Mid-market": 30, "Enterprise": 15}
METERED_PERCENT = 20
YEARLY_PERCENT = 25
ON_ACCOUNT_PERCENT = {"SMB": 10, "Mid-market": 45, "Enterprise": 85}
UNLINKED_PERCENT = 5
LINKED_SYSTEMS = ("stripe", "netsuite", "zendesk")


@dataclass(frozen=True, slots=True)
class Part:
    """What is decided about a customer before its story is drawn."""

    role: Role | None
    currency: str
    segment: str
    interval: str
    is_metered: bool
    on_account: bool
    missing_links: frozenset[str]
    behaviour: Segment | None = None  # with the feature `segments`


def scaled(per_400: int, customers: int, at_least: int = 1) -> int:
    """Return the number for a company of another size than 400 customers."""
    return max(at_least, round(per_400 * customers / PER))


def cast(seed: int, customers: int) -> tuple[Part, ...]:
    """Return a part for every customer. ValueError if there are too few of them."""
    rng = random.Random(f"{seed}:cast")
    roles = _roles(customers)
    if len(roles) > customers:
        raise ValueError(
            f"{customers} customers cannot play {len(roles)} parts;"
            " ask for 40 customers or more"
        )
    played: list[Role | None] = [*roles, *[None] * (customers - len(roles))]
    rng.shuffle(played)
    currencies = _quota(CURRENCIES, customers, rng)
    segments = _quota(SEGMENTS, customers, rng)
    metered = _metered(played, rng)
    yearly = _yearly(played, metered, rng)
    unlinked = [
        _some([i for i, role in enumerate(played) if role is None], customers, rng)
        for _ in LINKED_SYSTEMS
    ]
    return tuple(
        _part(
            role,
            currencies[index],
            segments[index],
            is_metered=index in metered,
            is_yearly=index in yearly,
            missing=frozenset(
                system
                for system, chosen in zip(LINKED_SYSTEMS, unlinked, strict=True)
                if index in chosen
            ),
            rng=rng,
        )
        for index, role in enumerate(played)
    )


def drawn(seed: int, number: int) -> Part:
    """Return a part by chance, for one customer of very many.

    Quotas need all customers at once; where there are tens of thousands, chance
    comes as near, and a customer's part follows from its number alone.
    """
    rng = random.Random(f"{seed}:part:{number}")
    role = _chosen(
        {role: per_400 * 100 / PER for role, per_400 in ROLES_PER_400.items()}, rng
    )
    plain = role is None
    is_metered = role in {Role.METERED, Role.LARGE} or (
        plain and rng.random() * 100 < METERED_PERCENT
    )
    is_yearly = (
        plain and not is_metered and rng.random() * 100 < YEARLY_PERCENT * 100 / 70
    )
    return _part(
        role,
        _chosen(CURRENCIES, rng) or "USD",
        _chosen(SEGMENTS, rng) or "SMB",
        is_metered=is_metered,
        is_yearly=is_yearly,
        missing=frozenset(
            system
            for system in LINKED_SYSTEMS
            if plain and rng.random() * 100 < UNLINKED_PERCENT
        ),
        rng=rng,
    )


Named = TypeVar("Named", bound=str)


def _chosen(shares: Mapping[Named, float], rng: random.Random) -> Named | None:
    """Return a name by its percent; None for what is left of a hundred."""
    place = rng.random() * 100
    for name, percent in shares.items():
        if place < percent:
            return name
        place -= percent
    return None


def _part(
    role: Role | None,
    currency: str,
    segment: str,
    *,
    is_metered: bool,
    is_yearly: bool,
    missing: frozenset[str],
    rng: random.Random,
) -> Part:
    if role is Role.LARGE:
        segment = "Enterprise"
    on_account = rng.random() * 100 < ON_ACCOUNT_PERCENT[segment]
    if role is Role.FAILING:
        on_account = False
    if role is Role.UNPAID:
        on_account = True
    interval = "year" if is_yearly else "month"
    return Part(role, currency, segment, interval, is_metered, on_account, missing)


def _roles(customers: int) -> list[Role]:
    return [
        role
        for role, per_400 in ROLES_PER_400.items()
        for _ in range(scaled(per_400, customers, at_least=2))
    ]


def _quota(shares: dict[str, int], count: int, rng: random.Random) -> list[str]:
    chosen = [
        name
        for name, percent in shares.items()
        for _ in range(max(1, count * percent // 100))
    ]
    commonest = max(shares, key=shares.__getitem__)
    chosen += [commonest] * (count - len(chosen))
    rng.shuffle(chosen)
    return chosen


def _metered(played: list[Role | None], rng: random.Random) -> set[int]:
    always = {i for i, role in enumerate(played) if role in {Role.METERED, Role.LARGE}}
    free = [i for i, role in enumerate(played) if role is None]
    wanted = len(played) * METERED_PERCENT // 100 - len(always)
    return always | set(rng.sample(free, min(max(wanted, 0), len(free))))


def _yearly(
    played: list[Role | None], metered: set[int], rng: random.Random
) -> set[int]:
    # Usage is billed every month, so that metered customers pay monthly.
    free = [i for i, role in enumerate(played) if role is None and i not in metered]
    wanted = len(played) * YEARLY_PERCENT // 100
    return set(rng.sample(free, min(wanted, len(free))))


def _some(free: list[int], customers: int, rng: random.Random) -> set[int]:
    wanted = max(1, customers * UNLINKED_PERCENT // 100)
    return set(rng.sample(free, min(wanted, len(free))))
