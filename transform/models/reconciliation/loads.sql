{% set systems = loaded_systems() %}
with

    reads as (select * from {{ ref("stg_operations__loads") }}),

    delivered as (
        {% for system in systems %}
            {% for table in system.tables %}
                select
                    '{{ system.name }}' as system,
                    _dlt_load_id as load_id,
                    count(*) as rows_count
                from {{ table }}
                group by _dlt_load_id
                union all
            {% endfor %}
        {% endfor %}
        select
            cast(null as varchar) as system,
            cast(null as varchar) as load_id,
            cast(0 as bigint) as rows_count
        where 1 = 0
    ),

    -- A load that was killed half way has rows, and no entry here.
    ended as (
        {% for system in systems %}
            select '{{ system.name }}' as system, load_id
            from {{ system.loads }}
            where status = 0
            union all
        {% endfor %}
        select cast(null as varchar) as system, cast(null as varchar) as load_id
        where 1 = 0
    ),

    latest as (
        select system, max({{ loaded_at("load_id") }}) as loaded_at
        from ended
        group by system
    ),

    -- What was read and not changed left no load.
    looked as (
        select system, max(loaded_at) as loaded_at
        from reads
        where not is_partial
        group by system
    ),

    torn as (
        select delivered.system, {{ sum_minor("delivered.rows_count") }} as torn_rows
        from delivered
        left join
            ended
            on ended.system = delivered.system
            and ended.load_id = delivered.load_id
        where ended.load_id is null
        group by delivered.system
    )

select
    latest.system,
    greatest(
        latest.loaded_at, coalesce(looked.loaded_at, latest.loaded_at)
    ) as loaded_at,
    coalesce(torn.torn_rows, 0) as torn_rows
from latest
left join torn using (system)
left join looked using (system)
