with

    memos as (
        select *
        from {{ ref("stg_business_central__sales_credit_memos") }}
        where not is_deleted and external_document_number is not null
    )

-- Business Central cancels an invoice with a memo too, which names no note.
select
    'business_central' as erp_system,
    number as document_number,
    max(external_document_number) as credit_note_number
from memos
group by number
