with

    schedules as (select * from {{ source("raw_stripe", "subscription_schedules") }}),

    phases as (
        select
            schedules.id as stripe_schedule_id,
            schedules.subscription as stripe_subscription_id,
            schedules.status,
            schedules.end_behavior,
            phases.number as phase_number,
            phases.element as phase,
            schedules.is_deleted,
            schedules._dlt_load_id as load_id
        from schedules
        cross join {{ json_elements("schedules.record", ["phases"]) }} as phases
    )

select
    phases.stripe_schedule_id,
    phases.stripe_subscription_id,
    phases.status,
    phases.end_behavior,
    phases.phase_number,
    items.number as item_number,
    {{ json_text("items.element", ["price"]) }} as stripe_price_id,
    cast({{ json_text("items.element", ["quantity"]) }} as bigint) as quantity,
    {{ unix_instant(json_text("phases.phase", ["start_date"])) }} as starts_at,
    {{ unix_instant(json_text("phases.phase", ["end_date"])) }} as ends_at,
    phases.is_deleted,
    phases.load_id
from phases
cross join {{ json_elements("phases.phase", ["items"]) }} as items
