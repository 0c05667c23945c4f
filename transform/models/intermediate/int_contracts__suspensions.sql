with

    subscriptions as (
        select *
        from {{ ref("stg_stripe__subscriptions") }}
        where not is_deleted and salesforce_contract_id is not null
    ),

    chargebee as (
        select *
        from {{ ref("stg_chargebee__subscriptions") }}
        where not is_deleted and salesforce_contract_id is not null
    ),

    invoices as (
        select *
        from {{ ref("stg_stripe__invoices") }}
        where not is_deleted and status not in ('draft', 'void')
    ),

    invoice_lines as (
        select * from {{ ref("stg_stripe__invoice_lines") }} where not is_deleted
    ),

    billed as (
        select
            invoices.stripe_subscription_id,
            max({{ utc_date("invoice_lines.period_ends_at") }}) as billed_before
        from invoice_lines
        inner join invoices using (stripe_invoice_id)
        group by invoices.stripe_subscription_id
    ),

    owed as (
        select
            stripe_subscription_id,
            min({{ utc_date("coalesce(due_at, finalized_at)") }}) as owed_since
        from invoices
        where status in ('open', 'uncollectible')
        group by stripe_subscription_id
    ),

    suspensions as (
        select
            salesforce_contract_id,
            'trial' as kind,
            {{ utc_date("trial_starts_at") }} as starts_on,
            {{ utc_date("trial_ends_at") }} as ends_before
        from subscriptions
        where trial_ends_at is not null

        union all

        select
            salesforce_contract_id,
            'trial' as kind,
            {{ utc_date("trial_starts_at") }} as starts_on,
            {{ utc_date("trial_ends_at") }} as ends_before
        from chargebee
        where trial_ends_at is not null

        union all

        select
            salesforce_contract_id,
            'pause' as kind,
            {{ utc_date("paused_at") }} as starts_on,
            {{ utc_date("resumes_at") }} as ends_before
        from chargebee
        where paused_at is not null

        union all

        -- Stripe keeps no day on which a pause began: it is where what was billed ends.
        select
            subscriptions.salesforce_contract_id,
            'pause' as kind,
            coalesce(
                billed.billed_before, {{ utc_date("subscriptions.started_at") }}
            ) as starts_on,
            {{ utc_date("subscriptions.resumes_at") }} as ends_before
        from subscriptions
        left join billed using (stripe_subscription_id)
        where subscriptions.is_paused

        union all

        select
            subscriptions.salesforce_contract_id,
            'past_due' as kind,
            owed.owed_since as starts_on,
            cast(null as date) as ends_before
        from subscriptions
        inner join owed using (stripe_subscription_id)
        where subscriptions.status in ('past_due', 'unpaid')
    )

select salesforce_contract_id, kind, starts_on, ends_before
from suspensions
where ends_before is null or starts_on < ends_before
