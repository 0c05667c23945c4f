with

    segments as (
        select *
        from {{ ref("subscription_segments") }}
        where
            meter_id is not null
            and recorded_to is null
            and not is_trial
            and not is_paused
            and valid_from <= {{ add_days(as_of(), -7) }}
            and (valid_to is null or valid_to > {{ as_of() }})
    ),

    subscriptions as (
        select *
        from {{ ref("int_subscriptions__stated") }}
        where status in ('active', 'past_due')
    ),

    usage_days as (
        select *
        from {{ ref("int_usage__daily") }}
        where quantity > 0 and used_on <= {{ as_of() }}
    ),

    customers as (select * from {{ ref("customers") }}),

    -- All meters of a subscription together: one that is quiet is no silence.
    metered as (
        select
            segments.billing_system,
            segments.subscription_id,
            segments.customer_id,
            segments.meter_id,
            subscriptions.billing_customer_id,
            min(segments.valid_from) over (
                partition by segments.subscription_id
            ) as starts_on
        from segments
        inner join subscriptions using (billing_system, subscription_id)
    ),

    used as (
        select
            metered.billing_system,
            metered.subscription_id,
            metered.customer_id,
            metered.starts_on,
            min(usage_days.used_on) as first_on,
            coalesce(
                max(usage_days.used_on), {{ add_days("metered.starts_on", -1) }}
            ) as last_on,
            count(distinct usage_days.used_on) as day_count
        from metered
        left join
            usage_days
            on usage_days.billing_system = metered.billing_system
            and usage_days.billing_customer_id = metered.billing_customer_id
            and usage_days.meter_id = metered.meter_id
        group by
            metered.billing_system,
            metered.subscription_id,
            metered.customer_id,
            metered.starts_on
    ),

    silent as (
        select *, {{ days_between("last_on", as_of()) }} as silent_days
        from used
        -- Who uses something on five days of a month is quiet for a week each month: a
        -- silence is four times as long as the usual distance between two such days.
        where
            {{ days_between("last_on", as_of()) }} > 7
            and (
                day_count < 2
                or {{ days_between("last_on", as_of()) }} * (day_count - 1)
                > 4 * {{ days_between("first_on", "last_on") }}
            )
    ),

    found as (
        select
            silent.billing_system
            || ':subscription:'
            || silent.subscription_id as record_key,
            silent.customer_id,
            {{ customer_name("customers.legal_name", "silent.customer_id") }}
            || ' pays for metered use and has used nothing for '
            || cast(silent.silent_days as {{ dbt.type_string() }})
            || ' days' as subject,
            silent.billing_system as left_system,
            'active' as left_value,
            silent.billing_system as right_system,
            case
                when silent.day_count > 0 then {{ iso_day("silent.last_on") }}
            end as right_value
        from silent
        left join customers on customers.customer_id = silent.customer_id
    )

    {{
        breaks(
            [
                "customer_id",
                "left_system",
                "left_value",
                "right_system",
                "right_value",
            ]
        )
    }}
