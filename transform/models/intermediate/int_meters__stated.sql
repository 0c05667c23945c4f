select
    'stripe' as billing_system,
    stripe_meter_id as meter_id,
    name,
    event_name,
    coalesce(aggregation, 'sum') as aggregation,
    status = 'active' as is_active
from {{ ref("stg_stripe__meters") }}
where not is_deleted

union all

select
    'chargebee' as billing_system,
    chargebee_item_id as meter_id,
    name,
    chargebee_item_id as event_name,
    case
        aggregation when 'last_usage' then 'last' when 'max_usage' then 'max' else 'sum'
    end as aggregation,
    status = 'active' as is_active
from {{ ref("stg_chargebee__items") }}
where not is_deleted and is_metered
