with

    movements as (select * from {{ ref("arr_movements") }}),

    positions as (select * from {{ ref("arr_positions") }} where is_in_force),

    contracted as (
        select
            customer_id,
            currency,
            month,
            {{ sum_minor("held_minor - paused_minor") }} as contracted_minor
        from positions
        group by customer_id, currency, month
    ),

    chained as (
        select
            *,
            opening_minor
            {%- for movement in arr_movements() %}
                + {{ movement }}_minor
            {%- endfor %} as rolled_minor,
            lag(closing_minor, 1, cast(0 as bigint)) over (
                partition by customer_id, product_id, currency, legal_entity_code
                order by month
            ) as previous_minor
        from movements
    ),

    rolled as (
        select
            customer_id,
            currency,
            month,
            {{ sum_minor("closing_minor") }} as closing_minor,
            {{ sum_minor("rolled_minor") }} as rolled_minor,
            sum(
                case
                    when
                        rolled_minor <> closing_minor or opening_minor <> previous_minor
                    then 1
                    else 0
                end
            ) as broken_lines
        from chained
        group by customer_id, currency, month
    ),

    compared as (
        select
            customer_id,
            currency,
            month,
            coalesce(rolled.closing_minor, 0) as closing_minor,
            coalesce(rolled.rolled_minor, 0) as rolled_minor,
            coalesce(rolled.broken_lines, 0) as broken_lines,
            coalesce(contracted.contracted_minor, 0) as contracted_minor
        from rolled
        full join contracted using (customer_id, currency, month)
    ),

    found as (
        select
            'concord:customer:' || customer_id as record_key,
            customer_id,
            currency || ':' || {{ iso_day("month") }} as part,
            'ARR of customer '
            || customer_id
            || ' does not follow from the month before' as subject,
            currency,
            month as period,
            'arr_movements' as left_system,
            cast(rolled_minor as {{ dbt.type_string() }}) as left_value,
            'contract_segments' as right_system,
            cast(contracted_minor as {{ dbt.type_string() }}) as right_value,
            rolled_minor - contracted_minor as difference_minor
        from compared
        where broken_lines > 0 or closing_minor <> contracted_minor
    )

    {{
        breaks(
            [
                "customer_id",
                "part",
                "currency",
                "period",
                "left_system",
                "left_value",
                "right_system",
                "right_value",
                "difference_minor",
            ]
        )
    }}
