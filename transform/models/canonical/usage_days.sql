{{ config(materialized="view") }}

with

    usage_days as (select * from {{ ref("int_usage__daily") }}),

    meters as (select * from {{ ref("meters") }}),

    records as (select * from {{ ref("customer_records") }})

select
    usage_days.billing_system,
    records.customer_id,
    usage_days.billing_customer_id,
    usage_days.subscription_id,
    usage_days.meter_id,
    meters.name as meter_name,
    usage_days.used_on,
    usage_days.quantity,
    usage_days.event_count,
    usage_days.duplicate_count,
    usage_days.held_count,
    usage_days.first_ingested_at,
    usage_days.last_ingested_at
from usage_days
left join
    meters
    on meters.billing_system = usage_days.billing_system
    and meters.meter_id = usage_days.meter_id
left join
    records
    on records.system = usage_days.billing_system
    and records.record_id = usage_days.billing_customer_id
