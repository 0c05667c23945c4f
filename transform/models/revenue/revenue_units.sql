with

    events as (
        select *
        from {{ ref("revenue_accepted_events") }}
        where kind in ('satisfaction', 'usage', 'lapse')
    ),

    obligations as (
        select * from {{ ref("revenue_performance_obligations") }} where not is_usage
    ),

    changed as (
        select * from {{ ref("revenue_changed_terms") }} where total_units is not null
    ),

    performed as (
        select
            obligations.obligation_key,
            events.effective_on,
            {{ sum_minor("events.units") }} as units,
            max(events.percent_units) as percent_units,
            max(case when events.is_complete then 1 else 0 end) as is_all,
            -- Where returns are expected it is their time that lapses.
            max(
                case
                    when events.kind = 'lapse' and obligations.returns_minor = 0
                    then 1
                    else 0
                end
            ) as is_complete
        from events
        inner join
            obligations
            on obligations.contract_id = events.contract_id
            and obligations.obligation_id = events.obligation_id
        group by obligations.obligation_key, events.effective_on
    ),

    promises as (
        select
            obligation_key,
            added_on as valid_from,
            0 as kind_rank,
            cast(null as varchar) as event_id,
            total_units
        from obligations
        union all
        select
            obligation_key, effective_on as valid_from, kind_rank, event_id, total_units
        from changed
    ),

    promised as (
        select
            performed.obligation_key,
            performed.effective_on,
            promises.total_units as promised_units,
            row_number() over (
                partition by performed.obligation_key, performed.effective_on
                order by
                    promises.valid_from desc,
                    promises.kind_rank desc,
                    promises.event_id desc
            ) as place
        from performed
        inner join
            promises
            on promises.obligation_key = performed.obligation_key
            and promises.valid_from <= performed.effective_on
    ),

    -- Told is either what was added or what was reached: a percentage, or all that was
    -- promised on that day.
    told as (
        select
            performed.*,
            promised.promised_units,
            case
                when performed.is_all = 1
                then promised.promised_units
                else performed.percent_units
            end as reached_units
        from performed
        inner join promised using (obligation_key, effective_on)
        where promised.place = 1
    ),

    counted as (
        select
            *,
            count(reached_units) over (
                partition by obligation_key
                order by effective_on
                rows between unbounded preceding and current row
            ) as reached_count
        from told
    )

select
    obligation_key,
    effective_on,
    lead(effective_on) over (
        partition by obligation_key order by effective_on
    ) as next_on,
    coalesce(
        max(reached_units) over (partition by obligation_key, reached_count),
        cast(0 as bigint)
    ) + cast(
        sum(case when reached_units is null then units else 0 end) over (
            partition by obligation_key, reached_count
            order by effective_on
            rows between unbounded preceding and current row
        ) as bigint
    ) as units,
    promised_units,
    max(is_complete) over (
        partition by obligation_key
        order by effective_on
        rows between unbounded preceding and current row
    )
    = 1 as is_complete
from counted
