"""The marts equal a second computation: plain Python, raw rows, one day at a time."""

from calendar import monthrange
from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import pytest

from tests.transform.arr_reference import Held, Line, movements, rounded

AS_OF = date(2026, 10, 31)
EXPONENT = {"USD": 2, "EUR": 2, "GBP": 2, "JPY": 0}
DAY = timedelta(days=1)

LINE = ("customer_id", "product_id", "currency", "legal_entity_code")
MOVEMENTS = (
    *("transfer_in", "transfer_out", "new", "reactivation", "churn", "pause"),
    *("resume", "expansion", "contraction"),
)

Row = dict[str, Any]
Key = tuple[str, str, str, str, date]


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
            products.product_code as product_id,
            contracts.currency_iso_code as currency,
            coalesce(accounts.entity__c, 'US') as legal_entity_code,
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
        inner join raw_salesforce.accounts as accounts
            on accounts.id = contracts.account_id
        inner join raw_salesforce.products as products
            on products.id = lines.sbqq__product__c
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


def expected_movements(lines: list[Row]) -> dict[Key, Row]:
    """Return opening, closing and what moved, by line of a customer and month."""
    grouped: dict[Line, list[Row]] = defaultdict(list)
    for row in lines:
        grouped[
            row["customer_id"],
            row["product_id"],
            row["currency"],
            row["legal_entity_code"],
        ].append(row)
    known = [*months(min(row["starts_on"] for row in lines))]
    closings = {
        line: {
            month: Held(sum(rounded(arr_on(part, last_day(month))) for part in parts))
            for month in known
        }
        for line, parts in grouped.items()
    }
    expected: dict[Key, Row] = {}
    for (customer, product, currency, entity), held in closings.items():
        for month in known:
            opening = held.get(after_months(month, -1), Held()).minor
            if opening or held[month].minor:
                expected[customer, product, currency, entity, month] = {
                    "opening": opening,
                    "closing": held[month].minor,
                }
    told = movements(closings, known, {}, {})
    for ((customer, product, currency, entity), month, name, _), amount in told.items():
        moved = expected[customer, product, currency, entity, month]
        moved[name] = moved.get(name, 0) + amount
    return expected


@pytest.mark.parametrize("fixture", ["rich", "disordered"])
def test_arr_movements_are_those_of_the_contract_lines(
    fixture: str, request: pytest.FixtureRequest
) -> None:
    """Looking at each month's last day gives the same movements as the segments.

    But for customers that pause, which test_laws_arr.py has.
    """
    built = request.getfixturevalue(fixture)
    paused = {
        customer
        for (customer,) in built.rows(
            "select contracts.customer_id from canonical.contracts as contracts"
            " inner join intermediate.int_contracts__suspensions as suspensions"
            " on suspensions.salesforce_contract_id = contracts.contract_id"
            " where suspensions.kind = 'pause'"
        )
    }

    found = {}
    for row in built.records("select * from marts.arr_movements"):
        if row["customer_id"] in paused:
            continue
        amounts = {
            name: row[f"{name}_minor"] for name in MOVEMENTS if row[f"{name}_minor"]
        }
        found[*(row[name] for name in LINE), row["month"]] = {
            "opening": row["opening_minor"],
            "closing": row["closing_minor"],
            **amounts,
        }

    assert found == expected_movements(
        [row for row in contract_lines(built) if row["customer_id"] not in paused]
    )
    assert len(found) > 500


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
