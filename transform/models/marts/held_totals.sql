with

    held as (select * from {{ ref("held_rows") }}),

    revenue_holds as (select * from {{ ref("revenue_holds") }}),

    unposted as (
        select *
        from {{ ref("unposted_invoice_lines") }}
        where contract_id is null and not is_void
    ),

    found as (
        select reason_code, entity, currency, amount_minor
        from held
        union all
        select
            reason as reason_code,
            'contract' as entity,
            currency,
            held_minor as amount_minor
        from revenue_holds
        union all
        select
            reason as reason_code,
            'invoice_line' as entity,
            currency,
            net_minor as amount_minor
        from unposted
    )

select
    reason_code,
    entity,
    currency,
    count(*) as held_rows,
    count(*) - count(amount_minor) as rows_without_amount,
    {{ sum_minor("amount_minor") }} as amount_minor
from found
group by reason_code, entity, currency
