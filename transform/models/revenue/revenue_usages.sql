with

    obligations as (
        select * from {{ ref("revenue_performance_obligations") }} where is_usage
    ),

    events as (select * from {{ ref("revenue_accepted_events") }}),

    changed as (
        select *
        from {{ ref("revenue_changed_terms") }}
        where unit_price_micros is not null
    ),

    prices as (
        select
            obligation_key,
            added_on as valid_from,
            0 as kind_rank,
            cast(null as varchar) as event_id,
            unit_price_micros
        from obligations
        union all
        select
            obligation_key,
            effective_on as valid_from,
            kind_rank,
            event_id,
            unit_price_micros
        from changed
    ),

    used as (
        select
            obligations.obligation_key,
            events.event_id,
            events.effective_on,
            events.amount_minor,
            coalesce(events.quantity_micros, 0) as quantity_micros
        from events
        inner join
            obligations
            on obligations.contract_id = events.contract_id
            and obligations.obligation_id = events.obligation_id
        where events.kind = 'usage'
    ),

    priced as (
        select
            used.event_id,
            prices.unit_price_micros,
            row_number() over (
                partition by used.event_id
                order by
                    prices.valid_from desc, prices.kind_rank desc, prices.event_id desc
            ) as place
        from used
        inner join
            prices
            on prices.obligation_key = used.obligation_key
            and prices.valid_from <= used.effective_on
    ),

    -- A stated amount goes before quantity times price, and is never valued anew.
    valued as (
        select
            used.obligation_key,
            used.event_id,
            used.effective_on,
            case
                when used.amount_minor is null
                then used.quantity_micros
                else cast(0 as bigint)
            end as quantity_micros,
            coalesce(
                used.amount_minor,
                {{
                    share_minor(
                        "used.quantity_micros",
                        "coalesce(priced.unit_price_micros, 0)",
                        "1000000000000",
                    )
                }}
            ) as value_minor,
            used.amount_minor is null as is_priced
        from used
        left join priced on priced.event_id = used.event_id and priced.place = 1
    ),

    estimates as (
        select
            changed.obligation_key,
            changed.event_id,
            changed.effective_on,
            {{
                share_minor(
                    sum_minor("valued.quantity_micros"),
                    "changed.unit_price_micros",
                    "1000000000000",
                )
            }} as value_minor,
            {{
                sum_minor(
                    "case when valued.is_priced then valued.value_minor else 0 end"
                )
            }} as used_minor
        from changed
        left join
            valued
            on valued.obligation_key = changed.obligation_key
            and valued.effective_on < changed.effective_on
        where changed.kind_rank = 2
        group by
            changed.obligation_key,
            changed.event_id,
            changed.effective_on,
            changed.unit_price_micros
    ),

    -- What was used so far is worth the new price; used_minor is what it had brought.
    revalued as (
        select
            obligation_key,
            event_id,
            effective_on,
            value_minor
            - used_minor
            - lag(value_minor - used_minor, 1, cast(0 as bigint)) over (
                partition by obligation_key order by effective_on, event_id
            ) as value_minor
        from estimates
    )

select obligation_key, event_id, effective_on, value_minor as earned_minor
from valued
union all
select obligation_key, event_id, effective_on, value_minor as earned_minor
from revalued
