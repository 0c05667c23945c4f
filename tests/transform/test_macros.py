"""The rules that all models share, each asked directly."""

import csv
from collections.abc import Callable
from datetime import date
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

GOLDEN = Path(__file__).parent / "golden_ratable.csv"
INLINE = """
select
    {{ div_half_up("a", "b") }} as divided,
    {%- set elapsed = days_between("starts_on", "day") %}
    {%- set total = days_between("starts_on", "ends_before") %}
    {{ share_minor("a", elapsed, total) }} as earned,
    {{ normalised_name("name") }} as normalised_name,
    {{ normalised_code("name") }} as normalised_code,
    {{ domain_of("name") }} as domain,
    {{ to_minor("amount", "b") }} as minor,
    {{ amount_text("a", "b") }} as amount
from arguments
"""
DEFAULTS = {
    "a": "cast(0 as bigint)",
    "b": "cast(1 as bigint)",
    "day": "date '2019-01-01'",
    "starts_on": "date '2019-01-01'",
    "ends_before": "date '2019-01-02'",
    "name": "''",
    "amount": "cast(0 as decimal(38,9))",
}

Ask = Callable[..., Any]


@pytest.fixture(scope="module")
def ask(dbt: Any) -> Ask:
    """Return a function that computes a macro for given arguments."""
    compiled = dbt.run("compile", "--inline", INLINE).results[0].node.compiled_code
    connection = duckdb.connect()
    connection.execute("set timezone = 'UTC'")

    def answer(column: str, **values: str) -> Any:
        given_values = {**DEFAULTS, **values}
        arguments = ", ".join(
            f"{value} as {name}" for name, value in given_values.items()
        )
        return connection.execute(
            f"with arguments as (select {arguments}) select {column} from ({compiled})"
        ).fetchall()[0][0]

    return answer


def golden_cases() -> list[dict[str, str]]:
    """Return the published examples, in minor units."""
    with GOLDEN.open() as file:
        return list(csv.DictReader(file))


def integer(value: int) -> str:
    """Return a whole number as SQL."""
    return f"cast({value} as bigint)"


@pytest.mark.parametrize(
    ("numerator", "denominator", "quotient"),
    [
        (29 * 1, 2, 15),  # half of 0.29: a float says 0.14
        (201 * 1, 2, 101),  # half of 2.01: a float says 1.00
        (-29, 2, -15),
        (-201, 2, -101),
        (1, 3, 0),
        (2, 3, 1),
        (-2, 3, -1),
        (0, 7, 0),
        (7, 7, 1),
    ],
)
def test_a_tie_is_rounded_away_from_zero(
    ask: Ask, numerator: int, denominator: int, quotient: int
) -> None:
    """Half a cent is a cent, in both directions."""
    assert ask("divided", a=integer(numerator), b=integer(denominator)) == quotient


@given(numerator=st.integers(-(10**15), 10**15), denominator=st.integers(1, 1_000_000))
def test_division_is_exact_rounding(ask: Ask, numerator: int, denominator: int) -> None:
    """The integer macro rounds as exact fractions do."""
    exact = Fraction(numerator, denominator)
    nearest = (abs(exact) + Fraction(1, 2)).__floor__()

    found = ask("divided", a=integer(numerator), b=integer(denominator))

    assert found == (nearest if numerator >= 0 else -nearest)


@pytest.mark.parametrize("case", golden_cases(), ids=lambda case: case["case"])
def test_ratable_revenue_is_that_of_published_examples(
    ask: Ask, case: dict[str, str]
) -> None:
    """A service period earns by the day, as billing systems document it."""
    earned = ask(
        "earned",
        a=integer(int(case["amount"])),
        starts_on=f"date '{case['starts_on']}'",
        ends_before=f"date '{case['ends_before']}'",
        # What is served is served: no day counts after the period.
        day=f"date '{min(case['month_ends_before'], case['ends_before'])}'",
    )

    assert earned == int(case["earned"])


@given(
    amount=st.integers(-(10**12), 10**12),
    length=st.integers(1, 400),
    cuts=st.sets(st.integers(1, 399), max_size=6),
)
def test_parts_of_a_period_sum_to_the_amount(
    ask: Ask, amount: int, length: int, cuts: set[int]
) -> None:
    """However a period is cut into months, its revenue is its amount."""
    start = date(2024, 2, 1).toordinal()
    edges = sorted({0, length, *(cut for cut in cuts if cut < length)})

    def earned(days: int) -> int:
        found: int = ask(
            "earned",
            a=integer(amount),
            starts_on=f"date '{date.fromordinal(start)}'",
            day=f"date '{date.fromordinal(start + days)}'",
            ends_before=f"date '{date.fromordinal(start + length)}'",
        )
        return found

    shares = [earned(edge) for edge in edges]
    parts = [later - sooner for sooner, later in pairwise(shares)]

    assert sum(parts) == amount
    assert all(part * amount >= 0 for part in parts)


@pytest.mark.parametrize(
    ("name", "normalised"),
    [
        ("Müller & Söhne GmbH", "muller sohne"),
        ("ACME, Inc.", "acme"),
        ("Acme Incorporated", "acme"),
        ("Northwick Foods B.V.", "northwick foods"),
        ("Kabushiki K.K.", "kabushiki"),
        ("Straße AG", "strasse"),
        ("Group", "group"),
        ("  ", None),
    ],
)
def test_spellings_of_a_legal_name_are_one(
    ask: Ask, name: str, normalised: str | None
) -> None:
    """Case, accents, punctuation and the legal form do not tell companies apart."""
    assert ask("normalised_name", name=f"'{name}'") == normalised


def test_codes_and_domains_are_compared_without_their_spelling(ask: Ask) -> None:
    """A product code and a domain are the same however they are typed."""
    assert ask("normalised_code", name="' add sso'") == "ADD-SSO"
    assert ask("domain", name="'https://www.Acme.example/about'") == "acme.example"
    assert ask("domain", name="'billing@acme.example'") == "acme.example"


def test_decimal_amounts_become_whole_minor_units(ask: Ask) -> None:
    """Cents and yen alike, without a float in between."""
    exact = "cast('9007199254740993.01' as decimal(38,9))"

    assert ask("minor", amount=exact, b=integer(100)) == 900719925474099301
    assert ask("minor", amount="cast(1500 as decimal(38,9))", b=integer(1)) == 1500


def test_minor_units_read_as_amounts(ask: Ask) -> None:
    """A sentence shows the decimals that the currency has."""
    assert ask("amount", a=integer(-5), b=integer(100)) == "-0.05"
    assert ask("amount", a=integer(123456), b=integer(100)) == "1234.56"
    assert ask("amount", a=integer(1500), b=integer(1)) == "1500"
