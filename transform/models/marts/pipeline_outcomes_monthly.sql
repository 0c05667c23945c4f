with

    opportunities as (
        select * from {{ ref("int_opportunities__valued") }} where is_closed
    ),

    month_ends as (select * from {{ ref("int_opportunities__month_ends") }}),

    months as (select * from {{ ref("int_calendar__months") }}),

    currencies as (select * from {{ ref("currencies") }}),

    closed as (
        select
            {{ first_of_month("closes_on") }} as month,
            currency,
            case when is_won then 'won' else 'lost' end as outcome,
            1 as opportunities_count,
            coalesce(total_minor, 0) as amount_minor
        from opportunities
    ),

    -- The pipeline of three months ago, and what of it was won since.
    converted as (
        select
            months.month,
            month_ends.currency,
            case
                when month_ends.is_won and month_ends.closed_on < months.closes_before
                then 'converted'
                else 'not_converted'
            end as outcome,
            1 as opportunities_count,
            month_ends.open_minor as amount_minor
        from months
        inner join month_ends on month_ends.month = {{ add_months("months.month", -3) }}
    ),

    outcomes as (
        select month, currency, outcome, opportunities_count, amount_minor
        from closed
        union all
        select month, currency, outcome, opportunities_count, amount_minor
        from converted
    ),

    totals as (
        select
            outcomes.month,
            outcomes.currency,
            {% for outcome in ["won", "lost", "converted", "not_converted"] %}
                {{
                    sum_minor(
                        "case when outcomes.outcome = '"
                        ~ outcome
                        ~ "' then outcomes.opportunities_count else 0 end"
                    )
                }} as {{ outcome }}_count,
                {{
                    sum_minor(
                        "case when outcomes.outcome = '"
                        ~ outcome
                        ~ "' then outcomes.amount_minor else 0 end"
                    )
                }} as {{ outcome }}_minor {{- "," if not loop.last }}
            {% endfor %}
        from outcomes
        inner join months on months.month = outcomes.month
        group by outcomes.month, outcomes.currency
    )

select
    totals.month,
    totals.currency,
    {% for outcome in ["won", "lost", "converted", "not_converted"] %}
        totals.{{ outcome }}_count,
        totals.{{ outcome }}_minor,
        {{
            to_usd_minor(
                "totals." ~ outcome ~ "_minor", "currencies.usd_micros_per_minor"
            )
        }} as {{ outcome }}_usd_minor {{- "," if not loop.last }}
    {% endfor %}
from totals
inner join currencies using (currency)
