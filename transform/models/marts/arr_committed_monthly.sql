with

    segments as (select * from {{ ref("arr_segments") }} where is_in_force),

    months as (select * from {{ ref("int_calendar__months") }}),

    rates as (select * from {{ ref("usd_rates_monthly") }}),

    signed as (
        select
            segments.*,
            months.month,
            {{ add_days("months.closes_before", -1) }} as closes_on,
            -- The day on which all that is signed of a line is live: a renewal then
            -- stands in the place of what it renews.
            max(
                case
                    when segments.starts_on >= months.closes_before
                    then segments.starts_on
                end
            ) over (
                partition by
                    months.month,
                    segments.customer_id,
                    segments.product_id,
                    segments.currency,
                    segments.legal_entity_code
            ) as live_on
        from segments
        inner join
            months
            on segments.signed_on < months.closes_before
            and segments.ends_before >= months.closes_before
    ),

    committed as (
        select
            customer_id,
            currency,
            month,
            {{ sum_minor("counted_minor") }} as committed_minor
        from signed
        where
            starts_on <= coalesce(live_on, closes_on)
            and ends_before > coalesce(live_on, closes_on)
        group by customer_id, currency, month
    )

select
    committed.customer_id,
    committed.currency,
    committed.month,
    committed.committed_minor,
    {{ usd_minor("committed.committed_minor", "rates.budget_rate") }}
    as committed_usd_minor
from committed
inner join rates using (currency, month)
