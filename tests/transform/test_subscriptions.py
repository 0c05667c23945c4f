"""Subscriptions, usage and entitlements of a company that has every feature."""

from typing import Any

from tests.transform.conftest import AS_OF

# Quantity and ARR of each contract and product on days all over its life, by what was
# signed and by what billing tells.
SIDES = f"""
with
    days as (
        select unnest(generate_series(
            date '2025-01-01', date '{AS_OF}', interval 7 day
        ))::date as day
    ),
    signed as (
        select contract_id, product_id, day, sum(quantity) as units,
            sum(arr_minor) as arr_minor
        from canonical.contract_segments
        inner join days on starts_on <= day and day < ends_before
        where is_recurring
        group by all
        having sum(quantity) <> 0
    ),
    billed as (
        select contract_id, product_id, day, sum(quantity) as units,
            sum(arr_minor) as arr_minor, bool_or(is_paused) as is_paused
        from canonical.subscription_segments
        inner join days on valid_from <= day and (valid_to is null or day < valid_to)
        where is_recurring and not is_trial and recorded_to is null
            and contract_id is not null
        group by all
    )
select
    count(*),
    count(*) filter (where signed.units is distinct from billed.units),
    count(*) filter (
        where signed.arr_minor is distinct from billed.arr_minor and not is_paused
    ),
    count(*) filter (where is_paused)
from signed
full join billed using (contract_id, product_id, day)
"""


def test_what_billing_tells_is_what_was_signed_on_every_day(rich: Any) -> None:
    """Amendments, swaps, ramps, pauses, discounts: all are found again in billing."""
    ((days, other_units, other_arr, paused),) = rich.rows(SIDES)

    assert days > 1_000
    assert (other_units, other_arr) == (0, 0)
    assert paused > 0


def test_every_item_is_in_force_in_a_segment(rich: Any) -> None:
    """What a running subscription holds has a segment today, with its quantity."""
    lost = rich.rows(
        f"""
        select items.subscription_id, items.price_id, items.quantity, segments.quantity
        from intermediate.int_subscriptions__items as items
        inner join canonical.subscriptions as subscriptions using (subscription_id)
        left join canonical.subscription_segments as segments
            on segments.subscription_id = items.subscription_id
            and segments.price_id = items.price_id
            and segments.recorded_to is null
            and segments.valid_from <= date '{AS_OF}'
            and (segments.valid_to is null or segments.valid_to > date '{AS_OF}')
        where subscriptions.ended_on is null
            and (segments.segment_id is null
                or segments.quantity is distinct from items.quantity)
        """
    )

    assert lost == []


def test_an_ended_subscription_has_nothing_in_force(rich: Any) -> None:
    """Every segment ends with its subscription."""
    assert rich.rows("select count(*) from canonical.subscriptions") > [(0,)]
    assert (
        rich.rows(
            "select segment_id from canonical.subscription_segments"
            " inner join canonical.subscriptions using (subscription_id)"
            " where ended_on is not null and (valid_to is null or valid_to > ended_on)"
        )
        == []
    )


def test_both_billing_systems_are_told_in_one_vocabulary(rich: Any) -> None:
    """Stripe's statuses and Chargebee's are the same words."""
    found = dict(
        rich.rows(
            "select billing_system, list(distinct status order by status)"
            " from canonical.subscriptions group by billing_system"
        )
    )

    assert set(found) == {"stripe", "chargebee"}
    assert set(found["chargebee"]) <= {"active", "trialing", "canceled", "paused"}
    assert {"active", "canceled"} <= set(found["stripe"])


def test_usage_is_rated_as_both_systems_invoiced_it(rich: Any) -> None:
    """Every closed period of every metered price: units and amount, exactly.

    A period of a pause has neither use nor an invoice.
    """
    rated = rich.rows(
        "select billing_system, count(*),"
        " count(*) filter (where used_quantity <> coalesce(invoiced_quantity, 0)),"
        " count(*) filter (where amount_minor is null"
        " or amount_minor <> coalesce(invoiced_minor, 0))"
        " from canonical.usage_charges where is_closed group by 1 order by 1"
    )

    assert [(system, units, amounts) for system, _, units, amounts in rated] == [
        ("chargebee", 0, 0),
        ("stripe", 0, 0),
    ]
    assert all(count > 10 for _, count, *_ in rated)


def test_each_unit_used_is_rated_once_or_held(rich: Any) -> None:
    """Nothing is counted twice on its way to a charge, and nothing is lost."""
    ((used,),) = rich.rows("select sum(quantity) from canonical.usage_days")
    ((rated,),) = rich.rows("select sum(used_quantity) from canonical.usage_charges")

    assert used == rated > 0


def test_a_sound_company_has_nothing_held_and_nothing_late(rich: Any) -> None:
    """No subscription, price or usage of it lacks what is needed."""
    for name in (
        "intermediate.int_held__usage",
        "intermediate.int_held__prices",
        "intermediate.int_held__subscriptions",
        "canonical.late_usages",
    ):
        assert rich.rows(f"select * from {name}") == []


def test_entitlements_add_up_to_what_is_subscribed(rich: Any) -> None:
    """On the last day the limits of all features are the units of all subscriptions."""
    today = f"date '{AS_OF}'"
    now = f"valid_from <= {today} and (valid_to is null or valid_to > {today})"

    ((granted,),) = rich.rows(
        f"select sum(limit_quantity) from canonical.entitlements where {now}"
    )
    ((held,),) = rich.rows(
        f"select sum(quantity) from canonical.subscription_segments"
        f" where {now} and recorded_to is null"
    )

    assert granted == held > 0


def test_premium_support_is_what_support_grants(rich: Any) -> None:
    """Who is entitled to premium support is who is to be served so."""
    served = rich.rows(
        "select customer_id from canonical.customers where support_tier = 'premium'"
        " order by 1"
    )
    entitled = rich.rows(
        f"""
        select customer_id from canonical.entitlements
        where feature = 'support' and tier = 'premium' and reason <> 'trial'
            and valid_from <= date '{AS_OF}'
            and (valid_to is null or valid_to > date '{AS_OF}')
        group by 1 order by 1
        """
    )

    assert served == entitled != []
