with

    accounts as (select * from {{ ref("int_accounts__linked") }}),

    currencies as (select * from {{ ref("currencies") }}),

    contracts as (
        select
            'contract' as entity,
            salesforce_contract_id as record_id,
            contract_number as number,
            salesforce_account_id,
            cast(null as decimal(38, 9)) as total_amount,
            currency
        from {{ ref("stg_salesforce__contracts") }}
        where not is_deleted and status in ('Activated', 'Expired', 'Terminated')
    ),

    orders as (
        select
            'order' as entity,
            salesforce_order_id as record_id,
            order_number as number,
            salesforce_account_id,
            total_amount,
            currency
        from {{ ref("stg_salesforce__orders") }}
        where not is_deleted
    ),

    records as (
        select *
        from contracts
        union all
        select *
        from orders
    )

select
    records.entity,
    'salesforce' as system,
    records.record_id,
    cast(null as {{ dbt.type_string() }}) as customer_id,
    'unknown_customer' as reason_code,
    'The account of '
    || records.entity
    || ' '
    || coalesce(records.number, records.record_id)
    || ' is no customer that we know' as reason,
    {{ to_minor("records.total_amount", "currencies.minor_per_major") }}
    as amount_minor,
    records.currency
from records
left join accounts on accounts.salesforce_account_id = records.salesforce_account_id
left join currencies on currencies.currency = records.currency
where accounts.salesforce_account_id is null
