with

    events as (
        select *
        from {{ ref("revenue_accepted_events") }}
        where kind in ('satisfaction', 'usage', 'lapse')
    ),

    obligations as (select * from {{ ref("revenue_performance_obligations") }}),

    performed as (
        select
            obligations.obligation_key,
            events.effective_on,
            {{ sum_minor("events.units") }} as units,
            max(events.percent_units) as percent_units,
            max(
                case when events.kind = 'lapse' or events.is_complete then 1 else 0 end
            ) as is_complete
        from events
        inner join
            obligations
            on obligations.contract_id = events.contract_id
            and obligations.obligation_id = events.obligation_id
        where not obligations.is_usage
        group by obligations.obligation_key, events.effective_on
    )

select
    obligation_key,
    effective_on,
    lead(effective_on) over (
        partition by obligation_key order by effective_on
    ) as next_on,
    -- Progress is told as the percentage reached, the others as what is added.
    coalesce(
        max(percent_units) over (
            partition by obligation_key
            order by effective_on
            rows between unbounded preceding and current row
        ),
        cast(
            sum(units) over (
                partition by obligation_key
                order by effective_on
                rows between unbounded preceding and current row
            ) as bigint
        )
    ) as units,
    max(is_complete) over (
        partition by obligation_key
        order by effective_on
        rows between unbounded preceding and current row
    )
    = 1 as is_complete
from performed
