with

    obligations as (
        select * from {{ ref("revenue_obligations") }} where method = 'daily'
    ),

    segments as (
        select *
        from {{ ref("subscription_segments") }}
        where is_paused and is_recurring and recorded_to is null
    ),

    paused as (
        select
            obligations.contract_id,
            obligations.obligation_id,
            segments.valid_from as paused_on,
            -- While no end is known it lasts, and each day says so anew.
            max(
                coalesce(
                    segments.valid_to,
                    {{ add_days("greatest(" ~ as_of() ~ ", segments.valid_from)", 1) }}
                )
            ) as resumes_on
        from segments
        inner join
            obligations
            on obligations.contract_id = segments.contract_id
            and obligations.product_id = segments.product_id
            and obligations.ends_before > segments.valid_from
            and (segments.valid_to is null or obligations.starts_on < segments.valid_to)
        group by obligations.contract_id, obligations.obligation_id, segments.valid_from
    )

select
    'pause:' || contract_id || ':' || {{ iso_day("paused_on") }} as event_id,
    contract_id,
    obligation_id,
    paused_on,
    resumes_on
from paused
