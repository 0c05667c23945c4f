with

    postings as (select * from {{ ref("bridge_postings") }}),

    ledger as (select * from {{ ref("bridge_ledger_revenue") }}),

    entities as (select * from {{ ref("legal_entities") }}),

    -- A draft waits for a person, and is no entry yet.
    exported as (
        select *
        from {{ ref("revenue_journal_drafts") }}
        where is_acknowledged and erp_status = 'posted'
    ),

    -- An ERP whose credit memos are not read has none here.
    memo_systems as (
        select erp_system
        from ledger
        where document_kind = 'credit_note'
        group by erp_system
    ),

    -- Chargebee writes a note for every refund; one without a reason of its own is no
    -- more than the refund.
    refund_notes as (
        select 'credit_note:' || credit_note_id as event_id
        from {{ ref("credit_notes") }}
        where
            billing_system = 'chargebee'
            and settlement = 'refund'
            and reason_code = 'other'
    ),

    judged as (
        select
            postings.*,
            exported.journal_batch_id,
            case
                when exported.journal_batch_id is null
                then 'timing'
                when exported.currency <> exported.functional_currency
                then 'fx'
            end as deferral_why,
            postings.reason = 'credit_note'
            and refund_notes.event_id is null as is_credit_note,
            memo_systems.erp_system is not null as has_memos
        from postings
        left join refund_notes using (event_id)
        left join entities using (legal_entity_code)
        left join memo_systems on memo_systems.erp_system = entities.erp_system
        left join
            exported
            on exported.entity = postings.legal_entity_code
            and exported.currency = postings.currency
            and exported.month = postings.month
    )

select
    contract_id,
    legal_entity_code,
    currency,
    month,
    reason,
    event_id,
    journal_batch_id,
    deferral_why,
    deferral_minor,
    case
        when reason in ('invoice', 'void', 'payment') then 0 else billed_minor
    end as given_back_minor,
    case
        when is_credit_note
        then 'credit_note'
        when invoice_id is null
        then 'contract'
        else 'invoice'
    end as subject_type,
    case
        when is_credit_note
        then replace(event_id, 'credit_note:', '')
        else coalesce(invoice_id, contract_id)
    end as subject_id,
    -- The ledger takes a refund or a chargeback out of cash, and no revenue with it.
    case
        when not is_credit_note then 'policy' when not has_memos then 'mapping'
    end as why
from judged
