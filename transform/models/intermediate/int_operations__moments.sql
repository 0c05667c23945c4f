with

    audit as (select * from {{ ref("stg_operations__audit") }}),

    check_results as (select * from {{ ref("stg_operations__check_results") }}),

    loads as (select * from {{ ref("stg_operations__loads") }}),

    plans as (select * from {{ ref("stg_operations__plans") }}),

    known as (
        select max(recorded_at) as known_at
        from audit
        union all
        select max(checked_at) as known_at
        from check_results
        union all
        select max(loaded_at) as known_at
        from loads
        union all
        select max(recorded_at) as known_at
        from plans
    )

-- Not the clock: the same tables give the same rows, whenever they are built.
select max(known_at) as known_at
from known
