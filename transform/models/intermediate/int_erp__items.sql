with items as (select * from {{ ref("stg_netsuite__items") }})

select
    'netsuite' as erp_system,
    netsuite_item_id as erp_item_id,
    item_name,
    {{ normalised_code("item_name") }} as normalised_item_name
from items
where not is_deleted and not is_inactive
