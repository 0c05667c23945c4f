with

    lines as (select * from {{ ref("invoice_lines") }}),

    subscriptions as (select * from {{ ref("subscriptions") }}),

    obligations as (select * from {{ ref("revenue_obligations") }}),

    contracts as (select * from {{ ref("contracts") }}),

    invoices as (select * from {{ ref("invoices") }}),

    contracted as (
        select lines.*, subscriptions.contract_id, invoices.status = 'void' as is_void
        from lines
        inner join invoices using (invoice_id)
        inner join
            subscriptions on subscriptions.subscription_id = lines.subscription_id
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
    ),

    -- What is charged afterwards, and was not ordered, makes up a month's agreed
    -- minimum
    -- of use: it belongs to what is used.
    minimums as (
        select
            contracted.invoice_line_id,
            obligations.obligation_id,
            row_number() over (
                partition by contracted.invoice_line_id
                order by obligations.starts_on desc, obligations.obligation_id asc
            ) as place
        from contracted
        inner join contracts using (contract_id)
        inner join
            obligations
            on obligations.contract_id = contracted.contract_id
            and obligations.method = 'usage'
            and obligations.starts_on <= contracted.starts_on
        left join candidates using (invoice_line_id)
        where
            candidates.invoice_line_id is null
            and contracts.monthly_minimum_minor > 0
            and contracted.starts_on < contracted.ends_before
            and contracted.ends_before <= contracted.issued_on
    ),

    -- A void line that stands on another invoice was billed anew.
    standing as (
        select contract_id, product_id, starts_on, ends_before
        from contracted
        where not is_void
        group by contract_id, product_id, starts_on, ends_before
    )

select
    contracted.invoice_line_id,
    contracted.invoice_id,
    contracted.contract_id,
    coalesce(
        candidates.obligation_id, minimums.obligation_id, contracted.product_id, ''
    ) as obligation_id,
    minimums.invoice_line_id is not null as is_minimum,
    contracted.is_void and standing.contract_id is not null as is_replaced,
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
left join
    minimums
    on minimums.invoice_line_id = contracted.invoice_line_id
    and minimums.place = 1
left join
    standing
    on standing.contract_id
    = case when contracted.is_void then contracted.contract_id end
    and standing.product_id = contracted.product_id
    and standing.starts_on = contracted.starts_on
    and standing.ends_before = contracted.ends_before
