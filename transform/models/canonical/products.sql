with

    listed as (
        select
            *,
            row_number() over (
                partition by sku
                order by
                    case when is_active then 0 else 1 end,
                    {{ by_bytes("salesforce_product_id") }}
            ) as listing_rank
        from {{ ref("stg_salesforce__products") }}
        where not is_deleted and sku is not null
    ),

    -- A code that is listed twice is one product; P02 tells of the other record.
    salesforce as (select * from listed where listing_rank = 1),

    items as (select * from {{ ref("int_erp__items") }}),

    charges as (select * from {{ ref("int_products__charged") }}),

    -- A link that a person made wins over a code that looks alike.
    candidates as (
        select
            salesforce.sku,
            items.erp_item_id,
            items.erp_item_id as netsuite_item_id,
            row_number() over (
                partition by salesforce.sku
                order by
                    case
                        when items.erp_item_id = salesforce.erp_item_id
                        then 0
                        when items.item_name = salesforce.sku
                        then 1
                        else 2
                    end,
                    {{ by_bytes("items.erp_item_id") }}
            ) as candidate_rank
        from salesforce
        inner join
            items
            on items.erp_item_id = salesforce.erp_item_id
            or items.normalised_item_name = {{ normalised_code("salesforce.sku") }}
    ),

    derived as (
        select salesforce.sku, candidates.erp_item_id, candidates.netsuite_item_id
        from salesforce
        left join
            candidates
            on candidates.sku = salesforce.sku
            and candidates.candidate_rank = 1
    )

select
    salesforce.sku as product_id,
    salesforce.name,
    salesforce.family,
    charges.revenue_type,
    charges.is_bundle,
    salesforce.is_active,
    salesforce.salesforce_product_id,
    charges.stripe_product_id,
    derived.netsuite_item_id,
    {{ golden_record() }}
from salesforce
inner join derived on derived.sku = salesforce.sku
left join charges on charges.sku = salesforce.sku
