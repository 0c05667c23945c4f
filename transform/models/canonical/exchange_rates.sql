with

    currencies as (select * from {{ ref("currencies") }}),

    erp_rates as (
        select * from {{ ref("stg_netsuite__exchange_rates") }} where not is_deleted
    ),

    -- Of several entries for one day the last one counts.
    ranked as (
        select
            *,
            row_number() over (
                partition by from_currency, to_currency, rate_on
                order by
                    modified_at desc, {{ by_bytes("netsuite_exchange_rate_id") }} desc
            ) as recency
        from erp_rates
    ),

    spot as (
        select
            from_currency,
            to_currency,
            rate_on,
            rate,
            'netsuite' as source_system,
            netsuite_exchange_rate_id as source_id
        from ranked
        where recency = 1 and from_currency <> to_currency

        union all

        -- A currency is worth one of itself, on any day.
        select
            currency as from_currency,
            currency as to_currency,
            {{ first_day() }} as rate_on,
            cast(1 as decimal(20, 10)) as rate,
            'concord' as source_system,
            currency as source_id
        from currencies
    ),

    -- Millionths of a cent for one minor unit -> dollars for one major unit.
    budget as (
        select
            currency as from_currency,
            'USD' as to_currency,
            {{ first_day() }} as rate_on,
            cast(
                cast(usd_micros_per_minor * minor_per_major as decimal(18, 0))
                * cast(0.00000001 as decimal(10, 8)) as decimal(20, 10)
            ) as rate,
            'concord' as source_system,
            currency as source_id
        from currencies
    ),

    rates as (
        select *, 'spot' as rate_type
        from spot
        union all
        select *, 'budget' as rate_type
        from budget
    )

select
    cast(from_currency as varchar) as from_currency,
    cast(to_currency as varchar) as to_currency,
    rate_on,
    lead(rate_on) over (
        partition by rate_type, from_currency, to_currency order by rate_on
    ) as replaced_on,
    rate_type,
    rate,
    source_system,
    cast(source_id as varchar) as source_id
from rates
