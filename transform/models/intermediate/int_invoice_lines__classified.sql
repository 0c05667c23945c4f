with

    lines as (select * from {{ ref("stg_stripe__invoice_lines") }}),

    invoices as (select * from {{ ref("stg_stripe__invoices") }}),

    prices as (select * from {{ ref("stg_stripe__prices") }}),

    products as (select * from {{ ref("stg_stripe__products") }}),

    records as (select * from {{ ref("int_customers__linked") }})

select
    lines.stripe_invoice_line_id,
    invoices.stripe_invoice_id,
    invoices.stripe_customer_id,
    records.customer_id,
    products.sku,
    case
        when prices.usage_type = 'metered'
        then 'usage'
        when prices.usage_type = 'licensed'
        then 'recurring'
        else 'one_time'
    end as revenue_type,
    prices.stripe_meter_id,
    prices.unit_minor,
    invoices.status,
    lines.currency,
    lines.description,
    lines.quantity,
    lines.gross_minor - coalesce(lines.discount_minor, 0) as net_minor,
    coalesce(lines.discount_minor, 0) as discount_minor,
    {{ utc_date("invoices.finalized_at") }} as issued_on,
    {{ utc_date("lines.period_starts_at") }} as starts_on,
    {{ utc_date("lines.period_ends_at") }} as ends_before
from lines
inner join invoices using (stripe_invoice_id)
left join prices using (stripe_price_id)
left join products on products.stripe_product_id = lines.stripe_product_id
left join
    records
    on records.system = 'stripe'
    and records.record_id = invoices.stripe_customer_id
where not lines.is_deleted and not invoices.is_deleted and invoices.status <> 'draft'
