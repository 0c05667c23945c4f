with

    products as (select * from {{ ref("products") }}),

    salesforce as (select * from {{ ref("stg_salesforce__products") }}),

    records as (select * from {{ ref("customer_records") }}),

    -- Only NetSuite delivers items. It is asked as soon as it has customers: one
    -- without any item has none for our products.
    asked as (
        select count(*) as customers_count from records where system = 'netsuite'
    ),

    found as (
        select
            'salesforce:product2:' || products.salesforce_product_id as record_key,
            'Product '
            || products.product_id
            || case
                when products.stripe_product_id is null and not products.is_bundle
                then ' has no product in billing'
                when products.erp_item_id is null
                then ' has no item of this code in the ERP'
                else ' is not linked to its item in the ERP'
            end as subject,
            'salesforce' as left_system,
            salesforce.erp_item_id as left_value,
            'netsuite' as right_system,
            products.erp_item_id as right_value,
            'salesforce' as target_system,
            'Product2' as target_object,
            products.salesforce_product_id as target_record_id,
            'ERP_Item__c' as target_field,
            products.erp_item_id as proposed_value,
            case when products.erp_item_id is null then 'T' else 'P' end as push_class
        from products
        inner join salesforce using (salesforce_product_id)
        cross join asked
        where
            -- A bundle's own line costs nothing, so billing never hears of it.
            (products.stripe_product_id is null and not products.is_bundle)
            or (
                asked.customers_count > 0
                and (
                    products.erp_item_id is null
                    or products.erp_item_id is distinct from salesforce.erp_item_id
                )
            )
    )

    {{
        breaks(
            [
                "left_system",
                "left_value",
                "right_system",
                "right_value",
                "target_system",
                "target_object",
                "target_record_id",
                "target_field",
                "proposed_value",
                "push_class",
            ]
        )
    }}
