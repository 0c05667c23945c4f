with

    loads as (select * from {{ ref("stg_operations__loads") }}),

    quarantine as (
        select * from {{ ref("stg_operations__quarantine") }} where released_at is null
    ),

    -- Of a stream that is read no more there is nothing to mend.
    streams as (select system, stream from loads group by system, stream),

    drifted as (
        select
            quarantine.system,
            quarantine.stream,
            coalesce(quarantine.field, 'record') as part,
            count(*) as records,
            min(quarantine.reason) as reason
        from quarantine
        inner join
            streams
            on streams.system = quarantine.system
            and streams.stream = quarantine.stream
        group by
            quarantine.system, quarantine.stream, coalesce(quarantine.field, 'record')
    ),

    found as (
        select
            system || ':' || stream || ':all' as record_key,
            part,
            'Of '
            || system
            || ' '
            || stream
            || ' '
            || cast(records as {{ dbt.type_string() }})
            || ' do not fit: '
            || part
            || ' '
            || reason as subject,
            system as left_system,
            part as left_value,
            'raw_' || system as right_system
        from drifted
    )

    {{ breaks(["part", "left_system", "left_value", "right_system"]) }}
