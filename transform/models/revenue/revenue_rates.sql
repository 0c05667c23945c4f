with

    rates as (select * from {{ ref("exchange_rates") }} where rate_type = 'spot'),

    entities as (select * from {{ ref("legal_entities") }}),

    currencies as (select * from {{ ref("currencies") }}),

    functional as (
        select functional_currency as currency
        from entities
        group by functional_currency
    ),

    dollars as (
        select
            rates.from_currency as currency,
            rates.rate_on,
            rates.replaced_on,
            cast(rates.rate * 10000000000 as bigint) as scaled_rate,
            currencies.minor_per_major
        from rates
        inner join currencies on currencies.currency = rates.from_currency
        where rates.to_currency = 'USD'
    )

-- Each pair goes through the dollar, on days on which both rates hold.
select
    source.currency as from_currency,
    target.currency as to_currency,
    greatest(source.rate_on, target.rate_on) as valid_from,
    case
        when source.replaced_on is null
        then target.replaced_on
        when target.replaced_on is null
        then source.replaced_on
        else least(source.replaced_on, target.replaced_on)
    end as valid_before,
    source.scaled_rate * target.minor_per_major as numerator,
    target.scaled_rate * source.minor_per_major as denominator
from dollars as source
cross join dollars as target
inner join functional on functional.currency = target.currency
where
    (target.replaced_on is null or source.rate_on < target.replaced_on)
    and (source.replaced_on is null or target.rate_on < source.replaced_on)
