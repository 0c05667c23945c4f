with

    lines as (select * from {{ ref("invoice_lines") }}),

    invoices as (select * from {{ ref("invoices") }}),

    invoiced as (select * from {{ ref("revenue_invoiced_lines") }}),

    holds as (select * from {{ ref("revenue_holds") }}),

    held as (select contract_id, min(reason) as reason from holds group by contract_id)

select
    lines.invoice_line_id,
    lines.invoice_id,
    invoiced.contract_id,
    coalesce(held.reason, 'contract_missing') as reason,
    lines.customer_id,
    lines.legal_entity_code,
    lines.currency,
    lines.issued_on,
    lines.net_minor,
    invoices.status = 'void' as is_void
from lines
inner join invoices using (invoice_id)
left join invoiced using (invoice_line_id)
left join held on held.contract_id = invoiced.contract_id
where invoiced.contract_id is null or held.contract_id is not null
