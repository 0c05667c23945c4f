with charges as (select * from {{ ref("usage_charges") }})

select
    usage_charge_id,
    billing_system,
    customer_id,
    subscription_id,
    price_id,
    meter_id,
    invoice_id,
    invoiced_at,
    starts_on,
    ends_before,
    {{ exact_quantity("used_quantity - invoiced_quantity") }} as late_quantity,
    amount_minor - invoiced_minor as late_minor,
    currency
from charges
where invoice_id is not null and used_quantity > invoiced_quantity
