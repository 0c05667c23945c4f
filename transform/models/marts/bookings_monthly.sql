with

    lines as (select * from {{ ref("int_bookings__lines") }}),

    currencies as (select * from {{ ref("currencies") }}),

    booked as (
        select
            {{ first_of_month("booked_on") }} as month,
            currency,
            booking_type,
            count(distinct salesforce_quote_id) as orders_count,
            {{ sum_minor("arr_minor") }} as arr_minor,
            {{ sum_minor("acv_minor") }} as acv_minor,
            {{ sum_minor("total_minor") }} as tcv_minor,
            {{ sum_minor("case when is_recurring then 0 else total_minor end") }}
            as one_time_minor
        from lines
        group by {{ first_of_month("booked_on") }}, currency, booking_type
    )

select
    booked.month,
    booked.currency,
    booked.booking_type,
    booked.orders_count,
    {% for measure in ["arr", "acv", "tcv", "one_time"] %}
        booked.{{ measure }}_minor,
        {{
            to_usd_minor(
                "booked." ~ measure ~ "_minor", "currencies.usd_micros_per_minor"
            )
        }} as {{ measure }}_usd_minor {{- "," if not loop.last }}
    {% endfor %}
from booked
inner join currencies using (currency)
