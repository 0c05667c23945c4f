"""Offers: which products, quantities and prices are quoted to a customer."""

import random
from dataclasses import dataclass, replace
from datetime import date

from sandbox.company.cast import Part, Role
from sandbox.company.catalogue import BY_SKU, Charge, list_minor, rounded
from sandbox.company.days import months_between
from sandbox.company.facts import DealLine, Discount

SEATS = {"SMB": (3, 25), "Mid-market": (20, 120), "Enterprise": (100, 600)}
PLATFORM = {
    "SMB": ("PLT-STARTER", "PLT-STARTER", "PLT-GROWTH"),
    "Mid-market": ("PLT-GROWTH",),
    "Enterprise": ("PLT-ENTERPRISE",),
}
# How likely, in percent, a customer of a segment buys each add-on.
ADD_ONS = {
    "SMB": {"ADD-ANALYTICS": 25, "SUP-PREMIUM": 5},
    "Mid-market": {
        "ADD-ANALYTICS": 50,
        "ADD-SSO": 50,
        "ADD-AUDIT": 25,
        "ADD-SANDBOX": 20,
        "SUP-PREMIUM": 25,
    },
    "Enterprise": {
        "ADD-ANALYTICS": 60,
        "ADD-SSO": 90,
        "ADD-AUDIT": 60,
        "ADD-SANDBOX": 50,
        "SUP-PREMIUM": 60,
    },
}
SERVICES = {
    "SMB": {"SVC-ONBOARD": 30},
    "Mid-market": {"SVC-ONBOARD": 70, "SVC-TRAINING": 15},
    "Enterprise": {"SVC-ONBOARD": 95, "SVC-TRAINING": 50},
}
NEGOTIATED = {"SMB": (100, 100), "Mid-market": (90, 100), "Enterprise": (75, 95)}
# A large customer buys seats for several of its companies at different prices.
LARGE_SEATS = (
    ("PLT-ENTERPRISE", 100),
    ("PLT-ENTERPRISE", 90),
    ("PLT-ENTERPRISE", 80),
    ("PLT-GROWTH", 100),
    ("PLT-GROWTH", 85),
    ("ADD-ANALYTICS", 100),
    ("ADD-ANALYTICS", 80),
    ("ADD-SSO", 100),
    ("ADD-AUDIT", 100),
    ("ADD-SANDBOX", 100),
    ("SUP-PREMIUM", 100),
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """So many units of a product at a price, before it is a line of a quote."""

    sku: str
    quantity: int
    unit_minor: int


def first_offer(part: Part, rng: random.Random) -> list[Wanted]:
    """Return what a new customer buys: recurring, metered and one-time products."""
    recurring = _large(part, rng) if part.role is Role.LARGE else _recurring(part, rng)
    return recurring + _metered(part, rng) + _services(part, rng)


def comeback_offer(part: Part, rng: random.Random) -> list[Wanted]:
    """Return what a customer buys who was one before: nothing to set up."""
    return _recurring(part, rng) + _metered(part, rng)


def upsell(
    lines: list[Wanted], part: Part, rng: random.Random, *, same_product: bool
) -> list[Wanted]:
    """Return what an amendment adds: units of a product held, or a new add-on."""
    seats = [line for line in lines if line.sku.startswith("PLT-")]
    held = {line.sku for line in lines}
    new = [sku for sku in ADD_ONS[part.segment] if sku not in held]
    if same_product or not new or rng.random() < 0.65:
        base = rng.choice(seats)
        return [
            replace(base, quantity=max(1, base.quantity * rng.randint(10, 40) // 100))
        ]
    sku = rng.choice(new)
    added = [Wanted(sku, _units(sku, seats[0].quantity, rng), _price(sku, part, rng))]
    if rng.random() < 0.2:
        added.append(
            Wanted("SVC-TRAINING", 1, list_minor("SVC-TRAINING", part.currency))
        )
    return added


def renewal(lines: list[Wanted], rng: random.Random) -> list[Wanted]:
    """Return what a customer renews: mostly the same for more, sometimes less of it."""
    uplift = rng.choice((0, 0, 3, 4, 5, 7))
    shrink = rng.randint(70, 92) if rng.random() < 0.13 else 100
    kept: list[Wanted] = []
    for line in lines:
        charge = BY_SKU[line.sku].charge
        if charge is Charge.ONE_TIME:
            continue
        if charge is Charge.USAGE:
            kept.append(line)
            continue
        if line.sku.startswith("ADD-") and rng.random() < 0.05:
            continue
        kept.append(
            Wanted(
                line.sku,
                max(1, line.quantity * shrink // 100),
                rounded(line.unit_minor * (100 + uplift) // 100),
            )
        )
    return merged(kept)


def merged(lines: list[Wanted]) -> list[Wanted]:
    """Return the lines with quantities of the same product and price added up."""
    summed: dict[tuple[str, int], int] = {}
    for line in lines:
        place = (line.sku, line.unit_minor)
        is_usage = BY_SKU[line.sku].charge is Charge.USAGE
        summed[place] = line.quantity + (0 if is_usage else summed.get(place, 0))
    return [Wanted(sku, units, price) for (sku, price), units in summed.items()]


def quoted(
    key: str,
    wanted: list[Wanted],
    currency: str,
    *,
    starts_on: date,
    ends_before: date,
    discount: Discount | None,
) -> tuple[DealLine, ...]:
    """Return the lines of a quote for a term, each with its total."""
    months = months_between(starts_on, ends_before)
    return tuple(
        _line(f"{key}:{place}", item, currency, months, _left(discount, starts_on))
        for place, item in enumerate(wanted)
    )


def _left(discount: Discount | None, starts_on: date) -> Discount | None:
    """Return the discount with the months that are left of it on a day."""
    if discount is None or starts_on >= discount.ends_before:
        return None
    return replace(discount, months=months_between(starts_on, discount.ends_before))


def _line(
    key: str, item: Wanted, currency: str, months: int, discount: Discount | None
) -> DealLine:
    charge = BY_SKU[item.sku].charge
    per_month = item.quantity * item.unit_minor
    given = discount if charge is Charge.RECURRING else None
    total = {
        Charge.RECURRING: per_month * months,
        Charge.USAGE: 0,
        Charge.ONE_TIME: per_month,
    }[charge]
    if given is not None:
        total -= per_month * given.months * given.percent // 100
    return DealLine(
        key=key,
        sku=item.sku,
        quantity=item.quantity,
        list_minor=list_minor(item.sku, currency),
        unit_minor=item.unit_minor,
        discount_percent=None if given is None else given.percent,
        discount_months=None if given is None else given.months,
        total_minor=total,
    )


def _recurring(part: Part, rng: random.Random) -> list[Wanted]:
    low, high = part.behaviour.seats if part.behaviour else SEATS[part.segment]
    seats = rng.randint(low, high)
    sku = rng.choice(PLATFORM[part.segment])
    lines = [Wanted(sku, seats, _price(sku, part, rng))]
    for add_on, percent in ADD_ONS[part.segment].items():
        if rng.random() * 100 < percent:
            lines.append(
                Wanted(add_on, _units(add_on, seats, rng), _price(add_on, part, rng))
            )
    return lines


def _large(part: Part, rng: random.Random) -> list[Wanted]:
    return [
        Wanted(
            sku,
            _units(sku, rng.randint(150, 600), rng),
            rounded(list_minor(sku, part.currency) * percent // 100),
        )
        for sku, percent in LARGE_SEATS
    ]


def _metered(part: Part, rng: random.Random) -> list[Wanted]:
    if not part.is_metered:
        return []
    both = part.role is Role.LARGE or rng.random() < 0.3
    skus = ("USE-API", "USE-STORAGE") if both else ("USE-API",)
    return [Wanted(sku, 1, list_minor(sku, part.currency)) for sku in skus]


def _services(part: Part, rng: random.Random) -> list[Wanted]:
    return [
        Wanted(
            sku,
            1 if sku == "SVC-ONBOARD" else rng.randint(1, 4),
            list_minor(sku, part.currency),
        )
        for sku, percent in SERVICES[part.segment].items()
        if rng.random() * 100 < percent
    ]


def _units(sku: str, seats: int, rng: random.Random) -> int:
    if sku == "SUP-PREMIUM":
        return 1
    return rng.randint(1, 3) if sku == "ADD-SANDBOX" else seats


def _price(sku: str, part: Part, rng: random.Random) -> int:
    low, high = NEGOTIATED[part.segment]
    return rounded(list_minor(sku, part.currency) * rng.randint(low, high) // 100)
