with

    products as (
        select *
        from {{ ref("stg_salesforce__products") }}
        where not is_deleted and sku is not null
    ),

    stripe_products as (
        select * from {{ ref("stg_stripe__products") }} where not is_deleted
    ),

    prices as (select * from {{ ref("stg_stripe__prices") }} where not is_deleted),

    quote_lines as (
        select * from {{ ref("stg_salesforce__quote_lines") }} where not is_deleted
    ),

    options as (
        select * from {{ ref("stg_salesforce__product_options") }} where not is_deleted
    ),

    billed as (
        select
            stripe_products.sku,
            max(stripe_products.stripe_product_id) as stripe_product_id,
            max(case when prices.usage_type = 'metered' then 1 else 0 end) as metered,
            max(case when prices.usage_type = 'licensed' then 1 else 0 end) as licensed
        from stripe_products
        left join prices using (stripe_product_id)
        where stripe_products.sku is not null
        group by stripe_products.sku
    ),

    quoted as (
        select
            products.sku,
            max(
                case when quote_lines.charge_type = 'Usage' then 1 else 0 end
            ) as metered,
            max(
                case when quote_lines.charge_type = 'Recurring' then 1 else 0 end
            ) as licensed,
            max(case when quote_lines.is_bundle then 1 else 0 end) as bundled
        from products
        left join quote_lines using (salesforce_product_id)
        group by products.sku
    ),

    configured as (
        select products.sku
        from products
        inner join
            options
            on options.bundle_salesforce_product_id = products.salesforce_product_id
        group by products.sku
    )

select
    quoted.sku,
    billed.stripe_product_id,
    -- What billing charges decides; of what it does not sell, the quotes tell.
    case
        when billed.metered = 1
        then 'usage'
        when billed.licensed = 1
        then 'recurring'
        when quoted.metered = 1
        then 'usage'
        when quoted.licensed = 1
        then 'recurring'
        else 'one_time'
    end as revenue_type,
    quoted.bundled = 1 or configured.sku is not null as is_bundle
from quoted
left join billed on billed.sku = quoted.sku
left join configured on configured.sku = quoted.sku
