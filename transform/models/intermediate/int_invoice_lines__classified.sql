with

    invoices as (
        select * from {{ ref("int_invoices__issued") }} where held_for is null
    ),

    stripe_lines as (
        select * from {{ ref("stg_stripe__invoice_lines") }} where not is_deleted
    ),

    stripe_prices as (select * from {{ ref("stg_stripe__prices") }}),

    stripe_products as (select * from {{ ref("stg_stripe__products") }}),

    chargebee_lines as (
        select * from {{ ref("stg_chargebee__invoice_lines") }} where not is_deleted
    ),

    chargebee_invoices as (select * from {{ ref("stg_chargebee__invoices") }}),

    item_prices as (select * from {{ ref("stg_chargebee__item_prices") }}),

    items as (select * from {{ ref("stg_chargebee__items") }}),

    lines as (
        select
            'stripe' as billing_system,
            stripe_lines.stripe_invoice_line_id as invoice_line_id,
            stripe_lines.stripe_invoice_id as invoice_id,
            stripe_products.sku,
            case
                when stripe_prices.usage_type = 'metered'
                then 'usage'
                when stripe_prices.usage_type = 'licensed'
                then 'recurring'
                else 'one_time'
            end as revenue_type,
            stripe_lines.is_proration,
            stripe_prices.stripe_meter_id,
            stripe_prices.unit_minor,
            stripe_lines.description,
            stripe_lines.quantity,
            stripe_lines.gross_minor
            - coalesce(stripe_lines.discount_minor, 0)
            - stripe_lines.tax_included_minor as net_minor,
            coalesce(stripe_lines.discount_minor, 0) as discount_minor,
            stripe_lines.tax_minor,
            {{ utc_date("stripe_lines.period_starts_at") }} as starts_on,
            {{ utc_date("stripe_lines.period_ends_at") }} as ends_before
        from stripe_lines
        left join stripe_prices using (stripe_price_id)
        left join
            stripe_products
            on stripe_products.stripe_product_id = stripe_lines.stripe_product_id

        union all

        select
            'chargebee' as billing_system,
            chargebee_lines.chargebee_invoice_line_id as invoice_line_id,
            chargebee_lines.chargebee_invoice_id as invoice_id,
            items.sku,
            case
                when chargebee_lines.is_metered
                then 'usage'
                when
                    chargebee_lines.entity_type
                    in ('plan_item_price', 'addon_item_price')
                then 'recurring'
                else 'one_time'
            end as revenue_type,
            -- Chargebee marks no line as prorated.
            false as is_proration,
            cast(null as varchar) as stripe_meter_id,
            chargebee_lines.unit_minor,
            chargebee_lines.description,
            chargebee_lines.quantity,
            chargebee_lines.gross_minor
            - chargebee_lines.discount_minor
            - case
                when chargebee_invoices.price_type = 'tax_inclusive'
                then chargebee_lines.tax_minor
                else 0
            end as net_minor,
            chargebee_lines.discount_minor,
            chargebee_lines.tax_minor,
            {{ utc_date("chargebee_lines.period_starts_at") }} as starts_on,
            {{ utc_date("chargebee_lines.period_ends_at") }} as ends_before
        from chargebee_lines
        inner join chargebee_invoices using (chargebee_invoice_id)
        left join item_prices using (chargebee_item_price_id)
        left join items using (chargebee_item_id)
    )

select
    lines.*,
    case
        when lines.is_proration
        then 'proration'
        when lines.revenue_type = 'recurring'
        then 'subscription'
        when lines.revenue_type = 'usage'
        then 'usage'
        when lines.net_minor < 0
        then 'credit'
        else 'charge'
    end as line_type,
    invoices.customer_id,
    invoices.billing_customer_id,
    invoices.legal_entity_code,
    invoices.subscription_id,
    invoices.status,
    invoices.currency,
    invoices.issued_on
from lines
inner join
    invoices
    -- Spark would put what is joined with "using" before all other columns of lines.
    on invoices.billing_system = lines.billing_system
    and invoices.invoice_id = lines.invoice_id
