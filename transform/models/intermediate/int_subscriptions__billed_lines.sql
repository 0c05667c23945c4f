-- Each line of recurring units that billing wrote for a period: what is given back
-- counts down. A void invoice bills nothing, and a draft not yet.
with

    prices as (
        select * from {{ ref("int_prices__stated") }} where usage_type = 'licensed'
    ),

    lines as (select * from {{ ref("stg_stripe__invoice_lines") }}),

    invoices as (select * from {{ ref("stg_stripe__invoices") }}),

    invoice_items as (select * from {{ ref("stg_stripe__invoice_items") }}),

    chargebee_lines as (select * from {{ ref("stg_chargebee__invoice_lines") }}),

    chargebee_invoices as (select * from {{ ref("stg_chargebee__invoices") }}),

    credit_note_lines as (select * from {{ ref("stg_chargebee__credit_note_lines") }}),

    credit_notes as (select * from {{ ref("stg_chargebee__credit_notes") }}),

    found as (
        select
            coalesce(
                lines.stripe_subscription_id, invoices.stripe_subscription_id
            ) as subscription_id,
            lines.stripe_price_id as price_id,
            lines.quantity,
            lines.gross_minor,
            coalesce(lines.discount_minor, 0) as discount_minor,
            lines.period_starts_at,
            lines.period_ends_at,
            lines.load_id
        from lines
        inner join invoices using (stripe_invoice_id)
        where
            not lines.is_deleted
            and not invoices.is_deleted
            and invoices.status not in ('draft', 'void')

        union all

        -- A change that waits for the next invoice.
        select
            stripe_subscription_id as subscription_id,
            stripe_price_id as price_id,
            quantity,
            amount_minor as gross_minor,
            cast(0 as bigint) as discount_minor,
            period_starts_at,
            period_ends_at,
            load_id
        from invoice_items
        where not is_deleted and is_proration and stripe_invoice_id is null

        union all

        select
            chargebee_lines.chargebee_subscription_id as subscription_id,
            chargebee_lines.chargebee_item_price_id as price_id,
            chargebee_lines.quantity,
            chargebee_lines.gross_minor,
            chargebee_lines.discount_minor,
            chargebee_lines.period_starts_at,
            chargebee_lines.period_ends_at,
            chargebee_lines.load_id
        from chargebee_lines
        inner join chargebee_invoices using (chargebee_invoice_id)
        where
            not chargebee_lines.is_deleted
            and not chargebee_invoices.is_deleted
            and chargebee_invoices.status not in ('pending', 'voided')

        union all

        select
            credit_note_lines.chargebee_subscription_id as subscription_id,
            credit_note_lines.chargebee_item_price_id as price_id,
            credit_note_lines.quantity,
            - credit_note_lines.gross_minor as gross_minor,
            - credit_note_lines.discount_minor as discount_minor,
            credit_note_lines.period_starts_at,
            credit_note_lines.period_ends_at,
            credit_note_lines.load_id
        from credit_note_lines
        inner join credit_notes using (chargebee_credit_note_id)
        where
            not credit_note_lines.is_deleted
            and not credit_notes.is_deleted
            and credit_notes.status <> 'voided'
            and credit_notes.reason_code = 'subscription_change'
    )

select
    prices.billing_system,
    found.subscription_id,
    found.price_id,
    case
        when found.gross_minor < 0 then - abs(found.quantity) else found.quantity
    end as quantity,
    {{ basis_points_off("found.gross_minor", "abs(found.discount_minor)") }}
    as discount_basis_points,
    {{ utc_date("found.period_starts_at") }} as starts_on,
    {{ utc_date("found.period_ends_at") }} as ends_before,
    {{ loaded_at("found.load_id") }} as loaded_at
from found
inner join prices using (price_id)
where
    {{ utc_date("found.period_starts_at") }} < {{ utc_date("found.period_ends_at") }}
    and found.subscription_id is not null
