"""The marts equal a second computation: plain Python, raw rows, one day at a time."""

from calendar import monthrange
from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import pytest

AS_OF = date(2026, 10, 31)
EXPONENT = {"USD": 2, "EUR": 2, "GBP": 2, "JPY": 0}
DAY = timedelta(days=1)

Row = dict[str, Any]
Key = tuple[str, str, date]


def rounded(value: Fraction) -> int:
    """Return the nearest whole number, ties away from zero."""
    nearest = abs(value) + Fraction(1, 2)
    whole = nearest.numerator // nearest.denominator
    return whole if value >= 0 else -whole


def after_months(day: date, months: int) -> date:
    """Return the same day so many months later, at most the month's last."""
    index = day.year * 12 + day.month - 1 + months
    year, month = index // 12, index % 12 + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def month_of(day: date) -> date:
    """Return the first day of the month."""
    return day.replace(day=1)


def months(first: date) -> Iterator[date]:
    """Return the first days of all months up to the last one with numbers."""
    month = month_of(first)
    while month <= AS_OF:
        yield month
        month = after_months(month, 1)


def last_day(month: date) -> date:
    """Return the last day of the month."""
    return after_months(month, 1) - DAY


def contract_lines(built: Any) -> list[Row]:
    """Return the raw contract lines, each with its customer, days and money."""
    return built.records(
        """
        select
            records.customer_id,
            contracts.currency_iso_code as currency,
            lines.sbqq__quantity__c as quantity,
            lines.sbqq__net_price__c as price,
            coalesce(lines.sbqq__discount__c, 0) as discount,
            lines.discount_months__c as discount_months,
            lines.sbqq__subscription_start_date__c as starts_on,
            least(
                lines.sbqq__subscription_end_date__c, contracts.end_date
            ) as ends_on
        from raw_salesforce.subscriptions as lines
        inner join raw_salesforce.contracts as contracts
            on contracts.id = lines.sbqq__contract__c
        inner join canonical.customer_records as records
            on records.record_id = contracts.account_id
            and records.system = 'salesforce'
        where lines.sbqq__charge_type__c = 'Recurring'
        """
    )


def arr_on(line: Row, day: date) -> Fraction:
    """Return what a line brings in twelve months at the price of one day."""
    if not line["starts_on"] <= day <= line["ends_on"]:
        return Fraction(0)
    yearly = Fraction(line["quantity"]) * Fraction(line["price"]) * 12
    yearly *= 10 ** EXPONENT[line["currency"]]
    if line["discount"] and day < after_months(
        line["starts_on"], line["discount_months"]
    ):
        yearly -= yearly * Fraction(line["discount"]) / 100
    return yearly


def expected_movements(lines: list[Row]) -> dict[Key, tuple[int, str, int]]:
    """Return opening, kind of movement and closing by customer, currency, month."""
    grouped = defaultdict(list)
    for line in lines:
        grouped[line["customer_id"], line["currency"]].append(line)
    closings: dict[Key, int] = {}
    first_active: dict[str, date] = {}
    for (customer, currency), held in grouped.items():
        for month in months(min(line["starts_on"] for line in held)):
            closing = sum(rounded(arr_on(line, last_day(month))) for line in held)
            closings[customer, currency, month] = closing
            if closing:
                known = first_active.get(customer, month)
                first_active[customer] = min(known, month)
    expected = {}
    for (customer, currency, month), closing in closings.items():
        opening = closings.get((customer, currency, after_months(month, -1)), 0)
        if opening or closing:
            was_active = first_active[customer] < month
            kind = movement(opening, closing, was_active=was_active)
            expected[customer, currency, month] = (opening, kind, closing)
    return expected


def movement(opening: int, closing: int, *, was_active: bool) -> str:
    """Return the one word for a change of ARR."""
    if opening == closing:
        return "none"
    if opening == 0:
        return "reactivation" if was_active else "new"
    if closing == 0:
        return "churn"
    return "expansion" if closing > opening else "contraction"


def invoice_lines(built: Any) -> list[Row]:
    """Return the raw lines of valid invoices, with the usage type of the price."""
    return built.records(
        """
        select
            lines.id,
            upper(lines.currency) as currency,
            lines.amount - lines.discount_amount as net,
            lines.quantity,
            invoices.customer,
            prices.recurring_usage_type as usage_type,
            prices.recurring_meter as meter,
            cast(invoices.finalized_at as date) as issued_on,
            cast(lines.period_start as date) as starts_on,
            cast(lines.period_end as date) as ends_before
        from raw_stripe.invoice_lines as lines
        inner join raw_stripe.invoices as invoices on invoices.id = lines.invoice
        left join raw_stripe.prices as prices on prices.id = lines.price
        where invoices.status not in ('draft', 'void')
        """
    )


def usage(built: Any) -> Mapping[tuple[str, str], Mapping[date, int]]:
    """Return units by customer, meter and day."""
    found: dict[tuple[str, str], dict[date, int]] = defaultdict(dict)
    for row in built.records(
        "select customer, meter, cast(start_time as date) as day, aggregated_value"
        " from raw_stripe.meter_summaries"
    ):
        found[row["customer"], row["meter"]][row["day"]] = int(row["aggregated_value"])
    return found


def earned_by(
    line: Row, day: date, used: Mapping[tuple[str, str], Mapping[date, int]]
) -> int:
    """Return what a line has earned when a day is over."""
    if line["usage_type"] is None or line["starts_on"] >= line["ends_before"]:
        return line["net"] if day >= line["issued_on"] else 0
    if day >= line["ends_before"] - DAY:
        return line["net"]
    if line["usage_type"] == "metered":
        units = sum(
            quantity
            for on, quantity in used.get((line["customer"], line["meter"]), {}).items()
            if line["starts_on"] <= on <= day
        )
        if not line["quantity"]:
            return 0
        share = Fraction(min(units, line["quantity"]), line["quantity"])
    else:
        total = (line["ends_before"] - line["starts_on"]).days
        share = Fraction(max((day - line["starts_on"]).days + 1, 0), total)
    return rounded(line["net"] * share)


@pytest.mark.parametrize("fixture", ["clean", "disordered"])
def test_arr_movements_are_those_of_the_contract_lines(
    fixture: str, request: pytest.FixtureRequest
) -> None:
    """Looking at each month's last day gives the same movements as the segments."""
    built = request.getfixturevalue(fixture)
    kinds = ("new", "expansion", "contraction", "churn", "reactivation")

    found = {}
    for row in built.records("select * from marts.arr_movements"):
        moved = [kind for kind in kinds if row[f"{kind}_minor"]] or ["none"]
        assert len(moved) == 1
        found[row["customer_id"], row["currency"], row["month"]] = (
            row["opening_minor"],
            moved[0],
            row["closing_minor"],
        )

    assert found == expected_movements(contract_lines(built))


@pytest.mark.parametrize("fixture", ["clean", "disordered"])
def test_revenue_and_deferral_are_those_of_the_invoice_lines(
    fixture: str, request: pytest.FixtureRequest
) -> None:
    """Revenue, billings and the balance follow from what is earned day by day."""
    built = request.getfixturevalue(fixture)
    lines, used = invoice_lines(built), usage(built)
    first = min(min(line["issued_on"], line["starts_on"]) for line in lines)
    revenue: dict[tuple[date, str], int] = defaultdict(int)
    closing: dict[tuple[date, str], int] = defaultdict(int)
    for line in lines:
        before = 0
        for month in months(first):
            earned = earned_by(line, last_day(month), used)
            billed = line["net"] if line["issued_on"] <= last_day(month) else 0
            revenue[month, line["currency"]] += earned - before
            closing[month, line["currency"]] += billed - earned
            before = earned

    rows = [
        row
        for row in built.records("select * from marts.deferred_revenue_monthly")
        if row["month"] >= month_of(first)
    ]

    assert {
        (row["month"], row["currency"]): row["revenue_minor"] for row in rows
    } == revenue
    assert {
        (row["month"], row["currency"]): row["closing_minor"] for row in rows
    } == closing


def test_cash_is_what_arrived_less_what_was_given_back(disordered: Any) -> None:
    """Cash of all months is all succeeded payments less all succeeded refunds."""
    received, refunded = disordered.rows(
        """
        select
            (
                select coalesce(sum(amount_received), 0) from raw_stripe.payments
                where status = 'succeeded' and currency = 'usd'
            ),
            (
                select coalesce(sum(amount), 0) from raw_stripe.refunds
                where status = 'succeeded' and currency = 'usd'
            )
        """
    )[0]

    cash = disordered.rows(
        "select sum(cash_minor) from marts.quote_to_cash_monthly where currency = 'USD'"
    )[0][0]

    assert received > refunded
    assert cash == received - refunded
