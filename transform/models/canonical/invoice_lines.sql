with lines as (select * from {{ ref("int_invoice_lines__classified") }})

select
    stripe_invoice_line_id as invoice_line_id,
    stripe_invoice_id as invoice_id,
    customer_id,
    sku as product_id,
    revenue_type,
    description,
    quantity,
    discount_minor,
    net_minor,
    currency,
    issued_on,
    starts_on,
    ends_before
from lines
