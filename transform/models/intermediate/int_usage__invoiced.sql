with

    lines as (
        select *
        from {{ ref("int_invoice_lines__classified") }}
        where revenue_type = 'usage' and status <> 'void'
    ),

    usage_days as (select * from {{ ref("int_usage__daily") }}),

    -- Several prices of one meter on one invoice share the period's usage.
    invoiced as (
        select
            stripe_invoice_id,
            stripe_meter_id,
            stripe_customer_id,
            customer_id,
            currency,
            starts_on,
            ends_before,
            max(unit_minor) as unit_minor,
            cast(sum(quantity) as bigint) as invoiced_quantity
        from lines
        group by
            stripe_invoice_id,
            stripe_meter_id,
            stripe_customer_id,
            customer_id,
            currency,
            starts_on,
            ends_before
    )

select
    invoiced.stripe_invoice_id,
    invoiced.stripe_meter_id,
    invoiced.stripe_customer_id,
    invoiced.customer_id,
    invoiced.currency,
    invoiced.starts_on,
    invoiced.ends_before,
    invoiced.unit_minor,
    invoiced.invoiced_quantity,
    cast(coalesce(sum(usage_days.quantity), 0) as bigint) as used_quantity
from invoiced
left join
    usage_days
    on usage_days.stripe_customer_id = invoiced.stripe_customer_id
    and usage_days.stripe_meter_id = invoiced.stripe_meter_id
    and usage_days.used_on >= invoiced.starts_on
    and usage_days.used_on < invoiced.ends_before
group by
    invoiced.stripe_invoice_id,
    invoiced.stripe_meter_id,
    invoiced.stripe_customer_id,
    invoiced.customer_id,
    invoiced.currency,
    invoiced.starts_on,
    invoiced.ends_before,
    invoiced.unit_minor,
    invoiced.invoiced_quantity
