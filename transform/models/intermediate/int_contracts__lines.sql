with

    lines as (select * from {{ ref("stg_salesforce__subscriptions") }}),

    contracts as (select * from {{ ref("int_contracts__signed") }}),

    products as (select * from {{ ref("stg_salesforce__products") }}),

    currencies as (select * from {{ ref("currencies") }})

select
    lines.salesforce_subscription_id,
    contracts.salesforce_contract_id,
    contracts.customer_id,
    contracts.legal_entity_code,
    products.sku,
    contracts.currency,
    lines.charge_type = 'Recurring' as is_recurring,
    lines.quantity,
    {{ to_minor("lines.net_price_amount", "currencies.minor_per_major") }}
    as unit_minor,
    -- From the exact price: a unit of less than a cent is rounded once, not per seat.
    case
        when lines.charge_type = 'Recurring'
        then
            {{
                to_minor(
                    "12 * lines.quantity * lines.net_price_amount",
                    "currencies.minor_per_major",
                )
            }}
        else cast(0 as bigint)
    end as gross_arr_minor,
    lines.starts_on,
    -- A contract that ends early ends its lines with it.
    {{ add_days("least(lines.ends_on, contracts.ends_on)", 1) }} as ends_before,
    cast(coalesce(lines.discount_percent, 0) * 100 as bigint) as discount_basis_points,
    -- An amendment's line carries the months that are left of the discount.
    {{ add_months("lines.starts_on", "lines.discount_months") }} as discount_ends_before
from lines
inner join contracts using (salesforce_contract_id)
inner join products using (salesforce_product_id)
left join currencies on currencies.currency = contracts.currency
where not lines.is_deleted
