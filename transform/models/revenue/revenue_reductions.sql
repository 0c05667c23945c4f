with

    parts as (
        select * from {{ ref("revenue_event_parts") }} where reduction is not null
    ),

    versions as (select * from {{ ref("revenue_obligation_versions") }}),

    before as (
        select
            accounting_contract_id,
            obligation_key,
            version_no + 1 as version_no,
            contra_minor
        from versions
    ),

    contra as (
        select
            versions.event_id,
            versions.obligation_key,
            versions.contra_minor - coalesce(before.contra_minor, 0) as contra_minor
        from versions
        left join before using (accounting_contract_id, obligation_key, version_no)
        where versions.treatment = 'reduction'
    )

select
    parts.event_id,
    parts.obligation_key,
    parts.kind,
    parts.reduction,
    parts.amount_minor,
    case
        when parts.kind in ('refund', 'dispute') then 'cash' else 'accounts_receivable'
    end as settled_role,
    case
        parts.kind
        when 'refund'
        then 'contra_refund'
        when 'void'
        then 'contra_void'
        when 'credit_note'
        then 'contra_credit'
        when 'dispute'
        then 'contra_dispute'
        else 'contra_bad_debt'
    end as contra_role,
    case
        parts.reduction
        when 'liability'
        then 'refund_liability'
        when 'credited'
        then 'accounts_receivable'
        else 'deferred'
    end as lowered_role,
    case
        when parts.reduction not in ('pro_rata', 'prospective')
        then cast(0 as bigint)
        when parts.is_usage
        then parts.amount_minor
        else coalesce(contra.contra_minor, 0)
    end as contra_minor
from parts
left join contra using (event_id, obligation_key)
