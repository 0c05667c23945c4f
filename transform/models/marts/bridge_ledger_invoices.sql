with

    postings as (
        select * from {{ ref("bridge_postings") }} where reason in ('invoice', 'void')
    ),

    ledger as (
        select * from {{ ref("bridge_ledger_revenue") }} where document_kind = 'invoice'
    ),

    invoices as (select * from {{ ref("invoices") }}),

    contracted as (
        select invoice_id from {{ ref("revenue_invoiced_lines") }} group by invoice_id
    ),

    amounts as (
        select
            invoice_id,
            legal_entity_code,
            currency,
            month,
            billed_minor as subledger_minor,
            cast(0 as bigint) as ledger_minor
        from postings
        union all
        select
            invoice_id,
            legal_entity_code,
            currency,
            month,
            cast(0 as bigint) as subledger_minor,
            amount_minor as ledger_minor
        from ledger
    ),

    monthly as (
        select
            invoice_id,
            legal_entity_code,
            currency,
            month,
            {{ sum_minor("subledger_minor") }} as subledger_minor,
            {{ sum_minor("ledger_minor") }} as ledger_minor
        from amounts
        group by invoice_id, legal_entity_code, currency, month
    ),

    totals as (
        select
            invoice_id,
            legal_entity_code,
            currency,
            {{ sum_minor("ledger_minor - subledger_minor") }} as total_minor
        from amounts
        group by invoice_id, legal_entity_code, currency
    ),

    compared as (
        select
            monthly.*,
            monthly.ledger_minor - monthly.subledger_minor as difference_minor,
            totals.total_minor,
            invoices.currency as invoice_currency,
            invoices.tax_minor,
            invoices.rounding_minor,
            invoices.invoice_id is not null
            and contracted.invoice_id is null as is_uncontracted
        from monthly
        inner join totals using (invoice_id, legal_entity_code, currency)
        left join invoices using (invoice_id)
        left join contracted using (invoice_id)
    )

select
    invoice_id,
    legal_entity_code,
    currency,
    month,
    subledger_minor,
    ledger_minor,
    difference_minor,
    case
        when difference_minor = 0
        then null
        -- Posted, or taken back, in another month.
        when total_minor = 0
        then 'timing'
        when is_uncontracted
        then 'mapping'
        when invoice_currency <> currency
        then 'fx'
        when difference_minor = total_minor and total_minor = tax_minor
        then 'tax'
        when difference_minor = total_minor and total_minor = rounding_minor
        then 'rounding'
    end as reason
from compared
