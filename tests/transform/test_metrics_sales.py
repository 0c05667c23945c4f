"""Bookings and pipeline equal a second computation in Python."""

from collections import defaultdict
from datetime import date
from fractions import Fraction
from typing import Any

import pytest

from tests.transform.test_differential import (
    AS_OF,
    DAY,
    EXPONENT,
    Row,
    after_months,
    last_day,
    month_of,
    months,
    rounded,
)

BUILT = ("rich", "disordered")
# What Salesforce ships for its standard stages, in hundredths of a percent.
LIKELY = {
    "Prospecting": 1000,
    "Qualification": 1000,
    "Proposal/Price Quote": 7500,
    "Negotiation/Review": 9000,
}
TYPES = {"Quote": "new", "Renewal": "renewal"}


@pytest.fixture(params=BUILT)
def built(request: pytest.FixtureRequest) -> Any:
    """Return each company in turn."""
    return request.getfixturevalue(request.param)


def minor(amount: Any, currency: str) -> Fraction:
    """Return an amount in minor units."""
    return Fraction(amount) * 10 ** EXPONENT[currency]


def order_lines(built: Any) -> list[Row]:
    """Return the raw lines of won and ordered quotes, each with the days it holds."""
    lines = built.records(
        """
        select
            lines.id,
            quotes.id as quote,
            quotes.sbqq__type__c as quote_type,
            upper(quotes.currency_iso_code) as currency,
            opportunities.close_date as won_on,
            quotes.sbqq__start_date__c as order_starts_on,
            quotes.sbqq__end_date__c as order_ends_on,
            coalesce(lines.sbqq__start_date__c, quotes.sbqq__start_date__c)
                as starts_on,
            coalesce(lines.sbqq__end_date__c, quotes.sbqq__end_date__c) as ends_on,
            contracts.end_date as contract_ends_on,
            lines.sbqq__charge_type__c as charge,
            lines.sbqq__quantity__c as quantity,
            lines.sbqq__net_price__c as price,
            coalesce(lines.sbqq__discount__c, 0) as discount,
            lines.sbqq__net_total__c as total
        from raw_salesforce.quote_lines as lines
        inner join raw_salesforce.quotes as quotes
            on quotes.id = lines.sbqq__quote__c and quotes.sbqq__ordered__c
        inner join raw_salesforce.opportunities as opportunities
            on opportunities.id = quotes.sbqq__opportunity2__c
            and opportunities.is_won
        left join raw_salesforce.contracts as made
            on made.sbqq__quote__c = quotes.id
        left join raw_salesforce.contracts as contracts
            on contracts.id = coalesce(made.id, quotes.sbqq__master_contract__c)
        """
    )
    for line in lines:
        line["total"] = int(minor(line["total"], line["currency"]))
        line["is_recurring"] = line["charge"] == "Recurring"
    return lines


def booking_type(line: Row) -> str:
    """Return the one word for what an order line does to ARR."""
    if line["quote_type"] != "Amendment":
        return TYPES[line["quote_type"]]
    takes_away = line["is_recurring"] and line["quantity"] * line["price"] < 0
    return "contraction" if takes_away else "expansion"


def arr_of(line: Row) -> int:
    """Return what a line brings in twelve months from the order's first day."""
    if not line["is_recurring"] or line["starts_on"] != line["order_starts_on"]:
        return 0
    yearly = 12 * minor(line["quantity"] * line["price"], line["currency"])
    return int(yearly) - rounded(int(yearly) * Fraction(line["discount"]) / 100)


def acv_of(line: Row) -> int:
    """Return what a line brings in a year of its order's term."""
    if not line["is_recurring"]:
        return 0
    starts_on, ends_before = line["order_starts_on"], line["order_ends_on"] + DAY
    term = next(
        (
            each
            for each in range(1, 121)
            if after_months(starts_on, each) == ends_before
        ),
        None,
    )
    if term is not None:
        return rounded(Fraction(line["total"] * 12, term))
    return rounded(Fraction(line["total"] * 365, (ends_before - starts_on).days))


def test_bookings_are_those_of_the_order_lines(built: Any) -> None:
    """Each month's bookings are the lines of the orders won in it, each valued."""
    expected: dict[Any, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for line in order_lines(built):
        booked = expected[
            month_of(line["won_on"]), line["currency"], booking_type(line)
        ]
        booked["arr_minor"] += arr_of(line)
        booked["acv_minor"] += acv_of(line)
        booked["tcv_minor"] += line["total"]
        booked["one_time_minor"] += 0 if line["is_recurring"] else line["total"]

    rows = built.records("select * from marts.bookings_monthly")

    assert {row["booking_type"] for row in rows} >= {"new", "renewal", "expansion"}
    assert {
        (row["month"], row["currency"], row["booking_type"]): {
            name: row[name]
            for name in ("arr_minor", "acv_minor", "tcv_minor", "one_time_minor")
        }
        for row in rows
    } == expected


def test_contract_value_of_lines_is_that_of_orders(built: Any) -> None:
    """The lines of a month's orders add up to the totals that the quotes state."""
    lines = built.rows(
        "select month, currency, cast(sum(tcv_minor) as bigint)"
        " from marts.bookings_monthly group by 1, 2 order by 1, 2"
    )

    quotes = built.rows(
        "select month, currency, bookings_minor from marts.quote_to_cash_monthly"
        " where bookings_minor <> 0 order by 1, 2"
    )

    assert [line for line in lines if line[2]] == quotes


def opportunities(built: Any) -> list[Row]:
    """Return the raw opportunities with their days."""
    return built.records(
        """
        select
            stage_name as stage,
            upper(currency_iso_code) as currency,
            amount,
            cast(created_date as date) as created_on,
            cast(system_modstamp as date) as modified_on,
            close_date as closed_on,
            is_closed,
            is_won
        from raw_salesforce.opportunities
        """
    )


def is_open(deal: Row, ended: date) -> bool:
    """Return whether a deal was open when the day before one was over."""
    is_closed = deal["is_closed"] and deal["closed_on"] < ended
    return deal["created_on"] < ended and not is_closed


def test_pipeline_is_what_was_open_at_the_months_end(built: Any) -> None:
    """Each opportunity is in the pipeline from its creation until it is closed."""
    deals = opportunities(built)
    first = built.rows("select min(month) from marts.pipeline_monthly")[0][0]
    expected: dict[Any, list[Any]] = defaultdict(lambda: [0, 0, None])
    for month in months(first):
        ended = min(last_day(month), AS_OF) + DAY
        for deal in deals:
            if is_open(deal, ended):
                is_known = deal["modified_on"] < ended
                stage = deal["stage"] if is_known else "unknown"
                amount = int(minor(deal["amount"], deal["currency"]))
                row = expected[month, deal["currency"], stage]
                row[0] += 1
                row[1] += amount
                if stage in LIKELY:  # of another one no chance is known, nor is it 0
                    weighted = rounded(Fraction(amount * LIKELY[stage], 10000))
                    row[2] = (row[2] or 0) + weighted

    found = {
        (row["month"], row["currency"], row["stage"]): [
            row["opportunities_count"],
            row["open_minor"],
            row["weighted_minor"],
        ]
        for row in built.records("select * from marts.pipeline_monthly")
    }

    assert found == expected


def test_outcomes_are_what_became_of_each_opportunity(built: Any) -> None:
    """Won and lost count when they close, converted three months after being open."""
    deals = opportunities(built)
    rows = built.records("select * from marts.pipeline_outcomes_monthly")
    ((first,),) = built.rows("select min(day) from marts.calendar_days")
    expected: dict[Any, dict[str, int]] = {}
    for row in rows:
        month, currency = row["month"], row["currency"]
        ended = min(last_day(month), AS_OF) + DAY
        before = after_months(month, -3)
        sums = dict.fromkeys(("won", "lost", "converted", "not_converted"), 0)
        for deal in deals:
            if deal["currency"] != currency:
                continue
            amount = int(minor(deal["amount"], currency))
            if deal["is_closed"] and month_of(deal["closed_on"]) == month:
                sums["won" if deal["is_won"] else "lost"] += amount
            was_open = is_open(deal, month_of(after_months(before, 1)))
            if was_open and before >= first:
                is_won = deal["is_won"] and deal["closed_on"] < ended
                sums["converted" if is_won else "not_converted"] += amount
        expected[month, currency] = sums

    found = {
        (row["month"], row["currency"]): {
            name: row[f"{name}_minor"]
            for name in ("won", "lost", "converted", "not_converted")
        }
        for row in rows
    }

    assert sum(row["converted_count"] for row in rows) > 0
    assert sum(row["lost_count"] for row in rows) > 0
    assert found == expected
