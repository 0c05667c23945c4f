with

    usage_days as (select * from {{ ref("int_usage__daily") }}),

    meters as (select * from {{ ref("int_meters__stated") }}),

    prices as (
        select billing_system, meter_id
        from {{ ref("int_prices__stated") }}
        where meter_id is not null
        group by billing_system, meter_id
    ),

    used as (
        select
            billing_system,
            meter_id,
            max(used_on) as last_on,
            sum(quantity) as quantity,
            count(distinct billing_customer_id) as customer_count
        from usage_days
        group by billing_system, meter_id
    ),

    found as (
        select
            used.billing_system || case
                used.billing_system
                when 'stripe'
                then ':billing.meter:'
                when 'chargebee'
                then ':item:'
            end
            || used.meter_id as record_key,
            coalesce(meters.name, 'The unknown meter ' || used.meter_id)
            || ' counts what no price bills, last on '
            || {{ iso_day("used.last_on") }}
            || ', of '
            || cast(used.customer_count as {{ dbt.type_string() }})
            || ' customers' as subject,
            used.billing_system as left_system,
            cast(used.quantity as {{ dbt.type_string() }}) as left_value,
            used.billing_system as right_system,
            'no price' as right_value
        from used
        left join
            meters
            on meters.billing_system = used.billing_system
            and meters.meter_id = used.meter_id
        left join
            prices
            on prices.billing_system = used.billing_system
            and prices.meter_id = used.meter_id
        where prices.meter_id is null
    )

    {{ breaks(["left_system", "left_value", "right_system", "right_value"]) }}
