with
    lines as (
        select *
        from {{ ref("invoice_lines") }}
        where revenue_type = 'recurring' and not is_proration
    ),
    invoices as (select * from {{ ref("invoices") }} where status <> 'void'),
    customers as (select * from {{ ref("customers") }}),
    found as (

        select
            lines.billing_system || ':invoice:' || lines.invoice_id as record_key,
            'invoice:' || lines.invoice_id as grain_key,
            lines.invoice_line_id as part,
            lines.customer_id,
            'A line of invoice '
            || invoices.number
            || ' of '
            || {{ customer_name("customers.legal_name", "lines.customer_id") }}
            || ' bills a period that has not begun' as subject,
            lines.currency,
            lines.billing_system as left_system,
            {{ iso_day("invoices.issued_on") }} as left_value,
            lines.billing_system as right_system,
            {{ iso_day("lines.starts_on") }} as right_value
        from lines
        inner join invoices using (invoice_id)
        left join customers on customers.customer_id = lines.customer_id
        where lines.starts_on > {{ add_days("invoices.issued_on", 14) }}

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
