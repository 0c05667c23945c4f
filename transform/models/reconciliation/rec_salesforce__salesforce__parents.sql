with
    customers as (select * from {{ ref("customers") }}),
    customer_records as (select * from {{ ref("customer_records") }}),
    accounts as (
        select * from {{ ref("stg_salesforce__accounts") }} where not is_deleted
    ),
    children as (
        select *, {{ json_text("record", ["ParentId"]) }} as parent_id from accounts
    ),
    found as (

        select
            'salesforce:account:' || children.salesforce_account_id as record_key,
            records.customer_id,
            'The parent of account '
            || children.legal_name
            || case
                when children.parent_id = children.salesforce_account_id
                then ' is the account itself'
                when parents.salesforce_account_id is null
                then ' does not exist'
                else ' is below it'
            end as subject,
            'salesforce' as left_system,
            children.parent_id as left_value,
            'salesforce' as right_system,
            parents.parent_id as right_value
        from children
        left join
            children as parents on parents.salesforce_account_id = children.parent_id
        left join
            customer_records as records
            on records.system = 'salesforce'
            and records.record_id = children.salesforce_account_id
        where
            children.parent_id is not null
            and (
                parents.salesforce_account_id is null
                or parents.parent_id = children.salesforce_account_id
            )

    )

    {{
        breaks(
            [
                "customer_id",
                "left_system",
                "left_value",
                "right_system",
                "right_value",
            ]
        )
    }}
