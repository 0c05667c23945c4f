with

    lines as (select * from {{ ref("int_bookings__lines") }} where total_minor <> 0),

    months as (select * from {{ ref("int_calendar__months") }}),

    -- One-time work counts as done on the first day: no system tells of its progress.
    bounded as (
        select
            *,
            case
                when is_recurring
                then
                    greatest(
                        {{ days_between("starts_on", "ends_before") }},
                        cast(1 as bigint)
                    )
                else cast(1 as bigint)
            end as term_days,
            case
                when is_recurring
                then greatest(enforceable_before, starts_on)
                else {{ add_days("starts_on", 1) }}
            end as owed_before
        from lines
    ),

    line_months as (
        select
            bounded.*,
            months.month,
            months.closes_before,
            least(
                greatest(
                    {{ days_between("bounded.starts_on", "months.closes_before") }},
                    cast(0 as bigint)
                ),
                {{ days_between("bounded.starts_on", "bounded.owed_before") }}
            ) as satisfied_days,
            least(
                greatest(
                    {{
                        days_between(
                            "bounded.starts_on",
                            add_months("months.closes_before", 12),
                        )
                    }},
                    cast(0 as bigint)
                ),
                {{ days_between("bounded.starts_on", "bounded.owed_before") }}
            ) as satisfied_days_in_a_year,
            {{ days_between("bounded.starts_on", "bounded.owed_before") }} as owed_days
        from bounded
        inner join
            months
            on months.closes_before > bounded.booked_on
            and months.month <= greatest(bounded.owed_before, bounded.booked_on)
    ),

    amounts as (
        select
            *,
            {% for days, amount in {
                "owed_days": "owed_minor",
                "satisfied_days": "satisfied_minor",
                "satisfied_days_in_a_year": "satisfied_in_a_year_minor",
            }.items() %}
                {{ ratable("total_minor", days, "term_days") }} as {{ amount }}
                {{- "," if not loop.last }}
            {% endfor %}
        from line_months
    )

select
    salesforce_quote_line_id,
    salesforce_contract_id,
    customer_id,
    month,
    currency,
    is_over_a_year,
    case
        when {{ first_of_month("booked_on") }} = month
        then owed_minor
        else cast(0 as bigint)
    end as booked_minor,
    satisfied_minor - lag(satisfied_minor, 1, cast(0 as bigint)) over (
        partition by salesforce_quote_line_id order by month
    ) as satisfied_minor,
    owed_minor - satisfied_minor as remaining_minor,
    satisfied_in_a_year_minor - satisfied_minor as remaining_within_a_year_minor
from amounts
