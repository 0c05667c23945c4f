with

    notes as (
        select * from {{ ref("int_credit_notes__issued") }} where held_for is null
    )

select
    credit_note_id,
    billing_system,
    legal_entity_code,
    customer_id,
    invoice_id,
    number,
    status,
    reason_code,
    case
        when pre_payment_minor = total_minor
        then 'pre_payment'
        when refunded_minor = total_minor
        then 'refund'
        when balance_minor = total_minor
        then 'balance'
        when out_of_band_minor = total_minor
        then 'out_of_band'
        else 'several'
    end as settlement,
    refund_id,
    issued_on,
    voided_on,
    currency,
    net_minor,
    tax_minor,
    rounding_minor,
    total_minor,
    pre_payment_minor,
    refunded_minor,
    balance_minor,
    out_of_band_minor
from notes
