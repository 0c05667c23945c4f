with

    segments as (select * from {{ ref("arr_segments") }} where is_in_force),

    covered as (
        select
            customer_id,
            starts_on,
            max(ends_before) over (
                partition by customer_id
                -- There are none; BigQuery sorts a frame in no other way.
                order by starts_on nulls first
                rows between unbounded preceding and 1 preceding
            ) as covered_before
        from segments
    )

select
    customer_id,
    covered_before as left_on,
    min(starts_on) as came_back_on,
    {{ days_between("covered_before", "min(starts_on)") }} as days
from covered
where starts_on > covered_before
group by customer_id, covered_before
