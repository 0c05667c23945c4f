-- What invoices that are final bill of a metered price for a period.
with

    prices as (
        select * from {{ ref("int_prices__stated") }} where usage_type = 'metered'
    ),

    lines as (select * from {{ ref("stg_stripe__invoice_lines") }}),

    invoices as (select * from {{ ref("stg_stripe__invoices") }}),

    chargebee_lines as (select * from {{ ref("stg_chargebee__invoice_lines") }}),

    chargebee_invoices as (select * from {{ ref("stg_chargebee__invoices") }}),

    found as (
        select
            coalesce(
                lines.stripe_subscription_id, invoices.stripe_subscription_id
            ) as subscription_id,
            lines.stripe_price_id as price_id,
            invoices.stripe_invoice_id as invoice_id,
            invoices.finalized_at as invoiced_at,
            lines.quantity,
            lines.gross_minor - coalesce(lines.discount_minor, 0) as net_minor,
            lines.period_starts_at,
            lines.period_ends_at
        from lines
        inner join invoices using (stripe_invoice_id)
        where
            not lines.is_deleted
            and not invoices.is_deleted
            and invoices.status not in ('draft', 'void')

        union all

        select
            chargebee_lines.chargebee_subscription_id as subscription_id,
            chargebee_lines.chargebee_item_price_id as price_id,
            chargebee_invoices.chargebee_invoice_id as invoice_id,
            chargebee_invoices.issued_at as invoiced_at,
            chargebee_lines.quantity,
            chargebee_lines.gross_minor - chargebee_lines.discount_minor as net_minor,
            chargebee_lines.period_starts_at,
            chargebee_lines.period_ends_at
        from chargebee_lines
        inner join chargebee_invoices using (chargebee_invoice_id)
        where
            not chargebee_lines.is_deleted
            and not chargebee_invoices.is_deleted
            and chargebee_invoices.status not in ('pending', 'voided')
    ),

    dated as (
        select
            *,
            {{ utc_date("period_starts_at") }} as starts_on,
            {{ utc_date("period_ends_at") }} as ends_before,
            first_value(invoice_id) over (
                partition by
                    subscription_id,
                    price_id,
                    {{ utc_date("period_starts_at") }},
                    {{ utc_date("period_ends_at") }}
                order by invoiced_at, {{ by_bytes("invoice_id") }}
            ) as first_invoice_id
        from found
    )

select
    prices.billing_system,
    dated.subscription_id,
    dated.price_id,
    prices.meter_id,
    prices.sku,
    prices.currency,
    dated.starts_on,
    dated.ends_before,
    dated.first_invoice_id as invoice_id,
    min(dated.invoiced_at) as invoiced_at,
    cast(sum(dated.quantity) as bigint) as invoiced_quantity,
    {{ sum_minor("dated.net_minor") }} as invoiced_minor
from dated
inner join prices using (price_id)
where dated.subscription_id is not null and dated.starts_on < dated.ends_before
group by
    prices.billing_system,
    dated.subscription_id,
    dated.price_id,
    prices.meter_id,
    prices.sku,
    prices.currency,
    dated.starts_on,
    dated.ends_before,
    dated.first_invoice_id
