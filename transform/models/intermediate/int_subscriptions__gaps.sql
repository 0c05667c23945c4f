with

    billed as (select * from {{ ref("int_subscriptions__billed") }}),

    spans as (
        select
            billing_system,
            subscription_id,
            max(ends_before) over (
                partition by billing_system, subscription_id
                order by starts_on, ends_before
                rows between unbounded preceding and 1 preceding
            ) as gap_starts_on,
            starts_on as gap_ends_before
        from billed
    )

select billing_system, subscription_id, gap_starts_on, gap_ends_before
from spans
where gap_starts_on < gap_ends_before
group by billing_system, subscription_id, gap_starts_on, gap_ends_before
