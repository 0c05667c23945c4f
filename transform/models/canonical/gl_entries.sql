with entries as (select * from {{ ref("int_gl__entries") }} where held_for is null)

select
    gl_entry_id,
    erp_system,
    erp_entry_id,
    legal_entity_code,
    'primary' as book,
    fiscal_period_id,
    posted_on,
    gl_account_id,
    cast(account_role as varchar) as account_role,
    document_type,
    document_id,
    document_number,
    invoice_id,
    description,
    currency,
    greatest(signed_minor, 0) as debit_minor,
    greatest(- signed_minor, 0) as credit_minor
from entries
