with

    contracts as (select * from {{ ref("int_contracts__signed") }}),

    cancelled as (
        select
            salesforce_contract_id,
            canceled_at,
            cancellation_reason in ('payment_failed', 'payment_disputed') as is_unpaid
        from {{ ref("stg_stripe__subscriptions") }}
        where not is_deleted and salesforce_contract_id is not null

        union all

        select
            salesforce_contract_id,
            canceled_at,
            cancellation_reason
            in ('not_paid', 'no_card', 'fraud_review_failed') as is_unpaid
        from {{ ref("stg_chargebee__subscriptions") }}
        where not is_deleted and salesforce_contract_id is not null
    ),

    billed as (
        select
            salesforce_contract_id,
            max(case when is_unpaid then 1 else 0 end) as unpaid_subscriptions,
            min({{ utc_date("canceled_at") }}) as cancelled_on
        from cancelled
        group by salesforce_contract_id
    )

select
    contracts.salesforce_contract_id,
    billed.cancelled_on,
    case
        when billed.unpaid_subscriptions = 1
        then 'involuntary'
        when contracts.status = 'Terminated'
        then 'voluntary'
        else 'non_renewal'
    end as ending
from contracts
left join billed using (salesforce_contract_id)
