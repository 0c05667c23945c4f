with

    items as (
        select *
        from {{ ref("stg_netsuite__items") }}
        where not is_deleted and not is_inactive
    ),

    -- Books in which no item has a rule recognize revenue elsewhere.
    kept as (select count(revenue_rule) as rules_count from items)

select
    'netsuite' as erp_system,
    items.netsuite_item_id as erp_item_id,
    items.item_name,
    items.revenue_rule,
    items.netsuite_deferred_account_id as deferred_account_id
from items
cross join kept
where kept.rules_count > 0
