with

    invoiced as (select * from {{ ref("int_usage__invoiced") }}),

    meters as (select * from {{ ref("stg_stripe__meters") }}),

    invoices as (select * from {{ ref("stg_stripe__invoices") }}),

    invoice_items as (
        select * from {{ ref("stg_stripe__invoice_items") }} where not is_deleted
    ),

    late_usages as (
        select
            invoice_id,
            meter_id,
            case when count(*) = 1 then max(late_minor) end as late_minor
        from {{ ref("late_usages") }}
        where billing_system = 'stripe'
        group by invoice_id, meter_id
    ),

    created as (
        select concord_key, max(stripe_invoice_item_id) as stripe_invoice_item_id
        from invoice_items
        where concord_key is not null
        group by concord_key
    ),

    late as (
        select
            stripe_invoice_id || ':' || stripe_meter_id as adjustment_id,
            stripe_invoice_id,
            stripe_meter_id,
            stripe_customer_id,
            customer_id,
            currency,
            {{ sum_minor("used_quantity") }} as used_quantity,
            {{ sum_minor("used_quantity - invoiced_quantity") }} as quantity_late,
            -- Without a price for each unit the tiers tell, or nobody does.
            case
                when count(*) = count(unit_minor)
                then {{ sum_minor("(used_quantity - invoiced_quantity) * unit_minor") }}
            end as amount_minor,
            {{ iso_day("min(starts_on)") }} as first_day,
            {{ iso_day(add_days("max(ends_before)", -1)) }} as last_day
        from invoiced
        where used_quantity > invoiced_quantity
        group by
            stripe_invoice_id,
            stripe_meter_id,
            stripe_customer_id,
            customer_id,
            currency
    )

select
    late.adjustment_id,
    late.customer_id,
    late.stripe_customer_id,
    late.stripe_invoice_id as invoice_id,
    late.stripe_meter_id,
    late.used_quantity,
    late.quantity_late,
    coalesce(late.amount_minor, late_usages.late_minor) as amount_minor,
    late.currency,
    meters.name
    || ' used between '
    || late.first_day
    || ' and '
    || late.last_day
    || ', reported after invoice '
    || invoices.number as description,
    created.stripe_invoice_item_id
from late
inner join meters on meters.stripe_meter_id = late.stripe_meter_id
inner join invoices on invoices.stripe_invoice_id = late.stripe_invoice_id
left join
    late_usages
    on late_usages.invoice_id = late.stripe_invoice_id
    and late_usages.meter_id = late.stripe_meter_id
left join created on created.concord_key = late.adjustment_id
