{{
    config(
        materialized="table" if target.type == "spark" else "incremental",
        incremental_strategy="delete+insert",
        unique_key="used_on",
        on_schema_change="fail",
    )
}}
-- Only days on which events arrived are counted anew. Each is read with the days beside
-- it, because the retry of an event may be dated on the other side of midnight.
{%- set days = (
    days_with_arrivals(ref("stg_usage__events"))
    if is_incremental()
    else none
) %}

with

    events as (
        select
            *,
            {{ utc_date("event_at") }} as used_on,
            {{ days_between("cast('1970-01-01' as date)", utc_date("event_at")) }}
            as day_number
        from {{ ref("stg_usage__events") }}
        {% if days is not none %} where {{ near_days("event_at", days) }} {% endif %}
    ),

    meters as (select * from {{ ref("int_meters__stated") }}),

    repeated as (
        select billing_system, meter_id, dedupe_key
        from events
        group by billing_system, meter_id, dedupe_key
        having count(*) > 1
    ),

    ranked as (
        select
            events.*,
            row_number() over (
                partition by events.billing_system, events.meter_id, events.dedupe_key
                order by events.ingested_at, {{ by_bytes("events.event_id") }}
            ) as arrival_rank
        from events
        inner join repeated using (billing_system, meter_id, dedupe_key)
    ),

    -- A key comes back within a day as a retry, later as another event: so that a day
    -- counts the same whether it is read with its neighbours or with all others.
    retried as (
        select
            *,
            arrival_rank > min(arrival_rank) over (
                partition by billing_system, meter_id, dedupe_key
                order by day_number
                range between 1 preceding and 1 following
            ) as is_duplicate
        from ranked
    ),

    arrived as (
        select
            events.billing_system,
            events.meter_id,
            events.billing_customer_id,
            events.used_on,
            events.quantity,
            events.ingested_at,
            false as is_duplicate
        from events
        left join repeated using (billing_system, meter_id, dedupe_key)
        where repeated.dedupe_key is null

        union all

        select
            billing_system,
            meter_id,
            billing_customer_id,
            used_on,
            quantity,
            ingested_at,
            is_duplicate
        from retried
    ),

    counted as (
        select
            *,
            -- Held: a meter counts up, never down.
            case when not is_duplicate and quantity >= 0 then quantity end as counts
        from arrived
        {% if days is not none %} where {{ on_days("used_on", days) }} {% endif %}
    )

select
    counted.billing_system,
    counted.billing_customer_id,
    counted.meter_id,
    counted.used_on,
    cast(
        coalesce(
            case
                max(meters.aggregation)
                when 'count'
                then count(counted.counts)
                when 'max'
                then max(counted.counts)
                else sum(counted.counts)
            end,
            0
        ) as decimal(38, 9)
    ) as quantity,
    count(*) as event_count,
    {{ count_where("counted.is_duplicate") }} as duplicate_count,
    {{ count_where("not counted.is_duplicate and counted.counts is null") }}
    as held_count,
    min(counted.ingested_at) as first_ingested_at,
    max(counted.ingested_at) as last_ingested_at
from counted
left join meters using (billing_system, meter_id)
group by
    counted.billing_system,
    counted.billing_customer_id,
    counted.meter_id,
    counted.used_on
