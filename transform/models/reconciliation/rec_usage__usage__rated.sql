with

    summaries as (
        select * from {{ ref("stg_stripe__meter_summaries") }} where not is_deleted
    ),

    usages as (select * from {{ ref("stg_chargebee__usages") }} where not is_deleted),

    item_prices as (select * from {{ ref("stg_chargebee__item_prices") }}),

    subscriptions as (select * from {{ ref("int_subscriptions__stated") }}),

    usage_days as (
        select * from {{ ref("usage_days") }} where used_on <= {{ as_of() }}
    ),

    charges as (select * from {{ ref("usage_charges") }}),

    event_days as (select * from {{ ref("int_usage__event_days") }}),

    -- Only what is added up has one quantity at each step; single events are U10's.
    meters as (
        select meters.billing_system, meters.meter_id
        from {{ ref("meters") }} as meters
        left join event_days using (billing_system, meter_id)
        where meters.aggregation = 'sum' and event_days.meter_id is null
    ),

    told as (
        select
            'stripe' as billing_system,
            stripe_customer_id as billing_customer_id,
            stripe_meter_id as meter_id,
            cast(ends_at as {{ dbt.type_string() }}) as told_once,
            starts_at as used_at,
            quantity
        from summaries
        union all
        select
            'chargebee' as billing_system,
            subscriptions.billing_customer_id,
            item_prices.chargebee_item_id as meter_id,
            usages.chargebee_subscription_id
            || usages.chargebee_item_price_id
            || cast(usages.quantity as {{ dbt.type_string() }}) as told_once,
            usages.used_at,
            usages.quantity
        from usages
        inner join
            subscriptions
            on subscriptions.subscription_id = usages.chargebee_subscription_id
        inner join item_prices using (chargebee_item_price_id)
    ),

    {% set columns = "billing_system, billing_customer_id, meter_id" %}
    steps as (
        select {{ columns }}, 'raw' as step, max(quantity) as quantity
        from told
        where {{ utc_date("used_at") }} <= {{ as_of() }} and quantity > 0
        group by {{ columns }}, told_once, used_at
        union all
        select {{ columns }}, 'daily' as step, quantity
        from usage_days
        union all
        select {{ columns }}, 'rated' as step, used_quantity as quantity
        from charges
        union all
        -- What no period covers is rated by nobody: U05 says so.
        select {{ columns }}, 'rated' as step, quantity
        from usage_days
        where
            not exists (
                select 1
                from charges
                where
                    charges.billing_customer_id = usage_days.billing_customer_id
                    and charges.meter_id = usage_days.meter_id
                    and charges.starts_on <= usage_days.used_on
                    and charges.ends_before > usage_days.used_on
            )
    ),

    compared as (
        select
            {{ columns }},
            {% for step in ["raw", "daily", "rated"] %}
                sum(
                    case when step = '{{ step }}' then quantity else 0 end
                ) as {{ step }}_quantity {{- "," if not loop.last }}
            {% endfor %}
        from steps
        inner join meters using (billing_system, meter_id)
        group by {{ columns }}
    ),

    customers as (
        select billing_system, billing_customer_id, max(customer_id) as customer_id
        from usage_days
        group by billing_system, billing_customer_id
    ),

    found as (
        select
            billing_system || ':customer:' || billing_customer_id as record_key,
            meter_id as part,
            customers.customer_id,
            'Of the usage of customer '
            || billing_customer_id
            || ' not as much is '
            || case when raw_quantity <> daily_quantity then 'counted' else 'rated' end
            || ' as arrived' as subject,
            billing_system as left_system,
            cast(raw_quantity as {{ dbt.type_string() }}) as left_value,
            'concord' as right_system,
            cast(
                case
                    when raw_quantity <> daily_quantity
                    then daily_quantity
                    else rated_quantity
                end as {{ dbt.type_string() }}
            ) as right_value
        from compared
        left join customers using (billing_system, billing_customer_id)
        where raw_quantity <> daily_quantity or daily_quantity <> rated_quantity
    )

    {{
        breaks(
            [
                "part",
                "customer_id",
                "left_system",
                "left_value",
                "right_system",
                "right_value",
            ]
        )
    }}
