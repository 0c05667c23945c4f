{% set deferring = "account_role in ('deferred', 'contract_asset', 'unbilled', 'refund_liability')" %}
{% set earning = (
    "(account_role = 'revenue' or account_role in " ~ contra_roles() ~ ")"
) %}

with

    journal as (select * from {{ ref("revenue_journal") }}),

    events as (select * from {{ ref("revenue_accepted_events") }}),

    moved as (
        select
            contract_id,
            entity,
            currency,
            month,
            reason,
            event_id,
            - {{ sum_minor("case when " ~ earning ~ " then amount_minor else 0 end") }}
            as revenue_minor,
            {{ sum_minor("case when " ~ deferring ~ " then amount_minor else 0 end") }}
            as deferral_minor
        from journal
        group by contract_id, entity, currency, month, reason, event_id
    )

-- What is neither earned nor deferred was billed, paid, given back or taxed.
select
    moved.contract_id,
    moved.entity as legal_entity_code,
    moved.currency,
    moved.month,
    moved.reason,
    coalesce(moved.event_id, moved.reason) as event_id,
    events.invoice_id,
    moved.revenue_minor,
    moved.deferral_minor,
    moved.revenue_minor - moved.deferral_minor as billed_minor
from moved
left join events using (event_id)
where moved.revenue_minor <> 0 or moved.deferral_minor <> 0
