"""What becomes of usage and prices that are wrong: held with a reason, never a zero."""

import shutil
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.transform.conftest import Warehouse
from tests.transform.test_pricing import Tier, cost

BUILT = (
    "int_prices__*",
    "int_subscriptions__*",
    "int_usage__*",
    "int_held__*",
    "prices",
    "price_tiers",
    "subscriptions",
    "subscription_segments",
    "usage_charges",
    "usage_charge_tiers",
    "late_usages",
    "usage_adjustments",
)
LATE = 20_000  # units: into the last tier, whatever was used before
CHANGED_AT = datetime(2026, 10, 20, 12, tzinfo=UTC)
# A charge that was invoiced by tiers, and an item that did not change for a month.
CHARGE = """
    select usage_charge_id, billing_customer_id, usage_charges.meter_id, price_id,
        invoice_id, starts_on, used_quantity, invoiced_minor
    from canonical.usage_charges
    inner join canonical.prices using (price_id)
    where is_closed and usage_charges.billing_system = 'stripe'
        and pricing_model = 'graduated'
    order by starts_on desc, usage_charge_id limit 1
"""
ITEM = """
    select items.item_id, items.subscription_id, items.price_id, items.quantity
    from intermediate.int_subscriptions__items as items
    inner join canonical.subscription_segments as segments
        on segments.subscription_id = items.subscription_id
        and segments.price_id = items.price_id
    where items.billing_system = 'stripe' and segments.is_recurring
        and segments.valid_from < date '2026-09-01' and segments.valid_to is null
        and segments.discount_basis_points = 0
    order by 1 limit 1
"""
# Metered, tiered, held by a subscription, and not the price of the charge.
PRICE = """
    select items.price_id
    from intermediate.int_subscriptions__items as items
    inner join canonical.prices using (price_id)
    where items.billing_system = 'stripe' and pricing_model = 'graduated'
        and items.price_id <> '{price}'
    order by 1 limit 1
"""
SUMMARY = """
    insert into raw_stripe.meter_summaries by name
    select * replace (
        '{id}' as id, '{customer}' as customer, '{meter}' as meter,
        timestamptz '{start}' as start_time,
        timestamptz '{start}' + interval 1 hour as end_time,
        {quantity} as aggregated_value
    )
    from raw_stripe.meter_summaries limit 1
"""
TWICE = """
    insert into raw_chargebee.usages by name
    select * replace ('twice' as id) from raw_chargebee.usages order by id limit 1
"""
HISTORY = """
    insert into raw_stripe._history by name
    select
        'subscription_items|' || id || '|1' as id, 'subscription_items' as stream,
        id as record_id, record, '{{}}' as given, false as is_deleted,
        '1790000000.5' as loaded_by, timestamptz '{at}' as superseded_at,
        '1795000000.5' as _dlt_load_id, 'x' as _dlt_id
    from raw_stripe.subscription_items where id = '{item}'
"""


@dataclass
class Mistaken(Warehouse):
    """The rich company with these mistakes, and what was hit."""

    charge: dict[str, Any]
    item: dict[str, Any]
    price: str


@pytest.fixture(scope="module")
def mistaken(rich: Any, dbt: Any, tmp_path_factory: Any) -> Mistaken:
    """Change a copy of the raw tables and build what depends on them."""
    warehouse: Path = tmp_path_factory.mktemp("mistaken") / "warehouse.duckdb"
    shutil.copy(rich.warehouse, warehouse)
    (charge,), (item,) = rich.records(CHARGE), rich.records(ITEM)
    ((price,),) = rich.rows(PRICE.format(price=charge["price_id"]))
    ((idle,),) = rich.rows(
        "select min(id) from raw_stripe.customers"
        " where id not in (select customer from raw_stripe.meter_summaries)"
    )
    known = {"customer": charge["billing_customer_id"], "meter": charge["meter_id"]}
    strange = [
        {**known, "id": "late", "quantity": LATE, "start": charge["starts_on"]},
        {**known, "id": "negative", "quantity": -5, "start": "2026-10-30"},
        {**known, "id": "future", "quantity": 5, "start": "2027-01-15"},
        {**known, "id": "meter", "quantity": 5, "meter": "mtr_of_nobody"},
        {**known, "id": "customer", "quantity": 5, "customer": "cus_nobody"},
        {**known, "id": "idle", "quantity": 5, "customer": idle},
    ]
    with closing(duckdb.connect(str(warehouse))) as connection:
        connection.execute("set timezone = 'UTC'")
        for summary in strange:
            start = f"{summary.get('start', '2026-10-29')} 03:00:00+00"
            connection.execute(SUMMARY.format(**{**summary, "start": start}))
        connection.execute(TWICE)
        connection.execute(HISTORY.format(item=item["item_id"], at=CHANGED_AT))
        connection.execute(
            "update raw_stripe.subscription_items set quantity = quantity + 1"
            f" where id = '{item['item_id']}'"
        )
        connection.execute(
            "update raw_stripe.prices"
            " set record = replace(record, '\"tiers\":', '\"x\":')"
            f" where id = '{price}'"
        )
    dbt.run("run", "--select", *BUILT, warehouse=warehouse)
    return Mistaken(warehouse, charge, item, price)


@pytest.mark.parametrize(
    ("reason", "ends"),
    [
        ("negative_quantity", ":2026-10-30"),
        ("future_use", ":2027-01-15"),
        ("unknown_meter", ":2026-10-29"),
        ("unknown_customer", "cus_nobody:2026-10-29"),
        ("no_subscription", ":2026-10-29"),
    ],
)
def test_usage_that_cannot_be_rated_is_held_with_the_reason(
    mistaken: Mistaken, reason: str, ends: str
) -> None:
    """Each strange day is one held row, which says what is wrong."""
    found = mistaken.rows(
        "select record_id, entity, system, amount_minor, length(reason) > 20"
        f" from intermediate.int_held__usage where reason_code = '{reason}'"
    )

    ((record_id, *said),) = found
    assert record_id.endswith(ends)
    assert said == ["usage_day", "stripe", None, True]


def test_what_is_held_is_not_counted(mistaken: Mistaken, rich: Any) -> None:
    """A negative quantity takes nothing off, and nobody's usage is billed to nobody."""
    query = (
        "select sum(used_quantity) from canonical.usage_charges"
        " where billing_system = 'stripe'"
    )

    assert mistaken.rows(query)[0][0] - rich.rows(query)[0][0] == LATE


def test_usage_sent_twice_counts_once(mistaken: Mistaken, rich: Any) -> None:
    """Chargebee's second copy is seen, and changes no charge."""
    query = (
        "select sum(used_quantity), sum(amount_minor) from canonical.usage_charges"
        " where billing_system = 'chargebee'"
    )

    assert mistaken.rows(query) == rich.rows(query)
    assert mistaken.rows(
        "select sum(duplicate_count) from intermediate.int_usage__daily"
        " where billing_system = 'chargebee'"
    ) == [(1,)]


def test_late_usage_is_rated_in_its_tier_and_kept_apart(mistaken: Mistaken) -> None:
    """It costs what all units cost less what was invoiced; the invoice stands."""
    charge = mistaken.charge
    tiers = [
        Tier(None if up_to is None else int(up_to), Fraction(unit), Fraction(flat))
        for up_to, unit, flat in mistaken.rows(
            "select up_to, unit_price, flat_price from canonical.price_tiers"
            f" where price_id = '{charge['price_id']}' order by tier_number"
        )
    ]
    used = Fraction(charge["used_quantity"])
    amount = cost("graduated", tiers, used + LATE) - cost("graduated", tiers, used)

    assert cost("graduated", tiers, used) == charge["invoiced_minor"]
    assert mistaken.rows(
        "select usage_charge_id, invoice_id, late_quantity, late_minor"
        " from canonical.late_usages"
    ) == [(charge["usage_charge_id"], charge["invoice_id"], Decimal(LATE), amount)]
    assert mistaken.rows(
        "select invoice_id, quantity_late, amount_minor"
        " from canonical.usage_adjustments"
    ) == [(charge["invoice_id"], LATE, amount)]


def test_a_metered_price_without_tiers_rates_nothing(mistaken: Mistaken) -> None:
    """Its charges have no amount, which is not an amount of nothing; it is held."""
    charges = mistaken.rows(
        "select count(*), count(amount_minor), count(rating_version)"
        f" from canonical.usage_charges where price_id = '{mistaken.price}'"
    )
    held = mistaken.rows(
        "select reason_code from intermediate.int_held__prices"
        f" where record_id like '%:{mistaken.price}' group by 1"
    )

    ((count, amounts, versions),) = charges
    assert count > 0
    assert (amounts, versions) == (0, 0)
    assert held == [("metered_price_without_tiers",)]


def test_a_change_that_a_load_saw_is_dated_and_what_was_believed_is_kept(
    mistaken: Mistaken,
) -> None:
    """As it is: fewer units up to the day, more since. As it was: fewer for good."""
    item = mistaken.item
    quantity, changed_on = item["quantity"], CHANGED_AT.date()

    found = mistaken.rows(
        "select quantity, valid_from < date '2026-09-01', valid_from, valid_to,"
        " recorded_to from canonical.subscription_segments"
        f" where subscription_id = '{item['subscription_id']}'"
        f" and price_id = '{item['price_id']}'"
        " and (valid_to is null or valid_to > date '2026-10-01')"
        " order by recorded_to nulls last, valid_from"
    )

    was, before, since = found
    assert was[:2] == (quantity, True)
    assert was[3:] == (None, CHANGED_AT)
    assert before[:2] == (quantity, True)
    assert before[3:] == (changed_on, None)
    assert since == (quantity + 1, False, changed_on, None, None)
    assert changed_on - date(2026, 9, 1) > timedelta(days=30)
