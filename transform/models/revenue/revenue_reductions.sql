with

    parts as (
        select * from {{ ref("revenue_event_parts") }} where reduction is not null
    ),

    events as (select * from {{ ref("revenue_accepted_events") }}),

    obligations as (select * from {{ ref("revenue_performance_obligations") }}),

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
    ),

    -- Beside what was billed stands what of its price another obligation took over.
    sides as (
        select event_id, obligation_key, amount_minor, cast(0 as bigint) as contra_minor
        from parts
        union all
        select event_id, obligation_key, cast(0 as bigint) as amount_minor, contra_minor
        from contra
        where contra_minor <> 0
    ),

    lowered as (
        select
            event_id,
            obligation_key,
            {{ sum_minor("amount_minor") }} as amount_minor,
            {{ sum_minor("contra_minor") }} as contra_minor
        from sides
        group by event_id, obligation_key
    )

select
    lowered.event_id,
    lowered.obligation_key,
    events.kind,
    events.reduction,
    lowered.amount_minor,
    case
        when events.kind in ('refund', 'dispute') then 'cash' else 'accounts_receivable'
    end as settled_role,
    case
        events.kind
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
        events.reduction
        when 'liability'
        then 'refund_liability'
        when 'credited'
        then 'accounts_receivable'
        else 'deferred'
    end as lowered_role,
    case
        when events.reduction not in ('pro_rata', 'prospective')
        then cast(0 as bigint)
        when obligations.is_usage
        then lowered.amount_minor
        else lowered.contra_minor
    end as contra_minor
from lowered
inner join events using (event_id)
inner join obligations using (obligation_key)
