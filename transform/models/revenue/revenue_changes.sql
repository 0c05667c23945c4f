-- No source states what the price of an obligation becomes by an amendment: contracts
-- whose amendments need it are held, and nothing is guessed here.
with

    modifications as (
        select *
        from {{ ref("contract_modifications") }}
        where treatment = 'prospective'
    )

select
    'modification:' || order_id as event_id,
    contract_id,
    cast(null as varchar) as obligation_id,
    cast(null as bigint) as amount_minor,
    cast(null as date) as ends_before,
    cast(null as bigint) as total_units,
    cast(null as bigint) as ssp_minor,
    cast(null as varchar) as treatment,
    cast(null as bigint) as unit_price_micros,
    false as is_cancelled
from modifications
where contract_id is null
