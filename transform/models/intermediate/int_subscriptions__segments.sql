with

    joined as (select * from {{ ref("int_subscriptions__joined") }}),

    prices as (select * from {{ ref("int_prices__stated") }}),

    tiers as (select * from {{ ref("int_subscriptions__terms") }}),

    quantities as (
        select billing_system, subscription_id, price_id, quantity
        from joined
        where quantity is not null
        group by billing_system, subscription_id, price_id, quantity
    ),

    rated as (
        select
            quantities.billing_system,
            quantities.subscription_id,
            quantities.price_id,
            quantities.quantity,
            sum(
                {{
                    tier_price(
                        "tiers.pricing_model",
                        "quantities.quantity",
                        "tiers.starts_after",
                        "tiers.up_to",
                        "tiers.unit_price",
                        "tiers.flat_price",
                        "tiers.package_size",
                        "tiers.package_rounds",
                    )
                }}
            ) as list_price
        from quantities
        inner join tiers using (billing_system, subscription_id, price_id)
        group by
            quantities.billing_system,
            quantities.subscription_id,
            quantities.price_id,
            quantities.quantity
    ),

    listed as (
        select
            joined.*,
            prices.sku,
            prices.currency,
            prices.usage_type,
            prices.meter_id,
            prices.billing_interval,
            prices.interval_count,
            case
                when prices.usage_type = 'metered'
                then cast(0 as bigint)
                else {{ priced_minor("rated.list_price") }}
            end as list_minor
        from joined
        inner join prices using (billing_system, price_id)
        left join rated using (billing_system, subscription_id, price_id, quantity)
    ),

    annual as (
        select
            *,
            {{ div_half_up("list_minor * discount_basis_points", "10000") }}
            as discount_minor,
            {{
                recurring_minor(
                    "list_minor", "billing_interval", "interval_count", months=12
                )
            }} as list_arr_minor
        from listed
    )

select
    billing_system,
    subscription_id,
    price_id,
    sku,
    meter_id,
    quantity,
    discount_basis_points,
    list_minor,
    discount_minor,
    list_minor - discount_minor as net_minor,
    list_arr_minor,
    {{ div_half_up("list_arr_minor * discount_basis_points", "10000") }}
    as discount_arr_minor,
    currency,
    usage_type,
    billing_interval,
    interval_count,
    valid_from,
    valid_to,
    recorded_from,
    recorded_to,
    usage_type = 'licensed' as is_recurring,
    is_trial,
    is_paused
from annual
