"""The bridge once more, in Python: both sides by month, the reasons to date.

Written from the definitions over canonical rows; it shares no SQL with the models.
What it returns is by hand-off, legal entity and currency.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

Row = dict[str, Any]
Cell = tuple[str, str, str]  # hand-off, legal entity, currency

SOLD, BILLED, PAID = (
    "bookings_to_contract_value",
    "contract_value_to_billings",
    "billings_to_cash",
)
EARNED, POSTED = "billings_to_revenue", "revenue_to_ledger"
EARNING = {
    *("revenue", "contra_refund", "contra_void", "contra_credit", "contra_dispute"),
}
DEFERRING = {"deferred", "contract_asset", "unbilled", "refund_liability"}
# What the subledger took off a price, whose tax and cash are not revenue.
BILLING = {"invoice", "void", "payment"}

SIDES = {
    "bookings": """
        select coalesce(orders.legal_entity_code, contracts.legal_entity_code)
            as entity, booked.currency, booked_on as happened_on,
            booked.total_minor as amount
        from intermediate.int_orders__booked as booked
        left join canonical.orders as orders
            on orders.quote_id = booked.salesforce_quote_id
        left join canonical.contracts as contracts
            on contracts.contract_id = booked.salesforce_contract_id
    """,
    "billings": """
        select legal_entity_code as entity, currency, issued_on as happened_on,
            net_minor as amount
        from canonical.invoices where status <> 'void'
    """,
    "cash": """
        select legal_entity_code as entity, currency, paid_on as happened_on,
            received_minor as amount
        from canonical.payments
        union all by name
        select legal_entity_code as entity, currency, refunded_on as happened_on,
            -amount_minor as amount
        from canonical.refunds where status = 'succeeded'
    """,
    "revenue": """
        select entity, currency, posted_on as happened_on, -amount_minor as amount
        from revenue.revenue_journal
        where account_role = 'revenue' or starts_with(account_role, 'contra_')
    """,
    "ledger": """
        select legal_entity_code as entity, currency, posted_on as happened_on,
            credit_minor - debit_minor as amount
        from canonical.gl_entries where account_role in ('revenue', 'contra_revenue')
    """,
}
# The side that each hand-off begins and ends with; contract value has rules of its own.
ENDS = {
    (SOLD, "left"): "bookings",
    (BILLED, "right"): "billings",
    (PAID, "left"): "billings",
    (PAID, "right"): "cash",
    (EARNED, "left"): "billings",
    (EARNED, "right"): "revenue",
    (POSTED, "left"): "revenue",
    (POSTED, "right"): "ledger",
}


# Where the organization keeps no orders, quotes say what is charged once.
ONE_TIME = """
    select orders.legal_entity_code, orders.currency, tcv_minor
    from canonical.order_lines inner join canonical.orders using (order_id)
    where revenue_type = 'one_time' and orders.contract_id is not null
    union all
    select contracts.legal_entity_code, bookings.currency, bookings.total_minor
    from intermediate.int_bookings__lines as bookings
    inner join canonical.contracts as contracts
        on contracts.contract_id = bookings.salesforce_contract_id
    where not bookings.is_recurring
        and not exists (
            select * from canonical.orders
            where orders.contract_id = contracts.contract_id
        )
"""


def sides(company: Any) -> dict[tuple[str, str, str, str, date], int]:
    """Return by hand-off, side, entity, currency and month what systems say."""
    found: dict[tuple[str, str, str, str, date], int] = defaultdict(int)
    for (hand_off, side), name in ENDS.items():
        for row in company.records(SIDES[name]):
            month = row["happened_on"].replace(day=1)
            key = (hand_off, side, row["entity"], row["currency"], month)
            found[key] += row["amount"]
    return {key: amount for key, amount in found.items() if amount}


def values(company: Any) -> dict[tuple[str, str], int]:
    """Return by entity and currency what contracts are worth, from their lines."""
    found: dict[tuple[str, str], int] = defaultdict(int)
    for row in _segments(company):
        worth = term(row["arr_minor"], row["starts_on"], row["ends_before"])
        found[row["legal_entity_code"], row["currency"]] += worth
    for row in company.records(ONE_TIME):
        found[row["legal_entity_code"], row["currency"]] += row["tcv_minor"]
    return dict(found)


def to_date(company: Any, as_of: date) -> dict[tuple[Cell, str], int]:
    """Return by cell and reason what has come together by the day of the numbers."""
    found: dict[tuple[Cell, str], int] = defaultdict(int)
    for cell, reason, amount in (
        *_of_billings(company, as_of),
        *_of_cash(company),
        *_of_revenue(company),
    ):
        found[cell, reason] += amount
    return {key: amount for key, amount in found.items() if amount}


def _of_billings(company: Any, as_of: date) -> Iterator[tuple[Cell, str, int]]:
    """What is still to be billed is timing, and usage is agreed without a sum."""
    used = _used(company)
    billed: dict[tuple[str, str], date] = {}
    for row in company.records("""
        select coalesce(master_contract_id, contract_id) as agreement, lines.*
        from canonical.invoice_lines as lines
        inner join canonical.invoices as invoices using (billing_system, invoice_id)
        inner join canonical.subscriptions as subscriptions
            on subscriptions.billing_system = lines.billing_system
            and subscriptions.subscription_id = lines.subscription_id
        inner join canonical.contracts as contracts using (contract_id)
        where invoices.status <> 'void'
    """):
        place = BILLED, row["legal_entity_code"], row["currency"]
        if row["revenue_type"] == "usage" or row["product_id"] in used:
            yield place, "policy", row["net_minor"]
        if row["revenue_type"] == "recurring":
            key = row["agreement"], row["product_id"]
            billed[key] = max(billed.get(key, row["ends_before"]), row["ends_before"])
    for row in _segments(company):
        begins = max(
            row["starts_on"],
            billed.get((row["agreement"], row["product_id"]), row["starts_on"]),
            as_of + timedelta(1),
        )
        if begins < row["ends_before"]:
            to_come = term(row["arr_minor"], begins, row["ends_before"])
            yield (
                (BILLED, row["legal_entity_code"], row["currency"]),
                "timing",
                -to_come,
            )


def _of_cash(company: Any) -> Iterator[tuple[Cell, str, int]]:
    """What is open is timing; credit, write-offs and refunds are never paid."""
    for row in company.records(
        "select * from canonical.invoices where status <> 'void'"
    ):
        cell = PAID, row["legal_entity_code"], row["currency"]
        yield cell, "tax", row["tax_minor"]
        yield cell, "timing", -row["open_minor"]
        yield cell, "policy", -row["credited_minor"] - row["written_off_minor"]
    for row in company.records(
        "select * from canonical.refunds where status = 'succeeded'"
    ):
        cell = PAID, row["legal_entity_code"], row["currency"]
        yield cell, "policy", -row["amount_minor"]


def _of_revenue(company: Any) -> Iterator[tuple[Cell, str, int]]:
    """What is deferred is timing, and in the ledger until it is exported."""
    for row in company.records("select * from revenue.revenue_journal"):
        place = row["entity"], row["currency"]
        if row["account_role"] in DEFERRING:
            yield (EARNED, *place), "timing", row["amount_minor"]
            yield (POSTED, *place), "timing", -row["amount_minor"]
        elif row["reason"] not in BILLING and row["account_role"] not in EARNING:
            yield (EARNED, *place), "policy", row["amount_minor"]


def _segments(company: Any) -> Iterable[Row]:
    """Return the recurring lines of contracts, with the contract that billing bills."""
    rows: Iterable[Row] = company.records("""
        select segments.*,
            coalesce(contracts.master_contract_id, segments.contract_id) as agreement
        from canonical.contract_segments as segments
        inner join canonical.contracts as contracts using (contract_id)
        where is_recurring
    """)
    return rows


def _used(company: Any) -> set[str]:
    """Return the products that are charged by what is used."""
    rows = company.records(
        "select product_id from canonical.products where family = 'Usage'"
    )
    return {row["product_id"] for row in rows}


def term(yearly: int, starts_on: date, ends_before: date) -> int:
    """Return what a yearly amount comes to: by months, and by days of the last."""
    months = 0
    while _later(starts_on, months + 1) <= ends_before:
        months += 1
    begun, done = _later(starts_on, months), _later(starts_on, months + 1)
    part = months + Fraction((ends_before - begun).days, (done - begun).days)
    exact = Fraction(yearly, 12) * part
    rounded = int(abs(exact) + Fraction(1, 2))
    return rounded if exact >= 0 else -rounded


def _later(day: date, months: int) -> date:
    """Return the same day of a later month, or its last where it has none."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    following = date(year + month // 11, (month + 1) % 12 + 1, 1)
    last = (following - timedelta(1)).day
    return date(year, month + 1, min(day.day, last))
