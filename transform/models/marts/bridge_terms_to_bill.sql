with

    agreements as (select * from {{ ref("bridge_agreements") }}),

    segments as (select * from {{ ref("contract_segments") }} where is_recurring),

    order_lines as (
        select * from {{ ref("order_lines") }} where revenue_type = 'one_time'
    ),

    invoices as (select * from {{ ref("invoices") }} where status <> 'void'),

    invoice_lines as (
        select * from {{ ref("invoice_lines") }} where revenue_type = 'recurring'
    ),

    subscriptions as (select * from {{ ref("subscriptions") }}),

    billed as (
        select
            agreements.agreement_id,
            invoice_lines.product_id,
            max(invoice_lines.ends_before) as billed_before
        from invoice_lines
        inner join
            invoices
            on invoices.billing_system = invoice_lines.billing_system
            and invoices.invoice_id = invoice_lines.invoice_id
        inner join
            subscriptions
            on subscriptions.billing_system = invoice_lines.billing_system
            and subscriptions.subscription_id = invoice_lines.subscription_id
        inner join agreements on agreements.contract_id = subscriptions.contract_id
        group by agreements.agreement_id, invoice_lines.product_id
    ),

    -- Service is billed in advance: what has begun and is not billed is late.
    coming as (
        select
            agreements.agreement_id,
            segments.arr_minor,
            segments.ends_before,
            greatest(
                segments.starts_on,
                coalesce(billed.billed_before, segments.starts_on),
                {{ add_days(as_of(), 1) }}
            ) as starts_on
        from segments
        inner join agreements using (contract_id)
        left join
            billed
            on billed.agreement_id = agreements.agreement_id
            and billed.product_id = segments.product_id
    ),

    amounts as (
        select
            agreement_id,
            {{ term_minor("arr_minor", "starts_on", "ends_before") }} as amount_minor
        from coming
        where starts_on < ends_before

        union all

        select agreements.agreement_id, order_lines.tcv_minor as amount_minor
        from order_lines
        inner join agreements using (contract_id)
        where order_lines.starts_on > {{ as_of() }}
    )

select
    agreement_id,
    {{ sum_minor("amount_minor") }} as amount_minor,
    count(*) as lines_count
from amounts
group by agreement_id
