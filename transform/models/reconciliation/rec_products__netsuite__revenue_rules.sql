with

    items as (select * from {{ ref("int_erp__item_revenue_rules") }}),

    products as (select * from {{ ref("products") }} where is_active),

    -- Several products on one item are M08's.
    sold as (
        select
            netsuite_item_id as erp_item_id,
            min(product_id) as product_id,
            min(revenue_type) as revenue_type
        from products
        where netsuite_item_id is not null
        group by netsuite_item_id
    ),

    ruled as (
        select items.*, sold.product_id, sold.revenue_type
        from items
        inner join sold using (erp_item_id)
    ),

    -- What all others of the kind have.
    usual as (
        select
            revenue_type,
            min(revenue_rule) as revenue_rule,
            min(deferred_account_id) as deferred_account_id
        from ruled
        where revenue_rule is not null
        group by revenue_type
        having min(revenue_rule) = max(revenue_rule)
    ),

    found as (
        select
            'netsuite:item:' || ruled.erp_item_id as record_key,
            'Item '
            || coalesce(ruled.item_name, ruled.erp_item_id)
            || ' of '
            || ruled.product_id
            || case
                when ruled.revenue_rule is null
                then ' has no revenue rule'
                else ' has no account for deferred revenue'
            end as subject,
            'salesforce' as left_system,
            ruled.product_id as left_value,
            ruled.erp_system as right_system,
            ruled.revenue_rule as right_value,
            ruled.erp_system as target_system,
            'item' as target_object,
            ruled.erp_item_id as target_record_id,
            case
                when ruled.revenue_rule is null
                then 'revenueRecognitionRule'
                else 'deferredRevenueAccount'
            end as target_field,
            case
                when ruled.revenue_rule is null
                then usual.revenue_rule
                else usual.deferred_account_id
            end as proposed_value
        from ruled
        left join usual using (revenue_type)
        where
            ruled.revenue_rule is null
            or (
                ruled.revenue_type = 'recurring'
                and ruled.deferred_account_id is null
                and usual.deferred_account_id is not null
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
            ]
        )
    }}
