-- Usage that cannot be rated, by the day and meter, with the reason.
with

    usage_days as (select * from {{ ref("int_usage__daily") }}),

    meters as (select * from {{ ref("int_meters__stated") }}),

    records as (select * from {{ ref("int_customers__linked") }}),

    segments as (
        select *
        from {{ ref("int_subscriptions__segments") }}
        where usage_type = 'metered' and recorded_to is null
    ),

    subscriptions as (select * from {{ ref("int_subscriptions__stated") }}),

    metered as (
        select segments.*, subscriptions.billing_customer_id
        from segments
        inner join subscriptions using (billing_system, subscription_id)
    ),

    subscribed as (
        select
            usage_days.billing_system,
            usage_days.billing_customer_id,
            usage_days.meter_id,
            usage_days.used_on
        from usage_days
        inner join
            metered
            on metered.billing_system = usage_days.billing_system
            and metered.billing_customer_id = usage_days.billing_customer_id
            and metered.meter_id = usage_days.meter_id
            and metered.valid_from <= usage_days.used_on
            and (metered.valid_to is null or metered.valid_to > usage_days.used_on)
        group by
            usage_days.billing_system,
            usage_days.billing_customer_id,
            usage_days.meter_id,
            usage_days.used_on
    ),

    judged as (
        select
            usage_days.*,
            {{ iso_day("usage_days.used_on") }} as used_on_text,
            records.customer_id,
            case
                when meters.meter_id is null
                then 'unknown_meter'
                when records.customer_id is null
                then 'unknown_customer'
                when usage_days.held_count > 0
                then 'negative_quantity'
                when usage_days.used_on > {{ as_of() }}
                then 'future_use'
                when subscribed.used_on is null and usage_days.quantity > 0
                then 'no_subscription'
            end as reason_code
        from usage_days
        left join
            meters
            on meters.billing_system = usage_days.billing_system
            and meters.meter_id = usage_days.meter_id
        left join
            records
            on records.system = usage_days.billing_system
            and records.record_id = usage_days.billing_customer_id
        left join
            subscribed
            on subscribed.billing_system = usage_days.billing_system
            and subscribed.billing_customer_id = usage_days.billing_customer_id
            and subscribed.meter_id = usage_days.meter_id
            and subscribed.used_on = usage_days.used_on
    )

select
    'usage_day' as entity,
    billing_system as system,
    coalesce(meter_id, '?')
    || ':'
    || coalesce(billing_customer_id, '?')
    || ':'
    || used_on_text
    || coalesce(':' || subscription_id, '') as record_id,
    customer_id,
    reason_code,
    case
        reason_code
        when 'unknown_meter'
        then 'Counted on a meter that the billing system does not know'
        when 'unknown_customer'
        then 'Used by a record that is no customer'
        when 'negative_quantity'
        then
            cast(held_count as {{ dbt.type_string() }})
            || ' quantities below nothing: a meter counts up, never down'
        when 'future_use'
        then 'Used on a day that has not come yet'
        else 'Used by a customer who has no subscription with this meter on that day'
    end as reason,
    -- Nobody can say what it costs: that is why it is held.
    cast(null as bigint) as amount_minor,
    cast(null as {{ dbt.type_string() }}) as currency
from judged
where reason_code is not null
