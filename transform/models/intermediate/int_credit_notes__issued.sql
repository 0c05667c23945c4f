with

    stripe_notes as (
        select * from {{ ref("stg_stripe__credit_notes") }} where not is_deleted
    ),

    stripe_refunds as (select * from {{ ref("stg_stripe__refunds") }}),

    chargebee_notes as (
        select * from {{ ref("stg_chargebee__credit_notes") }} where not is_deleted
    ),

    chargebee_taxes as (
        select chargebee_credit_note_id, {{ sum_minor("tax_minor") }} as tax_minor
        from {{ ref("stg_chargebee__credit_note_lines") }}
        where not is_deleted
        group by chargebee_credit_note_id
    ),

    invoices as (select * from {{ ref("int_invoices__issued") }}),

    records as (select * from {{ ref("int_customers__linked") }}),

    currencies as (select * from {{ ref("currencies") }}),

    -- What Stripe gives back after payment goes to a refund, to the customer's
    -- balance or
    -- is settled elsewhere; where it is split, only the refund's own amount is told.
    stripe_settled as (
        select
            stripe_notes.*,
            stripe_notes.post_payment_minor
            - stripe_notes.out_of_band_minor as given_back_minor,
            case
                when stripe_notes.stripe_refund_id is null
                then cast(0 as bigint)
                when stripe_notes.stripe_customer_balance_transaction_id is null
                then stripe_notes.post_payment_minor - stripe_notes.out_of_band_minor
                else coalesce(stripe_refunds.amount_minor, 0)
            end as refunded_minor
        from stripe_notes
        left join stripe_refunds using (stripe_refund_id)
    ),

    notes as (
        select
            'stripe' as billing_system,
            stripe_credit_note_id as credit_note_id,
            number,
            stripe_invoice_id as invoice_id,
            stripe_customer_id as billing_customer_id,
            stripe_refund_id as refund_id,
            status,
            reason as reason_code,
            {{ utc_date("issued_at") }} as issued_on,
            {{ utc_date("voided_at") }} as voided_on,
            currency,
            total_minor - coalesce(total_excluding_tax_minor, total_minor) as tax_minor,
            cast(0 as bigint) as rounding_minor,
            total_minor,
            pre_payment_minor,
            refunded_minor,
            given_back_minor - refunded_minor as balance_minor,
            out_of_band_minor
        from stripe_settled

        union all

        select
            'chargebee' as billing_system,
            chargebee_notes.chargebee_credit_note_id as credit_note_id,
            chargebee_notes.chargebee_credit_note_id as number,
            chargebee_notes.chargebee_invoice_id as invoice_id,
            chargebee_notes.chargebee_customer_id as billing_customer_id,
            cast(null as varchar) as refund_id,
            case
                when chargebee_notes.status = 'voided' then 'void' else 'issued'
            end as status,
            chargebee_notes.reason_code,
            {{ utc_date("chargebee_notes.issued_at") }} as issued_on,
            {{ utc_date("chargebee_notes.voided_at") }} as voided_on,
            chargebee_notes.currency,
            coalesce(chargebee_taxes.tax_minor, 0) as tax_minor,
            chargebee_notes.rounding_minor,
            chargebee_notes.total_minor,
            case
                when chargebee_notes.credit_note_type = 'adjustment'
                then chargebee_notes.total_minor
                else cast(0 as bigint)
            end as pre_payment_minor,
            chargebee_notes.refunded_minor,
            case
                when chargebee_notes.credit_note_type = 'adjustment'
                then cast(0 as bigint)
                else chargebee_notes.allocated_minor + chargebee_notes.available_minor
            end as balance_minor,
            cast(0 as bigint) as out_of_band_minor
        from chargebee_notes
        left join chargebee_taxes using (chargebee_credit_note_id)
    )

select
    notes.*,
    notes.total_minor - notes.tax_minor - notes.rounding_minor as net_minor,
    records.customer_id,
    invoices.legal_entity_code,
    case
        when currencies.currency is null
        then 'currency_without_rate'
        when records.customer_id is null
        then 'unknown_customer'
    end as held_for
from notes
left join
    invoices
    -- Spark would put what is joined with "using" before all other columns of notes.
    on invoices.billing_system = notes.billing_system
    and invoices.invoice_id = notes.invoice_id
left join
    records
    on records.system = notes.billing_system
    and records.record_id = notes.billing_customer_id
left join currencies on currencies.currency = notes.currency
