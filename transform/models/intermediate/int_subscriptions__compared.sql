-- Whether what was billed up to now and what an item is now are the same: then the
-- invoices tell all of its past, else only up to `traced_until`.
with

    subscriptions as (select * from {{ ref("int_subscriptions__stated") }}),

    items as (select * from {{ ref("int_subscriptions__items") }}),

    billed as (select * from {{ ref("int_subscriptions__billed") }}),

    prices as (select * from {{ ref("int_prices__stated") }}),

    dated as (
        select
            *,
            least({{ as_of() }}, {{ add_days("ended_on", -1) }}) as stated_on,
            coalesce(ended_on, {{ utc_date("cancel_at") }}) as ends_before
        from subscriptions
    ),

    discounted as (
        select
            *,
            case
                when discount_ends_on <= stated_on
                then cast(0 as bigint)
                else coalesce(discount_basis_points, 0)
            end as basis_points_now
        from dated
    ),

    keys as (
        select billing_system, subscription_id, price_id
        from items
        union
        select billing_system, subscription_id, price_id
        from billed
    ),

    traced as (
        select
            billed.billing_system,
            billed.subscription_id,
            billed.price_id,
            max(
                case
                    when billed.starts_on <= discounted.stated_on
                    then billed.ends_before
                end
            ) as billed_until,
            sum(
                case
                    when
                        billed.starts_on <= discounted.stated_on
                        and billed.ends_before > discounted.stated_on
                        and billed.discount_basis_points = discounted.basis_points_now
                    then billed.quantity
                    else 0
                end
            ) as units_now,
            sum(
                case
                    when
                        billed.starts_on <= discounted.stated_on
                        and billed.ends_before > discounted.stated_on
                        and billed.discount_basis_points <> discounted.basis_points_now
                    then abs(billed.quantity)
                    else 0
                end
            ) as other_units_now
        from billed
        inner join discounted using (billing_system, subscription_id)
        group by billed.billing_system, billed.subscription_id, billed.price_id
    )

select
    keys.billing_system,
    keys.subscription_id,
    keys.price_id,
    items.item_id,
    items.quantity,
    prices.usage_type,
    discounted.stated_on,
    discounted.ended_on,
    discounted.ends_before,
    discounted.is_paused,
    items.created_on,
    traced.billed_until,
    case
        when
            discounted.ended_on is null
            and not discounted.is_paused
            and (
                coalesce(traced.units_now, 0) <> coalesce(items.quantity, 0)
                or coalesce(traced.other_units_now, 0) <> 0
            )
        then
            coalesce(
                items.changed_on, items.period_starts_on, discounted.period_starts_on
            )
    end as traced_until,
    items.loaded_at
from keys
inner join discounted using (billing_system, subscription_id)
inner join prices using (billing_system, price_id)
left join items using (billing_system, subscription_id, price_id)
left join traced using (billing_system, subscription_id, price_id)
where prices.usage_type in ('licensed', 'metered')
