with

    events as (select * from {{ ref("stg_usage__events") }}),

    summaries as (
        select * from {{ ref("stg_stripe__meter_summaries") }} where not is_deleted
    ),

    usages as (select * from {{ ref("stg_chargebee__usages") }} where not is_deleted),

    item_prices as (select * from {{ ref("stg_chargebee__item_prices") }}),

    usage_days as (select * from {{ ref("int_usage__daily") }}),

    own_meters as (
        select billing_system, meter_id from events group by billing_system, meter_id
    ),

    told as (
        select
            'stripe' as billing_system,
            stripe_meter_id as meter_id,
            {{ utc_date("starts_at") }} as used_on
        from summaries
        union all
        select
            'chargebee' as billing_system,
            item_prices.chargebee_item_id as meter_id,
            {{ utc_date("usages.used_at") }} as used_on
        from usages
        left join item_prices using (chargebee_item_price_id)
    ),

    arrived as (
        select billing_system, meter_id, {{ utc_date("event_at") }} as used_on
        from events
        union all
        select told.billing_system, told.meter_id, told.used_on
        from told
        left join own_meters using (billing_system, meter_id)
        where own_meters.meter_id is null
    ),

    sides as (
        select
            billing_system,
            coalesce(meter_id, '') as meter_id,
            used_on,
            1 as arrived_count,
            0 as counted_count
        from arrived
        union all
        select
            billing_system,
            coalesce(meter_id, '') as meter_id,
            used_on,
            0 as arrived_count,
            event_count as counted_count
        from usage_days
    ),

    totals as (
        select
            billing_system,
            meter_id,
            used_on,
            sum(arrived_count) as arrived_count,
            sum(counted_count) as counted_count
        from sides
        group by billing_system, meter_id, used_on
        having sum(arrived_count) <> sum(counted_count)
    ),

    found as (
        select
            'concord:meter:' || billing_system || ':' || meter_id as record_key,
            {{ iso_day("used_on") }} as part,
            'Of the events of '
            || {{ iso_day("used_on") }}
            || ' on meter '
            || meter_id
            || ' as many are not counted, or counted and not there, as '
            || cast(
                abs(arrived_count - counted_count) as {{ dbt.type_string() }}
            ) as subject,
            {{ first_of_month("used_on") }} as period,
            billing_system as left_system,
            cast(arrived_count as {{ dbt.type_string() }}) as left_value,
            'concord' as right_system,
            cast(counted_count as {{ dbt.type_string() }}) as right_value
        from totals
    )

    {{
        breaks(
            [
                "part",
                "period",
                "left_system",
                "left_value",
                "right_system",
                "right_value",
            ]
        )
    }}
