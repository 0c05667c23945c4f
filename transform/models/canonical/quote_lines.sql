with

    lines as (
        select * from {{ ref("stg_salesforce__quote_lines") }} where not is_deleted
    ),

    quotes as (select * from {{ ref("quotes") }}),

    products as (
        select *
        from {{ ref("stg_salesforce__products") }}
        where not is_deleted and sku is not null
    ),

    charges as (select * from {{ ref("int_products__charged") }}),

    currencies as (select * from {{ ref("currencies") }}),

    dated as (
        select
            lines.*,
            quotes.quote_id,
            quotes.customer_id,
            quotes.currency,
            products.sku as product_id,
            coalesce(lines.starts_on, quotes.starts_on) as first_on,
            coalesce(
                {{ add_days("lines.ends_on", 1) }}, quotes.ends_before
            ) as ends_before
        from lines
        inner join quotes on quotes.quote_id = lines.salesforce_quote_id
        inner join products using (salesforce_product_id)
    )

select
    dated.salesforce_quote_line_id as quote_line_id,
    dated.quote_id,
    dated.customer_id,
    dated.product_id,
    dated.bundle_quote_line_id as bundle_line_id,
    coalesce(dated.is_bundle, false) as is_bundle,
    coalesce(
        {{ revenue_type_of("dated.charge_type") }}, charges.revenue_type
    ) as revenue_type,
    dated.quantity,
    {{ to_minor("dated.list_price_amount", "currencies.minor_per_major") }}
    as list_minor,
    {{ to_minor("dated.net_price_amount", "currencies.minor_per_major") }}
    as unit_minor,
    cast(coalesce(dated.discount_percent, 0) * 100 as bigint) as discount_basis_points,
    dated.discount_months,
    {{ to_minor("dated.net_total_amount", "currencies.minor_per_major") }}
    as total_minor,
    dated.currency,
    dated.first_on as starts_on,
    dated.ends_before,
    {{ whole_months("dated.first_on", "dated.ends_before") }} as term_months,
    dense_rank() over (
        partition by dated.quote_id, dated.product_id order by dated.first_on
    ) as ramp_sequence,
    'salesforce' as system,
    dated.salesforce_quote_line_id as record_id
from dated
inner join currencies on currencies.currency = dated.currency
inner join charges on charges.sku = dated.product_id
