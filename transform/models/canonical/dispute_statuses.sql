with

    disputes as (select * from {{ ref("stg_stripe__disputes") }} where not is_deleted),

    versions as (select * from {{ ref("stg_stripe__dispute_versions") }}),

    seen as (
        select stripe_dispute_id, status, superseded_at
        from versions
        union all
        select
            stripe_dispute_id,
            status,
            cast(null as timestamp with time zone) as superseded_at
        from disputes
    ),

    ordered as (
        select
            stripe_dispute_id,
            status,
            lag(status) over (
                partition by stripe_dispute_id order by superseded_at nulls last
            ) as status_before,
            lag(superseded_at) over (
                partition by stripe_dispute_id order by superseded_at nulls last
            ) as seen_at
        from seen
    ),

    -- Versions that differ in something else are one stretch in one status.
    changed as (
        select * from ordered where status_before is null or status_before <> status
    )

select
    changed.stripe_dispute_id as dispute_id,
    changed.status,
    coalesce(changed.seen_at, disputes.created_at) as seen_at,
    lead(changed.seen_at) over (
        partition by changed.stripe_dispute_id order by changed.seen_at nulls first
    ) as replaced_at
from changed
inner join disputes using (stripe_dispute_id)
