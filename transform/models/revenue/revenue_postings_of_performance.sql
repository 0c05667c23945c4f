with

    obligations as (select * from {{ ref("revenue_performance_obligations") }}),

    recognized as (select * from {{ ref("revenue_recognized_monthly") }}),

    usages as (select * from {{ ref("revenue_usages") }}),

    events as (select * from {{ ref("revenue_accepted_events") }}),

    returns as (select * from {{ ref("revenue_returns") }}),

    costs as (select * from {{ ref("revenue_postings_of_costs") }}),

    changed as (select * from {{ ref("revenue_changed_terms") }}),

    -- What is owed back is owed of the contract that was changed.
    concerned as (
        select event_id, min(accounting_contract_id) as accounting_contract_id
        from changed
        group by event_id
    ),

    postings as (
        select
            contract_id,
            cast(null as varchar) as event_id,
            'performance' as reason,
            obligation_key,
            {{ add_days("closes_before", -1) }} as posted_on,
            'deferred' as debit_role,
            'revenue' as credit_role,
            recognized_minor as amount_minor
        from recognized

        union all

        select
            obligations.contract_id,
            usages.event_id,
            'usage' as reason,
            usages.obligation_key,
            usages.effective_on as posted_on,
            'deferred' as debit_role,
            'revenue' as credit_role,
            usages.earned_minor as amount_minor
        from usages
        inner join obligations using (obligation_key)

        union all

        select
            contract_id,
            event_id,
            reason,
            obligation_key,
            posted_on,
            debit_role,
            credit_role,
            amount_minor
        from returns

        union all

        select
            contract_id,
            event_id,
            'refund_due' as reason,
            cast(null as varchar) as obligation_key,
            effective_on as posted_on,
            'deferred' as debit_role,
            'refund_liability' as credit_role,
            amount_minor
        from events
        where kind = 'modification' and amount_minor is not null

        union all

        select
            contract_id,
            event_id,
            reason,
            obligation_key,
            posted_on,
            debit_role,
            credit_role,
            amount_minor
        from costs
    )

select
    postings.contract_id,
    concerned.accounting_contract_id,
    postings.event_id,
    postings.reason,
    postings.obligation_key,
    postings.posted_on,
    {{ first_of_month("postings.posted_on") }} as month,
    postings.debit_role,
    postings.credit_role,
    postings.amount_minor
from postings
left join concerned using (event_id)
where postings.amount_minor <> 0
