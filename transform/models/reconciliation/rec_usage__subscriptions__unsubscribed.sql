with

    usage_days as (
        select *
        from {{ ref("int_usage__daily") }}
        where quantity > 0 and used_on <= {{ as_of() }}
    ),

    -- A meter that no price knows is U08's.
    prices as (
        select billing_system, meter_id
        from {{ ref("int_prices__stated") }}
        where meter_id is not null
        group by billing_system, meter_id
    ),

    periods as (select * from {{ ref("int_usage__periods") }}),

    subscriptions as (select * from {{ ref("int_subscriptions__stated") }}),

    segments as (
        select *
        from {{ ref("subscription_segments") }}
        where is_trial and meter_id is not null and recorded_to is null
    ),

    customer_records as (select * from {{ ref("customer_records") }}),

    customers as (select * from {{ ref("customers") }}),

    -- Whatever period would bill the day, or a trial in which it costs nothing.
    sold as (
        select billing_system, billing_customer_id, meter_id, starts_on, ends_before
        from periods
        union all
        select
            segments.billing_system,
            subscriptions.billing_customer_id,
            segments.meter_id,
            segments.valid_from as starts_on,
            coalesce(segments.valid_to, {{ add_days(as_of(), 1) }}) as ends_before
        from segments
        inner join subscriptions using (billing_system, subscription_id)
    ),

    unsold as (
        select
            usage_days.billing_system,
            usage_days.billing_customer_id,
            usage_days.meter_id,
            min(usage_days.used_on) as first_on,
            max(usage_days.used_on) as last_on,
            sum(usage_days.quantity) as quantity
        from usage_days
        inner join prices using (billing_system, meter_id)
        left join
            sold
            on sold.billing_system = usage_days.billing_system
            and sold.billing_customer_id = usage_days.billing_customer_id
            and sold.meter_id = usage_days.meter_id
            and sold.starts_on <= usage_days.used_on
            and sold.ends_before > usage_days.used_on
        where sold.meter_id is null
        group by
            usage_days.billing_system,
            usage_days.billing_customer_id,
            usage_days.meter_id
    ),

    found as (
        select
            unsold.billing_system
            || ':customer:'
            || unsold.billing_customer_id as record_key,
            unsold.meter_id as part,
            customer_records.customer_id,
            {{ customer_name("customers.legal_name", "customer_records.customer_id") }}
            || ' used what no subscription of theirs sells, last on '
            || {{ iso_day("unsold.last_on") }} as subject,
            {{ first_of_month("unsold.first_on") }} as period,
            unsold.billing_system as left_system,
            cast(unsold.quantity as {{ dbt.type_string() }}) as left_value,
            unsold.billing_system as right_system,
            'no subscription' as right_value
        from unsold
        left join
            customer_records
            on customer_records.system = unsold.billing_system
            and customer_records.record_id = unsold.billing_customer_id
        left join customers on customers.customer_id = customer_records.customer_id
    )

    {{
        breaks(
            [
                "part",
                "customer_id",
                "period",
                "left_system",
                "left_value",
                "right_system",
                "right_value",
            ]
        )
    }}
