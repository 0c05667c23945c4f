with

    currencies as (select * from {{ ref("currencies") }}),

    deferred as (select * from {{ ref("deferred_revenue_monthly") }}),

    booked as (select * from {{ ref("bridge_bookings") }}),

    settled as (select * from {{ ref("bridge_cash") }}),

    -- The sides of the bridge, which tells why they differ.
    amounts as (
        select month, currency, 'bookings' as measure, left_minor as amount_minor
        from booked
        where left_minor <> 0

        union all

        select month, currency, 'billings' as measure, left_minor as amount_minor
        from settled
        where left_minor <> 0

        union all

        select month, currency, 'revenue' as measure, revenue_minor as amount_minor
        from deferred

        union all

        select month, currency, 'cash' as measure, right_minor as amount_minor
        from settled
        where right_minor <> 0
    ),

    totals as (
        select
            month,
            currency,
            {% for measure in ["bookings", "billings", "revenue", "cash"] %}
                {{
                    sum_minor(
                        "case when measure = '"
                        ~ measure
                        ~ "' then amount_minor else 0 end"
                    )
                }} as {{ measure }}_minor {{- "," if not loop.last }}
            {% endfor %}
        from amounts
        group by month, currency
    )

select
    totals.month,
    totals.currency,
    {% for measure in ["bookings", "billings", "revenue", "cash"] %}
        totals.{{ measure }}_minor,
    {% endfor %}
    {% for measure in ["bookings", "billings", "revenue", "cash"] %}
        {{
            to_usd_minor(
                "totals." ~ measure ~ "_minor", "currencies.usd_micros_per_minor"
            )
        }} as {{ measure }}_usd_minor {{- "," if not loop.last }}
    {% endfor %}
from totals
inner join currencies using (currency)
