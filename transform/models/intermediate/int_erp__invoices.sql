with

    currencies as (select * from {{ ref("currencies") }}),

    netsuite as (select * from {{ ref("stg_netsuite__invoices") }}),

    tryton as (select * from {{ ref("stg_tryton__invoices") }}),

    invoices as (
        select
            'netsuite' as erp_system,
            netsuite_invoice_id as erp_invoice_id,
            netsuite_customer_id as erp_customer_id,
            stripe_invoice_id,
            number,
            -- NetSuite says "Open" or, in other accounts, "Invoice : Open".
            case
                when status like '%Open'
                then 'open'
                when status like '%Paid In Full'
                then 'paid'
                when status like '%Voided'
                then 'void'
                else lower(status)
            end as status,
            issued_on,
            currency,
            total_amount
        from netsuite
        where not is_deleted

        union all

        select
            'tryton' as erp_system,
            tryton_invoice_id as erp_invoice_id,
            tryton_party_id as erp_customer_id,
            stripe_invoice_id,
            number,
            case
                state when 'posted' then 'open' when 'cancelled' then 'void' else state
            end as status,
            issued_on,
            currency,
            total_amount
        from tryton
        where not is_deleted and state <> 'draft'
    )

select
    invoices.erp_system,
    invoices.erp_invoice_id,
    invoices.erp_customer_id,
    invoices.stripe_invoice_id,
    invoices.number,
    invoices.status,
    invoices.issued_on,
    invoices.currency,
    {{ to_minor("invoices.total_amount", "currencies.minor_per_major") }} as total_minor
from invoices
left join currencies using (currency)
