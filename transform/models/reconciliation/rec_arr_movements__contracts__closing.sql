with

    movements as (select * from {{ ref("arr_movements") }}),

    segments as (select * from {{ ref("contract_segments") }} where is_recurring),

    months as (select * from {{ ref("int_calendar__months") }}),

    contracted as (
        select
            segments.customer_id,
            segments.currency,
            months.month,
            {{ sum_minor("segments.arr_minor") }} as contracted_minor
        from segments
        inner join
            months
            on segments.starts_on < months.closes_before
            and segments.ends_before >= months.closes_before
        group by segments.customer_id, segments.currency, months.month
    ),

    chained as (
        select
            *,
            opening_minor
            + new_minor
            + expansion_minor
            + contraction_minor
            + churn_minor
            + reactivation_minor as rolled_minor,
            lag(closing_minor, 1, cast(0 as bigint)) over (
                partition by customer_id, currency order by month
            ) as previous_minor
        from movements
    ),

    compared as (
        select
            customer_id,
            currency,
            month,
            coalesce(chained.closing_minor, 0) as closing_minor,
            coalesce(chained.rolled_minor, 0) as rolled_minor,
            coalesce(chained.opening_minor, 0) as opening_minor,
            coalesce(chained.previous_minor, 0) as previous_minor,
            coalesce(contracted.contracted_minor, 0) as contracted_minor
        from chained
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
        where
            rolled_minor <> closing_minor
            or opening_minor <> previous_minor
            or closing_minor <> contracted_minor
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
