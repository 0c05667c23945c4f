with refunds as (select * from {{ ref("int_refunds__made") }})

select
    'refund' as entity,
    billing_system as system,
    refund_id as record_id,
    customer_id,
    held_for as reason_code,
    'Refund '
    || refund_id
    || case
        held_for
        when 'currency_without_rate'
        then ' is in ' || coalesce(currency, 'no currency') || ', which has no rate'
        when 'unknown_payment'
        then ' gives back a payment that billing does not have'
        else ' gives back payment ' || payment_id || ', which is held'
    end as reason,
    amount_minor,
    currency
from refunds
where held_for is not null
