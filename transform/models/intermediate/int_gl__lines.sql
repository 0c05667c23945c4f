with

    netsuite_invoices as (
        select * from {{ ref("stg_netsuite__invoices") }} where not is_deleted
    ),

    invoice_lines as (
        select * from {{ ref("stg_netsuite__invoice_lines") }} where not is_deleted
    ),

    journals as (
        select * from {{ ref("stg_netsuite__journal_entries") }} where not is_deleted
    ),

    journal_lines as (
        select * from {{ ref("stg_netsuite__journal_lines") }} where not is_deleted
    ),

    entries as (
        select *
        from {{ ref("stg_business_central__general_ledger_entries") }}
        where not is_deleted
    ),

    sales_invoices as (select * from {{ ref("stg_business_central__sales_invoices") }})

select
    'netsuite' as erp_system,
    'invoice:' || invoice_lines.netsuite_invoice_line_id as erp_entry_id,
    invoice_lines.netsuite_subsidiary_id as erp_entity_id,
    invoice_lines.netsuite_account_id as erp_account_id,
    netsuite_invoices.issued_on as posted_on,
    cast(null as varchar) as netsuite_period_id,
    'Invoice' as document_type,
    netsuite_invoices.netsuite_invoice_id as document_id,
    netsuite_invoices.number as document_number,
    netsuite_invoices.stripe_invoice_id as invoice_id,
    invoice_lines.memo as description,
    netsuite_invoices.currency,
    invoice_lines.signed_amount
from invoice_lines
inner join netsuite_invoices using (netsuite_invoice_id)
-- NetSuite takes a voided transaction out of the ledger and keeps its lines.
where coalesce(netsuite_invoices.status, '') not like '%Voided'

union all

select
    'netsuite' as erp_system,
    'journal:' || journal_lines.netsuite_journal_line_id as erp_entry_id,
    journal_lines.netsuite_subsidiary_id as erp_entity_id,
    journal_lines.netsuite_account_id as erp_account_id,
    journals.posted_on,
    journals.netsuite_period_id,
    'Journal' as document_type,
    journals.netsuite_journal_id as document_id,
    journals.number as document_number,
    cast(null as varchar) as invoice_id,
    journal_lines.memo as description,
    journals.currency,
    journal_lines.signed_amount
from journal_lines
inner join journals using (netsuite_journal_id)
where journals.status like '%Approved for Posting'

union all

select
    'business_central' as erp_system,
    entries.business_central_entry_id as erp_entry_id,
    entries.business_central_company_id as erp_entity_id,
    entries.business_central_account_id as erp_account_id,
    entries.posted_on,
    cast(null as varchar) as netsuite_period_id,
    entries.document_type,
    coalesce(entries.document_type, '')
    || ':'
    || entries.document_number as document_id,
    entries.document_number,
    sales_invoices.external_document_number as invoice_id,
    entries.description,
    -- The ledger is kept in the company's own currency.
    cast(null as varchar) as currency,
    entries.debit_amount - entries.credit_amount as signed_amount
from entries
left join
    sales_invoices
    on sales_invoices.business_central_company_id = entries.business_central_company_id
    and sales_invoices.number = entries.document_number
