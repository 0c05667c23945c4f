-- Companies of HubSpot. The integration with Salesforce brings the account's id; a
-- company keeps the ids of those that were merged into it. The parent is named by its
-- account where it has one, so that both CRMs mean the same parent.
select
    'hubspot' as system,
    'company' as object,
    companies.id as record_id,
    companies.name,
    coalesce(companies.domain, companies.website) as website,
    companies.billing_email as email,
    companies.tax_id,
    companies.country,
    companies.address as street,
    companies.city,
    companies.zip as postal_code,
    companies.phone,
    coalesce(
        'salesforce:account:' || parents.salesforceaccountid,
        'hubspot:company:' || companies.hs_parent_company_id
    ) as parent_key,
    list_concat(
        ['salesforce:account:' || companies.salesforceaccountid],
        list_transform(
            string_split(companies.hs_merged_object_ids, ';'),
            lambda merged: 'hubspot:company:' || trim(merged)
        )
    ) as reference_keys,
    null as duplicate_of,
    companies.createdate as created_at,
    not companies.is_deleted as is_live
from raw_hubspot.companies
left join
    raw_hubspot.companies as parents on parents.id = companies.hs_parent_company_id
