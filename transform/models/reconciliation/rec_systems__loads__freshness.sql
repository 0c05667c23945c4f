with

    loads as (select * from {{ ref("stg_operations__loads") }}),

    moments as (select * from {{ ref("int_operations__moments") }}),

    service_levels as (select * from {{ ref("source_service_levels") }}),

    -- A load of some records says nothing of the others.
    read_last as (
        select
            system,
            stream,
            max(case when not is_partial then loaded_at end) as read_at,
            min(loaded_at) as first_at
        from loads
        group by system, stream
    ),

    found as (
        select
            read_last.system || ':' || read_last.stream || ':all' as record_key,
            'The '
            || read_last.stream
            || ' of '
            || read_last.system
            || ' were not read for more than '
            || cast(service_levels.within_hours as {{ dbt.type_string() }})
            || ' hours' as subject,
            read_last.system as left_system,
            cast(read_last.read_at as {{ dbt.type_string() }}) as left_value,
            'operations' as right_system,
            cast(moments.known_at as {{ dbt.type_string() }}) as right_value
        from read_last
        cross join moments
        inner join service_levels on service_levels.system = read_last.system
        where
            {{
                seconds_between(
                    "coalesce(read_last.read_at, read_last.first_at)",
                    "moments.known_at",
                )
            }} > 3600 * service_levels.within_hours
    )

    {{ breaks(["left_system", "left_value", "right_system", "right_value"]) }}
