with

    entries as (select * from {{ ref("gl_entries") }}),

    memos as (select * from {{ ref("int_gl__credit_memos") }}),

    credit_notes as (
        select legal_entity_code, number, min(credit_note_id) as credit_note_id
        from {{ ref("credit_notes") }}
        group by legal_entity_code, number
    ),

    drafts as (select * from {{ ref("revenue_journal_drafts") }}),

    earned as (
        select
            erp_system,
            legal_entity_code,
            currency,
            {{ first_of_month("posted_on") }} as month,
            document_id,
            document_number,
            max(invoice_id) as invoice_id,
            {{ sum_minor("credit_minor - debit_minor") }} as amount_minor
        from entries
        where account_role in ('revenue', 'contra_revenue')
        group by
            erp_system,
            legal_entity_code,
            currency,
            {{ first_of_month("posted_on") }},
            document_id,
            document_number
    )

select
    earned.erp_system,
    earned.legal_entity_code,
    earned.currency,
    earned.month,
    earned.document_id,
    case
        when drafts.journal_batch_id is not null
        then 'revenue_journal'
        when credit_notes.credit_note_id is not null
        then 'credit_note'
        when earned.invoice_id is not null
        then 'invoice'
        else 'other'
    end as document_kind,
    earned.invoice_id,
    credit_notes.credit_note_id,
    drafts.journal_batch_id,
    -- A batch is posted in the currency of the books.
    coalesce(drafts.currency <> earned.currency, false) as is_translated,
    earned.amount_minor
from earned
left join
    drafts
    on drafts.erp_system = earned.erp_system
    and drafts.netsuite_journal_id = earned.document_id
left join
    memos
    on memos.erp_system = earned.erp_system
    and memos.document_number = earned.document_number
left join
    credit_notes
    on credit_notes.legal_entity_code = earned.legal_entity_code
    and credit_notes.number = memos.credit_note_number
