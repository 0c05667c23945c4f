with

    options as (
        select * from {{ ref("stg_salesforce__product_options") }} where not is_deleted
    ),

    products as (
        select *
        from {{ ref("stg_salesforce__products") }}
        where not is_deleted and sku is not null
    )

select
    bundles.sku as bundle_id,
    components.sku as component_id,
    options.position,
    options.quantity,
    options.is_required,
    options.is_included,
    {{ utc_date("options.created_at") }} as valid_from,
    'salesforce' as system,
    options.salesforce_product_option_id as record_id
from options
inner join
    products as bundles
    on bundles.salesforce_product_id = options.bundle_salesforce_product_id
inner join
    products as components
    on components.salesforce_product_id = options.component_salesforce_product_id
