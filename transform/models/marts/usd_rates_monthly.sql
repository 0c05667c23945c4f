-- Rates are whole numbers, ten-billionths of a US cent for one minor unit: ten decimals
-- are what a rate has, and whole numbers keep every adapter's conversion the same.
with

    months as (select * from {{ ref("int_calendar__months") }}),

    currencies as (select * from {{ ref("currencies") }}),

    spot as (
        select *
        from {{ ref("exchange_rates") }}
        where to_currency = 'USD' and rate_type = 'spot'
    ),

    scaled as (
        select
            months.month,
            currencies.currency,
            currencies.usd_micros_per_minor * 10000 as budget_rate,
            cast(spot.rate * 10000000000 as bigint) as spot_rate,
            currencies.minor_per_major
        from months
        cross join currencies
        left join
            spot
            on spot.from_currency = currencies.currency
            and spot.rate_on < months.closes_before
            and {{ or_never("spot.replaced_on") }} >= months.closes_before
    )

select
    month,
    currency,
    cast(budget_rate as bigint) as budget_rate,
    -- The budget's rate stands in where the ERP has none yet.
    coalesce(
        {{ share_minor("spot_rate", "100", "minor_per_major") }}, budget_rate
    ) as month_end_rate,
    spot_rate is null as is_budget_rate
from scaled
