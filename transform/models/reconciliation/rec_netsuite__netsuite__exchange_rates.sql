with

    rates as (
        select *
        from {{ ref("exchange_rates") }}
        where rate_type = 'spot' and from_currency <> to_currency
    ),

    neighbours as (
        select
            *,
            {% for name, step in [
                ("earlier_rate", "lag(rate, 1)"),
                ("long_earlier_rate", "lag(rate, 2)"),
                ("later_rate", "lead(rate, 1)"),
                ("long_later_rate", "lead(rate, 2)"),
                ("earlier_on", "lag(rate_on, 1)"),
            ] %}
                {{ step }} over (
                    partition by from_currency, to_currency order by rate_on
                ) as {{ name }}{{ "," if not loop.last }}
            {% endfor %}
        from rates
    ),

    -- Each rate beside two others: at the ends both are on one side.
    compared as (
        select
            *,
            coalesce(earlier_rate, long_later_rate) as one_rate,
            coalesce(later_rate, long_earlier_rate) as other_rate,
            {{ days_between("earlier_on", "rate_on") }} as days_awaited,
            case
                when replaced_on is null then {{ days_between("rate_on", as_of()) }}
            end as days_old
        from neighbours
    ),

    judged as (
        select
            *,
            case
                when
                    abs(rate - one_rate) * 10 > one_rate
                    and abs(rate - other_rate) * 10 > other_rate
                then 'outlier'
                when days_awaited > 35
                then 'late'
                when days_old > 35
                then 'stale'
            end as trouble
        from compared
    ),

    found as (
        select
            source_system || ':currencyrate:' || source_id as record_key,
            trouble as part,
            'The rate of '
            || from_currency
            || ' on '
            || {{ iso_day("rate_on") }}
            || case
                trouble
                when 'outlier'
                then ' is more than a tenth away from those beside it'
                when 'late'
                then ' is the first after ' || cast(days_awaited as varchar) || ' days'
                else ' is ' || cast(days_old as varchar) || ' days old'
            end as subject,
            from_currency as currency,
            {{ first_of_month("rate_on") }} as period,
            source_system as left_system,
            cast(rate as varchar) as left_value,
            source_system as right_system,
            cast(one_rate as varchar) as right_value
        from judged
        where trouble is not null
    )

    {{
        breaks(
            [
                "part",
                "currency",
                "period",
                "left_system",
                "left_value",
                "right_system",
                "right_value",
            ]
        )
    }}
