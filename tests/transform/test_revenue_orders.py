"""Revenue of orders and invoices: what comes out is what an accountant would write."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction

import pytest

from orchestration.scenarios.engine import engine_of
from orchestration.scenarios.form import checked, parsed
from orchestration.scenarios.tables import Tables
from tests.transform.revenue_orders import (
    JANUARY,
    NEXT_JANUARY,
    Bill,
    Facts,
    Line,
    booked,
)

JULY, APRIL = date(2025, 7, 1), date(2025, 4, 1)
YEAR = Bill("I", JANUARY, 120_000, JANUARY, NEXT_JANUARY)
SEATS = Line("a", 0, 120_000, quantity=10)
MORE = Line("b", 1, 30_250, JULY, quantity=15, action="upsize", follows="a")


def by_days(parts: Sequence[tuple[date, date, int]]) -> dict[str, int]:
    """Return the revenue of stretches of days by month, each rounded to date."""
    months = [date(2025, number, 1) for number in range(1, 13)]
    found: dict[str, int] = {}
    for starts_on, ends_before, amount in parts:
        before = 0
        for month, following in zip(months, [*months[1:], NEXT_JANUARY], strict=True):
            days = min(
                max((following - starts_on).days, 0), (ends_before - starts_on).days
            )
            exact = Fraction(amount * days, (ends_before - starts_on).days)
            to_date = int(exact + Fraction(1, 2))
            key = f"{month:%Y-%m}"
            found[key] = found.get(key, 0) + to_date - before
            before = to_date
    return {month: amount for month, amount in found.items() if amount}


def test_more_units_are_spread_over_the_days_that_remain(
    revenue_models: Mapping[str, str],
) -> None:
    """What was not yet recognized, and what the amendment adds, is the rest's."""
    served = int(Fraction(120_000 * 181, 365) + Fraction(1, 2))
    rest = Bill("J", JULY, 30_250, JULY, NEXT_JANUARY)
    facts = Facts([SEATS, MORE], [YEAR, rest], [(1, JULY, "prospective", JULY)])

    with booked(revenue_models, facts) as books:
        assert books.holds() == []
        assert books.flows("revenue") == {
            **{
                month: amount
                for month, amount in by_days([(JANUARY, NEXT_JANUARY, 120_000)]).items()
                if month < "2025-07"
            },
            **by_days([(JULY, NEXT_JANUARY, 150_250 - served)]),
        }


def test_revenue_rests_while_a_subscription_does(
    revenue_models: Mapping[str, str],
) -> None:
    """By the end what was recognized is what was billed: nothing is left to settle."""
    may = date(2025, 5, 1)
    facts = Facts(
        [Line("a", 0, 36_500)],
        [
            Bill("I", JANUARY, 9_000, JANUARY, APRIL),
            Bill("J", may, 24_500, may, NEXT_JANUARY),
        ],
        paused=[(APRIL, may)],
    )

    with booked(revenue_models, facts) as books:
        assert books.holds() == []
        assert books.flows("revenue") == by_days(
            [(JANUARY, APRIL, 9_000), (may, NEXT_JANUARY, 24_500)]
        )
    with booked(revenue_models, replace(facts, pause_policies=[(may, "extend")])) as (
        books
    ):
        assert books.holds() == ["treatment_missing"]


def test_orders_come_to_what_the_same_facts_do_as_a_scenario(
    revenue_models: Mapping[str, str],
) -> None:
    """A second product, a smaller quantity and an early end, written down twice."""
    facts = Facts(
        [
            Line("a", 0, 120_000, quantity=10),
            Line("b", 1, 45_000, APRIL, quantity=5, action="add", product="EXTRA"),
            Line("c", 2, -30_000, JULY, quantity=5, action="downsize", follows="a"),
        ],
        modified=[
            (1, APRIL, "separate", APRIL),
            (2, JULY, "prospective", JULY),
        ],
    )
    scenario = parsed(
        """
        name: orders
        contracts:
          - id: C
            currency: USD
            signed: 2025-01-01
            obligations:
              - {id: a, amount: "1200.00", method: daily,
                 start: 2025-01-01, end: 2025-12-31}
        events:
          - on: 2025-04-01
            modification:
              contract: C
              treatment: separate
              decided_by: us
              add:
                - {id: b, amount: "450.00", method: daily,
                   start: 2025-04-01, end: 2025-12-31}
          - on: 2025-07-01
            modification:
              contract: C
              treatment: prospective
              decided_by: us
              changes: [{obligation: a, amount: "900.00"}]
        """
    )
    written = engine_of(revenue_models).run(Tables(checked(scenario)).rows)
    query = (
        "select strftime(month, '%Y-%m'), account_role, sum(amount_minor)"
        " from revenue_journal where month < '2026-01-01' group by all order by all"
    )

    with booked(revenue_models, facts) as books:
        assert books.holds() == []
        assert books.rows(query.replace("from ", "from revenue.")) == written.rows(
            query
        )


def test_what_nobody_decided_on_has_no_journal(
    revenue_models: Mapping[str, str],
) -> None:
    """A modification without a treatment holds its contract whole, with its price."""
    facts = Facts([SEATS, MORE], [YEAR], [(1, JULY, None, JULY)])

    with booked(revenue_models, facts) as books:
        assert books.rows("select reason, held_minor from revenue.revenue_holds") == [
            ("treatment_missing", 120_000)
        ]
        assert books.rows("select count(*) from revenue.revenue_journal") == [(0,)]


@pytest.mark.parametrize("billed", [90_000, 120_000, 130_001])
def test_a_contract_that_is_over_leaves_nothing_behind(
    billed: int, revenue_models: Mapping[str, str]
) -> None:
    """Its revenue is what was billed; the difference is of the day after its end."""
    bill = Bill("I", JANUARY, billed, JANUARY, NEXT_JANUARY)

    with booked(revenue_models, Facts([SEATS], [bill])) as books:
        revenue = books.flows("revenue")
        assert sum(revenue.values()) == billed
        assert revenue.get("2026-01", 0) == billed - 120_000
        assert sum(books.flows("deferred").values()) == 0
        assert sum(books.flows("contract_asset").values()) == 0


def test_an_early_end_is_caught_up_on_what_was_billed(
    revenue_models: Mapping[str, str],
) -> None:
    """What an order takes back at list price, discounts had not brought in."""
    facts = Facts(
        [
            SEATS,
            Line("x", 1, -70_000, JULY, quantity=0, action="cancel", follows="a"),
        ],
        [Bill("I", JANUARY, 60_000, JANUARY, JULY)],
        [(1, JULY, "catch_up", JULY)],
        status="terminated",
        ends_on=JULY - timedelta(days=1),
    )

    with booked(revenue_models, facts) as books:
        assert books.holds() == []
        revenue = books.flows("revenue")
        assert sum(revenue.values()) == 60_000
        assert max(revenue) == "2025-07"


@pytest.mark.parametrize(
    ("minimum", "holds", "revenue"),
    [(9_000, [], {"2025-01": 4_000}), (None, ["unknown_obligation"], {})],
)
def test_what_makes_up_an_agreed_minimum_is_use_of_its_month(
    minimum: int | None,
    holds: list[str],
    revenue: dict[str, int],
    revenue_models: Mapping[str, str],
) -> None:
    """Without a minimum that the contract states, such a charge holds the contract."""
    facts = Facts(
        [Line("u", 0, 0, product="API")],
        [Bill("I", date(2025, 2, 1), 4_000, JANUARY, date(2025, 2, 1), "COMMIT")],
        minimum_minor=minimum,
    )

    with booked(revenue_models, facts) as books:
        assert (books.holds(), books.flows("revenue")) == (holds, revenue)


@pytest.mark.parametrize(("is_billed_anew", "revenue"), [(True, 120_000), (False, 0)])
def test_a_void_invoice_lowers_the_price_unless_it_was_billed_anew(
    is_billed_anew: bool,  # noqa: FBT001  # a case of the table
    revenue: int,
    revenue_models: Mapping[str, str],
) -> None:
    """Receivables and deferred are undone either way; nothing is left at the end."""
    void = Bill("V", JANUARY, 120_000, JANUARY, NEXT_JANUARY, voided_on=APRIL)
    again = Bill("I", APRIL, 120_000, JANUARY, NEXT_JANUARY)
    facts = Facts([SEATS], [void, again] if is_billed_anew else [void])

    with booked(revenue_models, facts) as books:
        earned = sum(books.flows("revenue").values())
        given_up = -sum(books.flows("contra_void").values())
        assert earned - given_up == revenue
        assert sum(books.flows("accounts_receivable").values()) == -revenue
        assert sum(books.flows("deferred").values()) == 0


def test_what_became_known_after_the_close_is_of_the_open_period(
    revenue_models: Mapping[str, str],
) -> None:
    """A backdated amendment moves no minor unit of a month that was closed before."""
    closed = [(date(2025, month, 1), date(2025, month + 1, 5)) for month in (6, 7)]
    known = date(2025, 8, 20)
    late = Facts([SEATS, MORE], [YEAR], [(1, JULY, "prospective", known)], closed)
    never = Facts([SEATS], [YEAR])

    with booked(revenue_models, late) as books, booked(revenue_models, never) as before:
        found, expected = books.flows("revenue"), before.flows("revenue")
        assert books.holds() == []

    assert {month: found[month] for month in expected if month < "2025-08"} == {
        month: amount for month, amount in expected.items() if month < "2025-08"
    }
    assert found["2025-08"] > expected["2025-08"]


def test_use_is_revenue_of_the_month_it_was_used_in(
    revenue_models: Mapping[str, str],
) -> None:
    """A period that two months share is divided by units, and its parts sum to it.

    One that still runs counts by what was used so far.
    """
    middle = date(2025, 1, 15)
    used = {
        (middle, date(2025, 2, 15)): {middle: 700, date(2025, 2, 3): 301},
        (date(2026, 10, 20), date(2026, 11, 20)): {date(2026, 10, 31): 50},
    }
    facts = Facts([Line("u", 0, 0, product="API")], used=used)

    with booked(revenue_models, facts) as books:
        assert books.holds() == []
        assert books.flows("revenue") == {"2025-01": 700, "2025-02": 301, "2026-10": 50}
        assert books.flows("unbilled")["2026-10"] == -50


def test_a_month_that_is_not_over_is_posted_up_to_today(
    revenue_models: Mapping[str, str],
) -> None:
    """Fifteen days of October are fifteen days of revenue; what follows remains."""
    today = "2025-10-15"
    models = {
        name: query.replace("2026-10-31", today)
        for name, query in revenue_models.items()
    }
    facts = Facts([Line("a", 0, 365_00)], [YEAR])

    with booked(models, facts) as books:
        found = books.flows("revenue")
        assert found["2025-09"] == 30_00
        assert found["2025-10"] == 15_00
        assert max(found) == "2025-10"
        assert books.rows(
            "select remaining_minor from revenue.revenue_remaining_monthly"
            " where month = '2025-10-01'"
        ) == [(77_00,)]


def test_a_contract_is_owed_from_the_day_it_was_signed(
    revenue_models: Mapping[str, str],
) -> None:
    """What is signed in one month and begins in another remains from the first on."""
    facts = Facts([SEATS], [YEAR], signed_before=timedelta(days=40))

    with booked(revenue_models, facts) as books:
        assert books.rows(
            "select strftime(month, '%Y-%m'), remaining_minor"
            " from revenue.revenue_remaining_monthly order by month limit 1"
        ) == [("2024-11", 120_000)]
        assert min(books.flows("revenue")) == "2025-01"
