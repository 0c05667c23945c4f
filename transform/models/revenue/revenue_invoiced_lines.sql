with

    lines as (select * from {{ ref("invoice_lines") }}),

    subscriptions as (select * from {{ ref("subscriptions") }}),

    obligations as (select * from {{ ref("revenue_obligations") }}),

    contracted as (
        select lines.*, subscriptions.contract_id
        from lines
        inner join subscriptions using (subscription_id)
        where subscriptions.contract_id is not null
    ),

    -- Of the terms of a product the last that had begun when the line's service began.
    candidates as (
        select
            contracted.invoice_line_id,
            obligations.obligation_id,
            row_number() over (
                partition by contracted.invoice_line_id
                order by
                    case
                        when obligations.starts_on <= contracted.starts_on then 0 else 1
                    end,
                    case
                        when obligations.starts_on <= contracted.starts_on
                        then
                            {{
                                days_between(
                                    "obligations.starts_on", "contracted.starts_on"
                                )
                            }}
                        else
                            {{
                                days_between(
                                    "contracted.starts_on", "obligations.starts_on"
                                )
                            }}
                    end,
                    obligations.obligation_id
            ) as place
        from contracted
        inner join
            obligations
            on obligations.contract_id = contracted.contract_id
            and obligations.product_id = contracted.product_id
    )

select
    contracted.invoice_line_id,
    contracted.invoice_id,
    contracted.contract_id,
    coalesce(candidates.obligation_id, contracted.product_id, '') as obligation_id,
    contracted.revenue_type,
    contracted.net_minor,
    contracted.tax_minor,
    contracted.starts_on,
    contracted.ends_before
from contracted
left join
    candidates
    on candidates.invoice_line_id = contracted.invoice_line_id
    and candidates.place = 1
