with

    check_results as (
        select *
        from {{ ref("stg_operations__check_results") }}
        where status <> 'not_run'
    ),

    -- Runs of one month look at the same cells again: its last run tells of them.
    ranked as (
        select
            *,
            {{ first_of_month(utc_date("checked_at")) }} as month,
            row_number() over (
                partition by check_id, {{ first_of_month(utc_date("checked_at")) }}
                order by result_id desc
            ) as recency
        from check_results
    )

select check_id, month, checked_at, compared, breaks - explained as unexplained
from ranked
where recency = 1
