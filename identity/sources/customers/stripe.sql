-- Customers of Stripe. Salesforce's id and the tax id stand in the metadata, the
-- address in the record alone.
select
    'stripe' as system,
    'customer' as object,
    id as record_id,
    name,
    null as website,
    email,
    metadata_tax_id as tax_id,
    country,
    record ->> '$.address.line1' as street,
    record ->> '$.address.city' as city,
    record ->> '$.address.postal_code' as postal_code,
    record ->> '$.phone' as phone,
    null as parent_key,
    ['salesforce:account:' || metadata_salesforce_account_id] as reference_keys,
    'stripe:customer:' || metadata_duplicate_of as duplicate_of,
    created as created_at,
    not is_deleted as is_live
from raw_stripe.customers
