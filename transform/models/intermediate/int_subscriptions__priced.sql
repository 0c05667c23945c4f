with

    subscriptions as (select * from {{ ref("int_subscriptions__stated") }}),

    segments as (select * from {{ ref("int_subscriptions__segments") }})

select
    segments.subscription_id,
    -- Every item of a subscription has the subscription's one currency.
    min(segments.currency) as currency,
    {{ sum_minor("segments.list_arr_minor - segments.discount_arr_minor") }}
    as arr_minor,
    {{ sum_minor("segments.discount_arr_minor") }} as discount_arr_minor
from segments
inner join subscriptions using (billing_system, subscription_id)
where
    subscriptions.status in ('active', 'past_due', 'paused')
    and segments.recorded_to is null
    and not segments.is_trial
    and segments.valid_from <= {{ as_of() }}
    and (segments.valid_to is null or segments.valid_to > {{ as_of() }})
group by segments.subscription_id
