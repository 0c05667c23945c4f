-- Customers of NetSuite. Their external id is the billing customer's. An inactive
-- customer keeps its references, and is no longer compared.
select
    'netsuite' as system,
    'customer' as object,
    id as record_id,
    companyname as name,
    null as website,
    email,
    vatregnumber as tax_id,
    country,
    null as street,
    null as city,
    null as postal_code,
    null as phone,
    null as parent_key,
    ['stripe:customer:' || externalid] as reference_keys,
    null as duplicate_of,
    null as created_at,
    not is_deleted and not coalesce(isinactive, false) as is_live
from raw_netsuite.customers
