with
    lines as (
        select *
        from {{ ref("invoice_lines") }}
        where revenue_type = 'recurring' and not is_proration and net_minor > 0
    ),
    subscriptions as (select * from {{ ref("subscriptions") }}),
    segments as (select * from {{ ref("int_contracts__agreed_segments") }}),
    invoices as (select * from {{ ref("invoices") }} where status <> 'void'),
    customers as (select * from {{ ref("customers") }}),
    billed as (
        select
            lines.invoice_id,
            lines.product_id,
            max(lines.billing_system) as billing_system,
            max(lines.customer_id) as customer_id,
            max(subscriptions.contract_id) as contract_id,
            min(lines.starts_on) as starts_on,
            sum(lines.quantity) as quantity
        from lines
        inner join subscriptions using (subscription_id)
        where subscriptions.contract_id is not null
        group by lines.invoice_id, lines.product_id
    ),
    held as (
        select billed.invoice_id, billed.product_id, sum(segments.quantity) as quantity
        from billed
        inner join
            segments
            on segments.agreement_id = billed.contract_id
            and segments.product_id = billed.product_id
            and segments.starts_on <= billed.starts_on
            and segments.ends_before > billed.starts_on
        group by billed.invoice_id, billed.product_id
    ),
    found as (

        select
            billed.billing_system || ':invoice:' || billed.invoice_id as record_key,
            'invoice:' || billed.invoice_id as grain_key,
            billed.product_id as part,
            billed.customer_id,
            'Invoice '
            || invoices.number
            || ' bills more of '
            || billed.product_id
            || ' than the contract of '
            || {{ customer_name("customers.legal_name", "billed.customer_id") }}
            || ' holds' as subject,
            invoices.currency,
            'salesforce' as left_system,
            cast(held.quantity as {{ dbt.type_string() }}) as left_value,
            billed.billing_system as right_system,
            cast(billed.quantity as {{ dbt.type_string() }}) as right_value
        from billed
        inner join
            held
            on held.invoice_id = billed.invoice_id
            and held.product_id = billed.product_id
        inner join invoices on invoices.invoice_id = billed.invoice_id
        left join customers on customers.customer_id = billed.customer_id
        where billed.quantity > held.quantity

    )

    {{
        breaks(
            [
                "customer_id",
                "left_system",
                "left_value",
                "right_system",
                "right_value",
                "grain_key",
                "part",
                "currency",
            ]
        )
    }}
