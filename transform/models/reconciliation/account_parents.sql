with recursive

    customers as (select * from {{ ref("customers") }}),

    records as (
        select * from {{ ref("customer_records") }} where system = 'salesforce'
    ),

    erp_customers as (
        select * from {{ ref("int_erp__customers") }} where erp_system = 'netsuite'
    ),

    stated as (
        select * from {{ ref("stg_salesforce__accounts") }} where not is_deleted
    ),

    accounts as (
        select
            stated.salesforce_account_id,
            stated.legal_name,
            stated.salesforce_parent_id,
            records.customer_id
        from stated
        left join records on records.record_id = stated.salesforce_account_id
    ),

    -- Upwards from each account, until it comes back to itself.
    climbed as (
        select
            salesforce_account_id as started_id,
            salesforce_parent_id as reached_id,
            1 as steps
        from accounts
        where salesforce_parent_id is not null
        union all
        select
            climbed.started_id,
            accounts.salesforce_parent_id as reached_id,
            climbed.steps + 1 as steps
        from climbed
        inner join accounts on accounts.salesforce_account_id = climbed.reached_id
        where
            climbed.reached_id <> climbed.started_id
            and accounts.salesforce_parent_id is not null
            and climbed.steps < 30
    ),

    closed as (
        select started_id from climbed where reached_id = started_id group by started_id
    ),

    circled as (
        select climbed.started_id as salesforce_account_id, min(reached_id) as circle_id
        from climbed
        inner join closed using (started_id)
        group by climbed.started_id
    )

select
    accounts.salesforce_account_id,
    accounts.legal_name,
    accounts.salesforce_parent_id,
    accounts.customer_id,
    circled.circle_id,
    parents.salesforce_account_id is not null as is_parent_known,
    erp_customers.record_key as erp_record_key,
    erp_customers.erp_customer_id,
    erp_customers.erp_parent_id,
    above.salesforce_account_id as erp_parent_account_id,
    expected.netsuite_customer_id as expected_erp_parent_id
from accounts
left join circled using (salesforce_account_id)
left join
    accounts as parents on parents.salesforce_account_id = accounts.salesforce_parent_id
left join customers as expected on expected.customer_id = parents.customer_id
left join erp_customers on erp_customers.customer_id = accounts.customer_id
left join customers as above on above.netsuite_customer_id = erp_customers.erp_parent_id
