-- Customers of Chargebee. A parent is named by its Salesforce account where it has one.
select
    'chargebee' as system,
    'customer' as object,
    customers.id as record_id,
    customers.company as name,
    null as website,
    customers.email,
    customers.vat_number as tax_id,
    customers.billing_address_country as country,
    customers.billing_address_line1 as street,
    customers.billing_address_city as city,
    customers.billing_address_zip as postal_code,
    customers.phone,
    coalesce(
        'salesforce:account:' || parents.meta_data_salesforce_account_id,
        'chargebee:customer:' || customers.relationship_parent_id
    ) as parent_key,
    ['salesforce:account:' || customers.meta_data_salesforce_account_id]
    as reference_keys,
    null as duplicate_of,
    customers.created_at,
    not customers.is_deleted as is_live
from raw_chargebee.customers
left join
    raw_chargebee.customers as parents
    on parents.id = customers.relationship_parent_id
