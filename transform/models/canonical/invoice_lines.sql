with lines as (select * from {{ ref("int_invoice_lines__classified") }})

select
    invoice_line_id,
    billing_system,
    invoice_id,
    legal_entity_code,
    customer_id,
    subscription_id,
    sku as product_id,
    revenue_type,
    line_type,
    is_proration,
    description,
    quantity,
    discount_minor,
    net_minor,
    tax_minor,
    currency,
    issued_on,
    starts_on,
    ends_before
from lines
