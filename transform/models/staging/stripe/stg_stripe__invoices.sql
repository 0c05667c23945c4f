select
    id as stripe_invoice_id,
    customer as stripe_customer_id,
    number,
    status,
    upper(currency) as currency,
    subtotal as subtotal_minor,
    total as total_minor,
    cast(
        {{ json_text("record", ["total_excluding_tax"]) }} as bigint
    ) as total_excluding_tax_minor,
    coalesce(
        cast({{ json_text("record", ["pre_payment_credit_notes_amount"]) }} as bigint),
        0
    ) as credited_minor,
    -- What the customer's balance paid of it; negative where it added an old debt.
    coalesce(
        cast({{ json_text("record", ["ending_balance"]) }} as bigint)
        - cast({{ json_text("record", ["starting_balance"]) }} as bigint),
        0
    ) as balance_applied_minor,
    amount_paid as paid_minor,
    amount_remaining as remaining_minor,
    attempt_count,
    subscription as stripe_subscription_id,
    created as created_at,
    finalized_at,
    paid_at,
    voided_at,
    due_date as due_at,
    upper({{ json_text("record", ["account_country"]) }}) as account_country,
    record,
    is_deleted,
    _dlt_load_id as load_id
from {{ source("raw_stripe", "invoices") }}
