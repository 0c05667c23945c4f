with

    notes as (select * from {{ ref("credit_notes") }}),

    invoice_lines as (select * from {{ ref("invoice_lines") }}),

    stripe_lines as (
        select * from {{ ref("stg_stripe__credit_note_lines") }} where not is_deleted
    ),

    chargebee_lines as (
        select * from {{ ref("stg_chargebee__credit_note_lines") }} where not is_deleted
    ),

    chargebee_notes as (select * from {{ ref("stg_chargebee__credit_notes") }}),

    lines as (
        select
            'stripe' as billing_system,
            stripe_credit_note_line_id as credit_note_line_id,
            stripe_credit_note_id as credit_note_id,
            stripe_invoice_line_id as invoice_line_id,
            description,
            quantity,
            discount_minor,
            gross_minor - discount_minor - tax_included_minor as net_minor,
            tax_minor
        from stripe_lines

        union all

        select
            'chargebee' as billing_system,
            chargebee_lines.chargebee_credit_note_line_id as credit_note_line_id,
            chargebee_lines.chargebee_credit_note_id as credit_note_id,
            chargebee_lines.chargebee_invoice_line_id as invoice_line_id,
            chargebee_lines.description,
            chargebee_lines.quantity,
            chargebee_lines.discount_minor,
            chargebee_lines.gross_minor
            - chargebee_lines.discount_minor
            - case
                when chargebee_notes.price_type = 'tax_inclusive'
                then chargebee_lines.tax_minor
                else 0
            end as net_minor,
            chargebee_lines.tax_minor
        from chargebee_lines
        inner join chargebee_notes using (chargebee_credit_note_id)
    )

select
    lines.credit_note_line_id,
    lines.billing_system,
    lines.credit_note_id,
    notes.legal_entity_code,
    notes.customer_id,
    notes.invoice_id,
    invoice_lines.invoice_line_id as applies_to_line,
    invoice_lines.product_id,
    invoice_lines.revenue_type,
    notes.reason_code,
    notes.settlement,
    notes.status,
    lines.description,
    lines.quantity,
    lines.discount_minor,
    lines.net_minor,
    lines.tax_minor,
    notes.currency,
    notes.issued_on
from lines
inner join notes using (billing_system, credit_note_id)
left join invoice_lines using (billing_system, invoice_line_id)
