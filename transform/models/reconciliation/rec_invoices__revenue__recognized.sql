with

    lines as (select * from {{ ref("int_invoice_lines__classified") }}),

    line_months as (select * from {{ ref("int_revenue__months") }}),

    totals as (
        select
            billing_system,
            invoice_line_id,
            {{ sum_minor("billed_minor") }} as billed_minor,
            {{ sum_minor("recognized_minor") }} as recognized_minor
        from line_months
        group by billing_system, invoice_line_id
    ),

    -- What lies after the day of the numbers is neither billed nor earned yet.
    compared as (
        select
            lines.*,
            coalesce(totals.billed_minor, 0) as billed_minor,
            coalesce(totals.recognized_minor, 0) as recognized_minor
        from lines
        left join totals using (billing_system, invoice_line_id)
        where
            lines.status <> 'void'
            and lines.issued_on <= {{ as_of() }}
            and lines.ends_before <= {{ as_of() }}
    ),

    found as (
        select
            billing_system || ':invoice:' || invoice_id as record_key,
            customer_id,
            invoice_line_id as part,
            'Invoice line '
            || invoice_line_id
            || ' is over and its revenue is not its amount' as subject,
            currency,
            {{ first_of_month("issued_on") }} as period,
            billing_system as left_system,
            cast(net_minor as {{ dbt.type_string() }}) as left_value,
            'revenue' as right_system,
            cast(recognized_minor as {{ dbt.type_string() }}) as right_value,
            net_minor - recognized_minor as difference_minor
        from compared
        where net_minor <> recognized_minor or net_minor <> billed_minor
    )

    {{
        breaks(
            [
                "customer_id",
                "part",
                "currency",
                "period",
                "left_system",
                "left_value",
                "right_system",
                "right_value",
                "difference_minor",
            ]
        )
    }}
