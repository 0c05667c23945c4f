-- All that is known of when a price was in force in a subscription, from each source.
with

    compared as (select * from {{ ref("int_subscriptions__compared") }}),

    billed as (select * from {{ ref("int_subscriptions__billed") }}),

    phase_items as (
        select
            stripe_subscription_id as subscription_id,
            stripe_price_id as price_id,
            quantity,
            {{ utc_date("starts_at") }} as starts_on,
            {{ utc_date("ends_at") }} as ends_before,
            {{ loaded_at("load_id") }} as loaded_at
        from {{ ref("stg_stripe__schedule_phase_items") }}
        where
            not is_deleted
            and status in ('active', 'not_started')
            and {{ utc_date("starts_at") }} > {{ as_of() }}
    ),

    next_phases as (
        select subscription_id, min(starts_on) as starts_on
        from phase_items
        group by subscription_id
    ),

    gaps as (select * from {{ ref("int_subscriptions__gaps") }}),

    running as (select * from {{ ref("int_subscriptions__stripe") }})

select
    billed.billing_system,
    billed.subscription_id,
    billed.price_id,
    billed.quantity,
    billed.discount_basis_points,
    false as was_paused,
    billed.starts_on,
    least(
        billed.ends_before, compared.traced_until, compared.ends_before
    ) as ends_before,
    billed.loaded_at
from billed
inner join compared using (billing_system, subscription_id, price_id)

union all

select
    billed.billing_system,
    billed.subscription_id,
    billed.price_id,
    billed.quantity,
    billed.discount_basis_points,
    true as was_paused,
    gaps.gap_starts_on as starts_on,
    gaps.gap_ends_before as ends_before,
    billed.loaded_at
from gaps
inner join
    billed
    on billed.billing_system = gaps.billing_system
    and billed.subscription_id = gaps.subscription_id
    and billed.ends_before = gaps.gap_starts_on
inner join
    billed as resumed
    on resumed.billing_system = gaps.billing_system
    and resumed.subscription_id = gaps.subscription_id
    and resumed.price_id = billed.price_id
    and resumed.starts_on = gaps.gap_ends_before

union all

-- What is in force now goes on until somebody said that it ends.
select
    compared.billing_system,
    compared.subscription_id,
    compared.price_id,
    compared.quantity,
    cast(null as bigint) as discount_basis_points,
    false as was_paused,
    coalesce(
        compared.traced_until, compared.billed_until, compared.created_on
    ) as starts_on,
    least(compared.ends_before, next_phases.starts_on) as ends_before,
    compared.loaded_at
from compared
left join
    next_phases
    on next_phases.subscription_id
    = case when compared.billing_system = 'stripe' then compared.subscription_id end
where
    compared.item_id is not null
    and (compared.ended_on is null or compared.billed_until is null)

union all

select
    'stripe' as billing_system,
    subscription_id,
    phase_items.price_id,
    phase_items.quantity,
    cast(null as bigint) as discount_basis_points,
    false as was_paused,
    phase_items.starts_on,
    phase_items.ends_before,
    phase_items.loaded_at
from phase_items
inner join running using (subscription_id)
