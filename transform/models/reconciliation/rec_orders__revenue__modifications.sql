with

    modifications as (select * from {{ ref("contract_modifications") }}),

    orders as (select * from {{ ref("orders") }}),

    customers as (select * from {{ ref("customers") }}),

    undecided as (
        select
            modifications.*,
            case
                when modifications.treatment is null
                then 'no treatment'
                when modifications.decided_by is null
                then 'nobody who decided it'
                when modifications.decided_at is null
                then 'no day on which it was decided'
            end as lacks
        from modifications
    ),

    found as (
        select
            'salesforce:order:' || undecided.order_id as record_key,
            undecided.customer_id,
            'The change of '
            || {{ iso_day("undecided.modified_on") }}
            || ' to a contract of '
            || {{ customer_name("customers.legal_name", "undecided.customer_id") }}
            || ' has '
            || undecided.lacks as subject,
            undecided.currency,
            {{ first_of_month("undecided.modified_on") }} as period,
            'salesforce' as left_system,
            coalesce(orders.order_number, undecided.order_id) as left_value,
            'subledger' as right_system,
            undecided.treatment as right_value,
            undecided.tcv_minor as difference_minor
        from undecided
        left join orders using (order_id)
        left join customers on customers.customer_id = undecided.customer_id
        where undecided.lacks is not null
    )

    {{
        breaks(
            [
                "customer_id",
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
