with

    lines as (
        select
            *,
            invoice_id as stripe_invoice_id,
            billing_customer_id as stripe_customer_id
        from {{ ref("int_invoice_lines__classified") }}
        where billing_system = 'stripe' and revenue_type = 'usage' and status <> 'void'
    ),

    usage_days as (select * from {{ ref("int_usage__daily") }}),

    placed as (
        select
            *,
            first_value(stripe_invoice_id) over (
                partition by stripe_customer_id, stripe_meter_id, starts_on, ends_before
                order by issued_on, {{ by_bytes("stripe_invoice_id") }}
            ) as first_invoice_id
        from lines
    ),

    -- Several prices of one meter and several invoices of one period share its usage.
    invoiced as (
        select
            first_invoice_id as stripe_invoice_id,
            stripe_meter_id,
            stripe_customer_id,
            customer_id,
            min(
                case when stripe_invoice_id = first_invoice_id then currency end
            ) as currency,
            starts_on,
            ends_before,
            -- Tiers and fractions of a cent have no whole price for a unit.
            case
                when count(*) = count(unit_minor) then max(unit_minor)
            end as unit_minor,
            cast(sum(quantity) as bigint) as invoiced_quantity
        from placed
        group by
            first_invoice_id,
            stripe_meter_id,
            stripe_customer_id,
            customer_id,
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
    on usage_days.billing_customer_id = invoiced.stripe_customer_id
    and usage_days.meter_id = invoiced.stripe_meter_id
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
