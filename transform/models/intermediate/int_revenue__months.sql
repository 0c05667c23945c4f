with

    lines as (
        select * from {{ ref("int_invoice_lines__classified") }} where status <> 'void'
    ),

    months as (select * from {{ ref("int_calendar__months") }}),

    usage_days as (select * from {{ ref("int_usage__daily") }}),

    -- From the first day that matters to a line to the last: billed or served.
    spans as (
        select
            *,
            revenue_type <> 'one_time' and starts_on < ends_before as is_served,
            least(issued_on, starts_on) as first_on,
            greatest(issued_on, ends_before) as last_on
        from lines
    ),

    line_months as (
        select spans.*, months.month, months.next_month, months.closes_before
        from spans
        inner join
            months
            on months.next_month > spans.first_on
            and months.month <= spans.last_on
    ),

    used as (
        select
            line_months.billing_system,
            line_months.invoice_line_id,
            line_months.month,
            cast(sum(usage_days.quantity) as bigint) as used_quantity
        from line_months
        inner join
            usage_days
            on usage_days.billing_system = line_months.billing_system
            and usage_days.billing_customer_id = line_months.billing_customer_id
            and usage_days.meter_id = line_months.stripe_meter_id
            and usage_days.used_on >= line_months.starts_on
            and usage_days.used_on < line_months.ends_before
            and usage_days.used_on < line_months.closes_before
        where line_months.revenue_type = 'usage'
        group by
            line_months.billing_system, line_months.invoice_line_id, line_months.month
    ),

    earned as (
        select
            line_months.*,
            case
                when line_months.issued_on < line_months.closes_before
                then line_months.net_minor
                else cast(0 as bigint)
            end as billed_to_date_minor,
            case
                when not line_months.is_served
                then
                    case
                        when line_months.issued_on < line_months.closes_before
                        then line_months.net_minor
                        else cast(0 as bigint)
                    end
                when line_months.closes_before >= line_months.ends_before
                then line_months.net_minor
                when line_months.closes_before <= line_months.starts_on
                then cast(0 as bigint)
                when
                    line_months.revenue_type = 'usage'
                    and line_months.stripe_meter_id is not null
                -- What came in after the invoice earns nothing on this line.
                then
                    {{
                        ratable(
                            "line_months.net_minor",
                            "least(coalesce(used.used_quantity, 0), line_months.quantity)",
                            "greatest(line_months.quantity, 1)",
                        )
                    }}
                else
                    {{
                        ratable(
                            "line_months.net_minor",
                            days_between(
                                "line_months.starts_on", "line_months.closes_before"
                            ),
                            days_between(
                                "line_months.starts_on", "line_months.ends_before"
                            ),
                        )
                    }}
            end as recognized_to_date_minor
        from line_months
        left join used using (billing_system, invoice_line_id, month)
    ),

    compared as (
        select
            *,
            lag(billed_to_date_minor, 1, cast(0 as bigint)) over (
                partition by billing_system, invoice_line_id order by month
            ) as billed_before_minor,
            lag(recognized_to_date_minor, 1, cast(0 as bigint)) over (
                partition by billing_system, invoice_line_id order by month
            ) as recognized_before_minor
        from earned
    )

select
    billing_system,
    invoice_line_id,
    invoice_id,
    customer_id,
    legal_entity_code,
    sku,
    currency,
    month,
    billed_to_date_minor - billed_before_minor as billed_minor,
    recognized_to_date_minor - recognized_before_minor as recognized_minor,
    case
        when issued_on < closes_before
        then billed_to_date_minor - recognized_to_date_minor
        else cast(0 as bigint)
    end as deferred_minor,
    case
        when issued_on >= closes_before
        then recognized_to_date_minor
        else cast(0 as bigint)
    end as unbilled_minor
from compared
