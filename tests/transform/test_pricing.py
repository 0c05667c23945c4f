"""What prices make of quantities, beside a reference in exact fractions."""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

TIER = (
    "pricing_model",
    "quantity",
    "starts_after",
    "up_to",
    "unit_price",
    "flat_price",
    "package_size",
    "package_rounds",
)
INLINE = f"""
{{%- set price = tier_price({", ".join(f'"{name}"' for name in TIER)}) -%}}
select {{{{ priced_minor("sum(" ~ price ~ ")") }}}} as amount from tiers
"""
RECURRING = """
select
    {{ recurring_minor("amount", "billing_interval", "interval_count") }} as monthly,
    {{ recurring_minor("amount", "billing_interval", "interval_count", months=12) }}
    as annual,
    {{ basis_points_off("amount", "discount") }} as basis_points
from arguments
"""
# canonical.md's factors: how many months' money one interval brings.
MONTHLY = {
    "day": Fraction(365, 12),
    "week": Fraction(52, 12),
    "month": Fraction(1),
    "quarter": Fraction(1, 3),
    "half_year": Fraction(1, 6),
    "year": Fraction(1, 12),
}

Ask = Callable[..., Any]


@dataclass(frozen=True)
class Tier:
    """A tier as a price states it; None has no end, or no package."""

    up_to: int | None
    unit: Fraction
    flat: Fraction
    package: int | None = None
    rounds: str = "up"


def rounded(exact: Fraction) -> int:
    """Return the nearest whole number, ties away from zero."""
    whole = int(abs(exact) + Fraction(1, 2))
    return whole if exact >= 0 else -whole


def cost(model: str, tiers: list[Tier], quantity: Fraction) -> int:
    """Return what a quantity costs, by the words of both billing systems' manuals."""
    if model in ("volume", "stairstep"):
        tier = next(t for t in tiers if t.up_to is None or quantity <= t.up_to)
        if model == "stairstep":
            return rounded(tier.flat if quantity > 0 else Fraction(0))
        return rounded(quantity * tier.unit + tier.flat)
    total, below = Fraction(0), Fraction(0)
    for tier in tiers:
        top = quantity if tier.up_to is None else min(quantity, Fraction(tier.up_to))
        if top > below or below == 0:
            part = max(top - below, Fraction(0))
            if tier.package is not None:
                packages = part / tier.package
                part = Fraction(
                    -(-packages // 1) if tier.rounds == "up" else packages // 1
                )
            total += part * tier.unit + tier.flat
        if tier.up_to is None or quantity <= tier.up_to:
            break
        below = Fraction(tier.up_to)
    return rounded(total)


@pytest.fixture(scope="module")
def rate(dbt: Any) -> Ask:
    """Return a function that rates a quantity by the macros."""
    compiled = dbt.run("compile", "--inline", INLINE).results[0].node.compiled_code
    connection = duckdb.connect()

    def answer(model: str, tiers: list[Tier], quantity: Fraction) -> int:
        starts = [0, *(tier.up_to for tier in tiers)]
        rows = ", ".join(
            f"('{model}', {number(quantity, 9)}, {number(Fraction(start or 0), 9)},"
            f" {'null' if tier.up_to is None else number(Fraction(tier.up_to), 9)},"
            f" {number(tier.unit, 12)}, {number(tier.flat, 12)},"
            f" {'null' if tier.package is None else tier.package}, '{tier.rounds}')"
            for start, tier in zip(starts, tiers, strict=False)
        )
        found = connection.execute(
            f"with tiers ({', '.join(TIER)}) as (values {rows}) {compiled}"
        ).fetchall()
        return int(found[0][0])

    return answer


@pytest.fixture(scope="module")
def recurring(dbt: Any) -> Ask:
    """Return a function that computes what an amount brings in a month or a year."""
    compiled = dbt.run("compile", "--inline", RECURRING).results[0].node.compiled_code
    connection = duckdb.connect()

    def answer(column: str, amount: int, **values: Any) -> Any:
        given_values = {"billing_interval": "month", "interval_count": 1, "discount": 0}
        given_values |= values
        return connection.execute(
            f"with arguments as (select cast({amount} as bigint) as amount,"
            f" '{given_values['billing_interval']}' as billing_interval,"
            f" cast({given_values['interval_count']} as bigint) as interval_count,"
            f" cast({given_values['discount']} as bigint) as discount)"
            f" select {column} from ({compiled})"
        ).fetchall()[0][0]

    return answer


def number(value: Fraction, scale: int) -> str:
    """Return an exact decimal as SQL; the value has no more decimals than the scale."""
    scaled = value * 10**scale
    assert scaled.denominator == 1
    return f"cast('{int(scaled)}e-{scale}' as decimal(38, {scale}))"


prices = st.integers(0, 5_000_000).map(lambda units: Fraction(units, 1_000))
quantities = st.one_of(
    st.integers(0, 60_000).map(Fraction),
    st.integers(0, 60_000_000).map(lambda units: Fraction(units, 1_000)),
)
bounds = st.sets(st.integers(1, 50_000), max_size=4).map(sorted)


@st.composite
def tiered(draw: st.DrawFn, model: str) -> list[Tier]:
    """Draw tiers of a model; the last has no end."""
    only_flat = model == "stairstep"
    return [
        Tier(
            up_to,
            Fraction(0) if only_flat else draw(prices),
            draw(prices)
            if only_flat
            else draw(st.sampled_from([Fraction(0), Fraction(250)])),
        )
        for up_to in [*draw(bounds), None]
    ]


@pytest.mark.parametrize("model", ["graduated", "volume", "stairstep"])
@settings(deadline=None)
@given(data=st.data(), quantity=quantities)
def test_tiers_rate_as_the_reference_does(
    rate: Ask, model: str, data: st.DataObject, quantity: Fraction
) -> None:
    """Whatever the tiers and the quantity, both say the same minor units."""
    tiers = data.draw(tiered(model))
    on_the_edge = [Fraction(tier.up_to) for tier in tiers if tier.up_to is not None]
    quantity = data.draw(st.sampled_from([quantity, *on_the_edge]))

    assert rate(model, tiers, quantity) == cost(model, tiers, quantity)


@settings(deadline=None)
@given(
    unit=prices,
    size=st.integers(1, 5_000),
    rounds=st.sampled_from(["up", "down"]),
    quantity=quantities,
)
def test_packages_are_whole(
    rate: Ask, unit: Fraction, size: int, rounds: str, quantity: Fraction
) -> None:
    """A begun package counts whole, or not at all, as the price says."""
    tiers = [Tier(None, unit, Fraction(0), size, rounds)]

    assert rate("package", tiers, quantity) == cost("package", tiers, quantity)


@settings(deadline=None)
@given(unit=prices, flat=prices, quantity=quantities)
def test_a_flat_price_is_due_whatever_is_used(
    rate: Ask, unit: Fraction, flat: Fraction, quantity: Fraction
) -> None:
    """One tier without an end: so much for each unit, and so much at all events."""
    assert rate("per_unit", [Tier(None, unit, Fraction(0))], quantity) == rounded(
        unit * quantity
    )
    assert rate("flat", [Tier(None, Fraction(0), flat)], quantity) == rounded(flat)


@settings(deadline=None)
@given(data=st.data(), more=st.lists(st.integers(0, 20_000), min_size=2, max_size=4))
def test_graduated_prices_never_fall_with_use(
    rate: Ask, data: st.DataObject, more: list[int]
) -> None:
    """Who uses more never pays less where each tier prices its own units."""
    tiers = data.draw(tiered("graduated"))
    amounts = [rate("graduated", tiers, Fraction(each)) for each in sorted(more)]

    assert all(less <= greater for less, greater in pairwise(amounts))


@pytest.mark.parametrize("interval", MONTHLY)
@settings(deadline=None)
@given(amount=st.integers(-(10**11), 10**11), count=st.integers(1, 60))
def test_a_recurring_amount_is_rounded_once_by_its_factor(
    recurring: Ask, interval: str, amount: int, count: int
) -> None:
    """Days, weeks and all parts and multiples of a year by their exact factor."""
    terms = {"billing_interval": interval, "interval_count": count}
    factor = MONTHLY[interval] / count

    assert recurring("monthly", amount, **terms) == rounded(amount * factor)
    assert recurring("annual", amount, **terms) == rounded(amount * factor * 12)


def test_an_interval_that_nobody_knows_has_no_factor(recurring: Ask) -> None:
    """Nothing is better than a wrong number: what has no factor is held."""
    assert recurring("annual", 100, billing_interval="fortnight") is None


@settings(deadline=None)
@given(gross=st.integers(1, 10**9), percent=st.integers(0, 100))
def test_a_whole_percent_is_found_again_in_the_discount_it_made(
    recurring: Ask, gross: int, percent: int
) -> None:
    """The percent found makes the same discount to the minor unit."""
    discount = rounded(Fraction(gross * percent, 100))

    found = recurring("basis_points", gross, discount=discount)

    assert found % 100 == 0
    assert rounded(Fraction(gross * found, 10_000)) == discount


def test_a_graduated_price_goes_by_tier_and_a_volume_price_by_the_whole(
    rate: Ask,
) -> None:
    """Golden case C05: 12,500 units at 10, 8 and 5 cents come to 945.00 or 625.00."""
    none = Fraction(0)
    tiers = [
        Tier(1_000, Fraction(10), none),
        Tier(10_000, Fraction(8), none),
        Tier(None, Fraction(5), none),
    ]

    assert rate("graduated", tiers, Fraction(12_500)) == 94_500
    assert rate("volume", tiers, Fraction(12_500)) == 62_500


def test_a_year_brings_a_twelfth_of_itself_each_month(recurring: Ask) -> None:
    """Golden case G26: 100 plans of 100 a month and 50 of 600 a year are 12,500."""
    monthly = recurring("monthly", 10_000)
    yearly = recurring("monthly", 60_000, billing_interval="year")

    assert 100 * monthly + 50 * yearly == 1_250_000
