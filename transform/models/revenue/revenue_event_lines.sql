with invoiced as (select * from {{ ref("revenue_invoiced_lines") }})

select
    'invoice:' || invoice_id as event_id,
    obligation_id,
    net_minor as amount_minor,
    tax_minor
from invoiced
