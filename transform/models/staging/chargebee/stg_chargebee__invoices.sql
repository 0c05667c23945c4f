select
    id as chargebee_invoice_id,
    customer_id as chargebee_customer_id,
    subscription_id as chargebee_subscription_id,
    status,
    upper(currency_code) as currency,
    sub_total as subtotal_minor,
    tax as tax_minor,
    total as total_minor,
    amount_paid as paid_minor,
    amount_due as due_minor,
    coalesce(generated_at, date) as issued_at,
    due_date as due_at,
    paid_at,
    voided_at,
    record,
    is_deleted,
    _dlt_load_id as load_id
from {{ source("raw_chargebee", "invoices") }}
