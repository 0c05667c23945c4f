with

    customers as (select * from {{ ref("customers") }}),

    organizations as (select * from {{ ref("stg_zendesk__organizations") }})

select
    customers.customer_id,
    'zendesk:organization:' || customers.zendesk_organization_id as record_key,
    {{ customer_name("customers.legal_name", "customers.customer_id") }}
    || ' gets '
    || coalesce(organizations.support_tier, 'no')
    || ' support and its contracts grant '
    || customers.support_tier as subject,
    customers.support_tier as granted_tier,
    coalesce(organizations.support_tier, 'none') as served_tier,
    'salesforce' as left_system,
    customers.support_tier as left_value,
    'zendesk' as right_system,
    organizations.support_tier as right_value,
    'zendesk' as target_system,
    'organization' as target_object,
    customers.zendesk_organization_id as target_record_id,
    'organization_fields.support_tier' as target_field,
    customers.support_tier as proposed_value
from customers
inner join organizations using (zendesk_organization_id)
