-- How many of the closed months a term is in force at the end of.
{% set month_ends = month_changes(
    "starts_on", "least(ends_before, newest.closes_before)"
) %}

with

    agreements as (select * from {{ ref("bridge_agreements") }}),

    segments as (select * from {{ ref("contract_segments") }} where is_recurring),

    counted as (select * from {{ ref("arr_segments") }} where is_in_force),

    suspended as (select * from {{ ref("int_contracts__suspended") }}),

    newest as ({{ newest_whole_month() }}),

    valued as (
        select
            agreements.agreement_id,
            split_part(segments.segment_id, ':', 1) as line_id,
            segments.starts_on,
            segments.ends_before,
            {{ term_minor("arr_minor", "starts_on", "ends_before") }} as value_minor,
            case
                when segments.starts_on < newest.closes_before
                then segments.arr_minor * {{ month_ends }}
                else 0
            end as stated_arr_minor,
            {{
                bounded(
                    days_between("segments.starts_on", "newest.closes_before"),
                    days_between("segments.starts_on", "segments.ends_before"),
                )
            }} as days_served
        from segments
        inner join agreements using (contract_id)
        cross join newest
    ),

    -- A line whose discount ends is worth the same for each of its days in revenue.
    lines as (
        select
            agreement_id,
            line_id,
            {{ days_between("min(starts_on)", "max(ends_before)") }} as days,
            sum(days_served) as days_served,
            {{ sum_minor("value_minor") }} as value_minor,
            {{
                sum_minor(
                    share_minor(
                        "value_minor",
                        "days_served",
                        days_between("starts_on", "ends_before"),
                    )
                )
            }} as served_minor,
            {{ sum_minor("stated_arr_minor") }} as stated_arr_minor
        from valued
        group by agreement_id, line_id
    ),

    stated as (
        select
            agreement_id,
            count(*) as lines_count,
            {{ sum_minor("stated_arr_minor") }} as stated_arr_minor,
            {{ sum_minor("served_minor") }} as served_minor,
            {{ sum_minor(share_minor("value_minor", "days_served", "days")) }}
            as spread_minor,
            {{ sum_minor("value_minor") }} as value_minor
        from lines
        group by agreement_id
    ),

    -- What the metric counts, month by month, but for the months that it leaves out.
    moves as (
        select contract_id, counted_minor * {{ month_ends }} as counted_arr_minor
        from counted
        cross join newest
        where starts_on < newest.closes_before

        union all

        select counted.contract_id, - counted.counted_minor as counted_arr_minor
        from counted
        inner join
            suspended
            on suspended.policy_step = counted.policy_step
            and suspended.salesforce_contract_id = counted.contract_id
        inner join newest on suspended.month <= newest.month
        where
            counted.starts_on < {{ add_months("suspended.month", 1) }}
            and counted.ends_before >= {{ add_months("suspended.month", 1) }}
    ),

    reported as (
        select
            agreements.agreement_id,
            {{ sum_minor("moves.counted_arr_minor") }} as counted_arr_minor
        from moves
        inner join agreements using (contract_id)
        group by agreements.agreement_id
    )

select
    stated.agreement_id,
    {{ div_half_up("coalesce(reported.counted_arr_minor, 0)", "12") }} as mrr_minor,
    {{ div_half_up("stated.stated_arr_minor", "12") }} as stated_mrr_minor,
    stated.served_minor,
    stated.spread_minor,
    stated.value_minor,
    stated.lines_count
from stated
left join reported using (agreement_id)
