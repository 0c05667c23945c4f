with

    currencies as (select * from {{ ref("currencies") }}),

    orders as (select * from {{ ref("int_orders__booked") }}),

    invoices as (select * from {{ ref("invoices") }}),

    deferred as (select * from {{ ref("deferred_revenue_monthly") }}),

    payments as (select * from {{ ref("payments") }}),

    refunds as (select * from {{ ref("refunds") }}),

    amounts as (
        select
            {{ first_of_month("booked_on") }} as month,
            currency,
            'bookings' as measure,
            total_minor as amount_minor
        from orders

        union all

        select
            {{ first_of_month("issued_on") }} as month,
            currency,
            'billings' as measure,
            net_minor as amount_minor
        from invoices
        where status <> 'void'

        union all

        select month, currency, 'revenue' as measure, revenue_minor as amount_minor
        from deferred

        union all

        select
            {{ first_of_month("paid_on") }} as month,
            currency,
            'cash' as measure,
            received_minor as amount_minor
        from payments

        union all

        select
            {{ first_of_month("refunded_on") }} as month,
            currency,
            'cash' as measure,
            - amount_minor as amount_minor
        from refunds
        where status = 'succeeded'
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
