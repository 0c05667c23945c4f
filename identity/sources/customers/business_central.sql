-- Customers of Business Central. It has no field for another system's id, and writes
-- what is blank as an empty text.
select
    'business_central' as system,
    'customer' as object,
    id as record_id,
    display_name as name,
    website,
    email,
    tax_registration_number as tax_id,
    country,
    address_line1 as street,
    city,
    postal_code,
    phone_number as phone,
    null as parent_key,
    [] as reference_keys,
    null as duplicate_of,
    null as created_at,
    not is_deleted as is_live
from raw_business_central.customers
