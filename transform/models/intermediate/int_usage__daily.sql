{{ config(materialized="view") }}

-- A meter of which we have the events ourselves is counted from them; what its vendor
-- counted of it is the other side of the comparison, and not added.
with

    event_days as (select * from {{ ref("int_usage__event_days") }}),

    own_meters as (
        select billing_system, meter_id
        from event_days
        group by billing_system, meter_id
    ),

    vendor_days as (select * from {{ ref("int_usage__vendor_days") }})

select
    billing_system,
    billing_customer_id,
    cast(null as {{ dbt.type_string() }}) as subscription_id,
    meter_id,
    used_on,
    quantity,
    event_count,
    duplicate_count,
    held_count,
    first_ingested_at,
    last_ingested_at
from event_days

union all

select
    vendor_days.billing_system,
    vendor_days.billing_customer_id,
    vendor_days.subscription_id,
    vendor_days.meter_id,
    vendor_days.used_on,
    vendor_days.quantity,
    vendor_days.event_count,
    vendor_days.duplicate_count,
    vendor_days.held_count,
    vendor_days.first_ingested_at,
    vendor_days.last_ingested_at
from vendor_days
left join own_meters using (billing_system, meter_id)
where own_meters.meter_id is null
