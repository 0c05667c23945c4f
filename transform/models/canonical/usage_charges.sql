with

    used as (select * from {{ ref("int_usage__used") }}),

    tiers as (select * from {{ ref("int_usage__rated_tiers") }}),

    billed as (select * from {{ ref("int_usage__billed") }}),

    prices as (select * from {{ ref("prices") }}),

    records as (select * from {{ ref("customer_records") }}),

    rated as (
        select
            tiers.subscription_id,
            tiers.price_id,
            tiers.starts_on,
            {{ sum_minor("tiers.amount_minor") }} as amount_minor,
            {{
                rating_version(
                    "min(prices.free_quantity)", "tiers.terms", "tiers.tier_number"
                )
            }} as rating_version,
            -- A tier that costs nothing includes its units.
            sum(
                case
                    when
                        tiers.unit_price = 0
                        and tiers.flat_price = 0
                        and prices.pricing_model = 'graduated'
                    then tiers.quantity
                    else 0
                end
            ) as included_quantity
        from tiers
        inner join prices using (price_id)
        group by tiers.subscription_id, tiers.price_id, tiers.starts_on
    )

select
    used.subscription_id
    || ':'
    || used.price_id
    || ':'
    || {{ iso_day("used.starts_on") }} as usage_charge_id,
    used.billing_system,
    records.customer_id,
    used.billing_customer_id,
    used.subscription_id,
    used.price_id,
    used.sku as product_id,
    used.meter_id,
    used.starts_on,
    used.ends_before,
    used.used_quantity,
    {{
        exact_quantity(
            "used.used_quantity - used.priced_quantity + coalesce(rated.included_quantity, 0)"
        )
    }}
    as included_quantity,
    {{ exact_quantity("used.priced_quantity - coalesce(rated.included_quantity, 0)") }}
    as billable_quantity,
    rated.amount_minor,
    used.currency,
    rated.rating_version,
    used.ends_before <= {{ as_of() }} as is_closed,
    billed.invoice_id,
    billed.invoiced_at,
    billed.invoiced_quantity,
    billed.invoiced_minor
from used
left join
    rated
    on rated.subscription_id = used.subscription_id
    and rated.price_id = used.price_id
    and rated.starts_on = used.starts_on
left join
    billed
    on billed.subscription_id = used.subscription_id
    and billed.price_id = used.price_id
    and billed.starts_on = used.starts_on
    and billed.ends_before = used.ends_before
left join
    records
    on records.system = used.billing_system
    and records.record_id = used.billing_customer_id
