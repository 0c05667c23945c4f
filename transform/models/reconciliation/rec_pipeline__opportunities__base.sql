with

    opportunities as (select * from {{ ref("stg_salesforce__opportunities") }}),

    months as (select * from {{ ref("int_calendar__months") }}),

    month_ends as (select * from {{ ref("int_opportunities__month_ends") }}),

    -- What was open when the month ended, with what is deleted since.
    opened as (
        select months.month, count(*) as opened_count
        from months
        inner join
            opportunities
            on {{ utc_date("opportunities.created_at") }} < months.closes_before
            and (
                not opportunities.is_closed
                or opportunities.closes_on >= months.closes_before
            )
        group by months.month
    ),

    counted as (select month, count(*) as counted_count from month_ends group by month),

    found as (
        select
            'concord:pipeline:' || {{ iso_day("opened.month") }} as record_key,
            'The pipeline of the month of '
            || {{ iso_day("opened.month") }}
            || ' lost '
            || cast(
                opened.opened_count
                - coalesce(counted.counted_count, 0) as {{ dbt.type_string() }}
            )
            || ' of its '
            || cast(opened.opened_count as {{ dbt.type_string() }})
            || ' opportunities' as subject,
            opened.month as period,
            'salesforce' as left_system,
            cast(opened.opened_count as {{ dbt.type_string() }}) as left_value,
            'concord' as right_system,
            cast(
                coalesce(counted.counted_count, 0) as {{ dbt.type_string() }}
            ) as right_value
        from opened
        left join counted using (month)
        -- 15 percent and more.
        where
            20 * (opened.opened_count - coalesce(counted.counted_count, 0))
            >= 3 * opened.opened_count
    )

    {{ breaks(["period", "left_system", "left_value", "right_system", "right_value"]) }}
