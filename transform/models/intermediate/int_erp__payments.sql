with

    payments as (select * from {{ ref("stg_netsuite__payments") }}),

    applications as (select * from {{ ref("stg_netsuite__payment_applications") }}),

    invoices as (select * from {{ ref("int_erp__invoices") }}),

    currencies as (select * from {{ ref("currencies") }})

select
    'netsuite' as erp_system,
    payments.stripe_payment_id,
    invoices.stripe_invoice_id,
    payments.currency,
    {{ to_minor("applications.applied_amount", "currencies.minor_per_major") }}
    as applied_minor
from applications
inner join payments using (netsuite_payment_id)
left join
    invoices
    on invoices.erp_system = 'netsuite'
    and invoices.erp_invoice_id = applications.netsuite_invoice_id
left join currencies on currencies.currency = payments.currency
where not applications.is_deleted and not payments.is_deleted
