with recursive

    contracts as (select * from {{ ref("stg_salesforce__contracts") }}),

    opportunities as (select * from {{ ref("stg_salesforce__opportunities") }}),

    invoices as (select * from {{ ref("stg_stripe__invoices") }}),

    invoice_lines as (select * from {{ ref("stg_stripe__invoice_lines") }}),

    chargebee_invoices as (select * from {{ ref("stg_chargebee__invoices") }}),

    chargebee_lines as (select * from {{ ref("stg_chargebee__invoice_lines") }}),

    payments as (select * from {{ ref("stg_stripe__payments") }}),

    days as (
        select min(starts_on) as first_on
        from contracts
        union all
        select min(closes_on) as first_on
        from opportunities
        where is_won
        union all
        select min({{ utc_date("finalized_at") }}) as first_on
        from invoices
        union all
        select min({{ utc_date("period_starts_at") }}) as first_on
        from invoice_lines
        union all
        select min({{ utc_date("issued_at") }}) as first_on
        from chargebee_invoices
        union all
        select min({{ utc_date("period_starts_at") }}) as first_on
        from chargebee_lines
        union all
        select min({{ utc_date("created_at") }}) as first_on
        from payments
    ),

    first_month as (
        select
            {{
                first_of_month(
                    "least(coalesce(min(first_on), "
                    ~ as_of()
                    ~ "), "
                    ~ as_of()
                    ~ ")"
                )
            }} as starts_on
        from days
    ),

    months as (
        select starts_on
        from first_month
        union all
        select {{ add_months("starts_on", 1) }} as starts_on
        from months
        where starts_on < {{ first_of_month(as_of()) }}
    ),

    bounded as (
        select starts_on as month, {{ add_months("starts_on", 1) }} as next_month
        from months
    )

select
    month,
    next_month,
    -- The month of as_of is not over: it closes with that day.
    least(next_month, {{ add_days(as_of(), 1) }}) as closes_before
from bounded
