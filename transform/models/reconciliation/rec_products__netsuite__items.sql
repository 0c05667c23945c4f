with
    products as (select * from {{ ref("products") }}),
    items as (select * from {{ ref("int_erp__items") }}),
    salesforce as (
        select *
        from {{ ref("stg_salesforce__products") }}
        where not is_deleted and is_active and erp_item_id is not null
    ),
    shared as (
        select erp_item_id from salesforce group by erp_item_id having count(*) > 1
    ),
    found as (

        select
            'salesforce:product2:' || salesforce.salesforce_product_id as record_key,
            'Product '
            || products.product_id
            || ' is posted to an item that another product has' as subject,
            'salesforce' as left_system,
            salesforce.erp_item_id as left_value,
            'netsuite' as right_system,
            items.erp_item_id as right_value
        from salesforce
        inner join products using (salesforce_product_id)
        inner join shared on shared.erp_item_id = salesforce.erp_item_id
        left join
            items
            on items.normalised_item_name = {{ normalised_code("products.product_id") }}
        where items.erp_item_id is distinct from salesforce.erp_item_id

    )

    {{ breaks(["left_system", "left_value", "right_system", "right_value"]) }}
