"""The arithmetic of Stripe's billing: to the second, and parts sum to wholes."""

from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.stripe.coupons import off, shared
from sandbox.stripe.periods import later, period_at
from sandbox.stripe.pricing import amount_of, part

AMOUNTS = st.integers(-10_000_000, 10_000_000)
INSTANTS = st.integers(946_684_800, 4_102_444_800)
PRICES = st.builds(
    lambda interval, count: {
        "recurring": {"interval": interval, "interval_count": count}
    },
    st.sampled_from(["day", "week", "month", "year"]),
    st.integers(1, 12),
)


@given(INSTANTS, PRICES, st.integers(0, 1000))
@settings(deadline=None)
def test_periods_meet_without_gap_or_overlap(
    anchor: int, price: dict[str, object], days: int
) -> None:
    """Every instant lies in one period; the next one begins where it ends."""
    at = anchor + days * 86_399

    start, end = period_at(anchor, price, at)

    assert start <= at < end
    assert period_at(anchor, price, end)[0] == end
    assert period_at(anchor, price, start) == (start, end)


def test_a_month_ends_with_its_last_day() -> None:
    """The anchor's day comes back after a short month; leap years have their day."""
    anchor = int(datetime(2028, 1, 31, 23, 59, 59, tzinfo=UTC).timestamp())

    days = [
        datetime.fromtimestamp(later(anchor, "month", number), UTC).strftime("%m-%d")
        for number in range(4)
    ]

    assert days == ["01-31", "02-29", "03-31", "04-30"]


@given(AMOUNTS, INSTANTS, st.integers(1, 40_000_000), st.integers(0, 40_000_000))
@settings(deadline=None)
def test_a_part_is_the_share_of_time_that_is_left(
    amount: int, start: int, length: int, passed: int
) -> None:
    """Rounded once, half away from zero; all at the start, nothing at the end."""
    end, at = start + length, start + passed
    left = max(length - passed, 0)

    value = part(amount, start, end, at)

    exact = Fraction(amount * left, length)
    assert abs(value - exact) <= Fraction(1, 2)
    assert value == -part(-amount, start, end, at)
    if abs(value - exact) == Fraction(1, 2):
        assert abs(value) > abs(exact)
    assert part(amount, start, end, start) == amount
    assert part(amount, start, end, end) == 0


@given(st.integers(0, 10**9), st.lists(st.integers(0, 10**7), max_size=30))
@settings(deadline=None)
def test_shares_sum_to_the_whole(whole: int, weights: list[int]) -> None:
    """Whatever the weights, nothing is lost and no share is negative."""
    shares = shared(whole, weights)

    assert sum(shares) == (whole if sum(weights) else 0)
    assert all(each >= 0 for each in shares)


@given(st.integers(1, 10**7), st.lists(st.integers(0, 10**6), min_size=1, max_size=20))
@settings(deadline=None)
def test_an_amount_off_takes_no_more_than_there_is(
    amount_off: int, amounts: list[int]
) -> None:
    """The lines never fall below zero, and the discount is used up if it can be."""
    coupon = {"amount_off": amount_off, "percent_off": None}

    cuts = off(coupon, amounts, [None] * len(amounts))

    assert sum(cuts) == min(amount_off, sum(amounts))
    assert all(cut <= amount for cut, amount in zip(cuts, amounts, strict=True))


@given(
    st.integers(0, 5000),
    st.lists(st.integers(1, 500), min_size=1, max_size=5),
    st.sampled_from(["graduated", "volume"]),
)
@settings(deadline=None)
def test_tiers_are_counted_unit_by_unit(
    units: int, widths: list[int], mode: str
) -> None:
    """Graduated: each unit has its tier's price; volume: all have the last one's."""
    tops = [sum(widths[: place + 1]) for place in range(len(widths))]
    tiers = [
        {"up_to": top, "unit_amount_decimal": str(20 - place), "flat_amount": 0}
        for place, top in enumerate(tops)
    ] + [{"up_to": None, "unit_amount_decimal": "0.5", "flat_amount": 0}]
    price = {"billing_scheme": "tiered", "tiers_mode": mode, "tiers": tiers}

    def tier_of(unit: int) -> Decimal:
        place = next(
            (number for number, top in enumerate(tops) if unit <= top), len(tops)
        )
        return Decimal(str(tiers[place]["unit_amount_decimal"]))

    exact = (
        sum((tier_of(unit) for unit in range(1, units + 1)), Decimal(0))
        if mode == "graduated"
        else units * tier_of(units)
    )
    assert abs(amount_of(price, units) - exact) <= Decimal("0.5")


def test_a_line_is_rounded_half_away_from_zero() -> None:
    """Half a cent becomes one, in either direction."""
    price = {"unit_amount_decimal": "0.5", "billing_scheme": "per_unit"}

    assert (amount_of(price, 1), amount_of(price, -1), amount_of(price, 3)) == (
        1,
        -1,
        2,
    )


def test_quantities_can_be_packed() -> None:
    """transform_quantity divides and rounds before the price counts."""
    price = {
        "unit_amount": 100,
        "transform_quantity": {"divide_by": 10, "round": "up"},
    }

    assert [amount_of(price, each) for each in (0, 1, 10, 11)] == [0, 100, 100, 200]
