-- Breaks that come of a mapping, a sync, a double or late usage: ours to prevent.
{% set preventable = [
    "B01",
    "B02",
    "B03",
    "B04",
    "B05",
    "B08",
    "B10",
    "C02",
    "M07",
    "U02",
    "U04",
] %}

with

    exceptions as (select * from {{ ref("stg_operations__exceptions") }}),

    audit as (select * from {{ ref("stg_operations__audit") }}),

    -- Our own steps write down who they are; everybody else is a person.
    touched as (
        select subject as fingerprint, recorded_at
        from audit
        where actor not in ('concord', 'push', 'settle', 'read_back', 'reconciliation')
    ),

    by_hand as (
        select exceptions.exception_id, min(touched.recorded_at) as first_touched_at
        from exceptions
        inner join
            touched
            on touched.fingerprint = exceptions.fingerprint
            and touched.recorded_at >= exceptions.opened_at
            and touched.recorded_at
            <= coalesce(exceptions.closed_at, touched.recorded_at)
        group by exceptions.exception_id
    )

select
    exceptions.exception_id,
    exceptions.source,
    exceptions.fingerprint,
    exceptions.kind,
    exceptions.owner,
    exceptions.record_key,
    exceptions.currency,
    exceptions.state,
    exceptions.reopened,
    exceptions.opened_at,
    exceptions.due_at,
    exceptions.closed_at,
    by_hand.first_touched_at,
    exceptions.kind in ('{{ preventable | join("', '") }}') as is_preventable
from exceptions
left join by_hand on by_hand.exception_id = exceptions.exception_id
