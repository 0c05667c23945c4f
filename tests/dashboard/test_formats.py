"""Formats: numbers, days and foreign texts as people read them."""

import csv
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.formats import (
    compact,
    count,
    duration,
    exact,
    instant,
    major,
    month,
    percent,
    plain,
    short_month,
)

SEED = Path(__file__).parents[2] / "transform" / "seeds" / "currencies.csv"


@pytest.mark.parametrize(
    ("minor", "currency", "shown"),
    [
        (1_678_729_920, "USD", "16.79M"),
        (6_426_000, "USD", "64.3k"),
        (-14_600_000, "USD", "−146.0k"),  # noqa: RUF001 - the minus is meant
        (95_000, "USD", "950"),
        (0, "USD", "0"),
        (99_500_000, "USD", "995.0k"),
        (1_200_000, "JPY", "1.20M"),
        (250_000_000_000, "USD", "2.50B"),
    ],
)
def test_an_amount_for_a_glance_has_two_or_three_digits(
    minor: int, currency: str, shown: str
) -> None:
    """Cards and charts name an amount the way a person would say it."""
    assert compact(minor, currency) == shown


def test_rounding_up_to_the_next_step_changes_the_letter() -> None:
    """999,995 dollars are one million at a glance, never 1000.0k."""
    assert compact(99_999_500) == "1.00M"


def test_half_is_rounded_away_from_zero_on_both_sides() -> None:
    """What a refund looks like does not depend on its sign."""
    assert (compact(50), compact(-50)) == ("1", "−1")  # noqa: RUF001 - as above


@pytest.mark.parametrize(
    ("minor", "currency", "shown"),
    [
        (2_362_800, "USD", "23,628.00"),
        (-5, "EUR", "−0.05"),  # noqa: RUF001 - as above
        (480_000, "JPY", "480,000"),
    ],
)
def test_an_exact_amount_is_grouped_to_its_last_minor_unit(
    minor: int, currency: str, shown: str
) -> None:
    """Tables show every minor unit, and none for a currency without."""
    assert exact(minor, currency) == shown


@given(st.integers(-(10**15), 10**15), st.sampled_from(["USD", "JPY"]))
def test_an_exact_amount_loses_nothing(minor: int, currency: str) -> None:
    """The text read back is the number that was published."""
    text = exact(minor, currency)

    digits = text.replace(",", "").replace(".", "").replace("\N{MINUS SIGN}", "-")

    assert int(digits) == minor


def test_the_currencies_without_minor_unit_are_those_of_the_seed() -> None:
    """The page and the warehouse agree on how many minor units make one unit."""
    with SEED.open(encoding="utf-8") as seed:
        rows = list(csv.DictReader(seed))

    assert {row["currency"]: int(row["minor_per_major"]) for row in rows} == {
        row["currency"]: int(1 / major(1, row["currency"])) for row in rows
    }


def test_days_months_and_shares_are_written_one_way() -> None:
    """One formatter serves every place of the page."""
    assert month(date(2026, 10, 1)) == "Oct 2026"
    assert short_month(date(2025, 10, 1)) == "Oct \N{RIGHT SINGLE QUOTATION MARK}25"
    assert instant(datetime(2026, 11, 1, 7, 5, tzinfo=UTC)) == "1 Nov 2026, 07:05 UTC"
    assert (percent(10_447), percent(9_355)) == ("104.5%", "93.6%")
    assert (count(1, "open break"), count(1204, "open break")) == (
        "1 open break",
        "1,204 open breaks",
    )


def test_a_duration_is_told_in_its_two_largest_units() -> None:
    """Nobody reads 93,784 seconds."""
    told = [duration(seconds) for seconds in (0, 59, 60, 3_720, 93_784, 86_405)]

    assert told == ["0 s", "59 s", "1 min", "1 h 2 min", "1 d 2 h", "1 d 5 s"]


def test_a_text_from_outside_is_never_markup() -> None:
    """A customer's name may hold any sign; none of them formats the page."""
    assert plain("![x](y) *a*\n $1_:red[b]") == (r"\!\[x\]\(y\) \*a\* \$1\_\:red\[b\]")


def test_an_address_in_a_name_does_not_become_a_link() -> None:
    """Nobody is led to another site by the name of a customer."""
    shown = plain("http://a.example and www.b.example").replace("\\", "")

    assert "://" not in shown
    assert "www." not in shown
