with

    lines as (
        select * from {{ ref("revenue_order_lines") }} where revenue_type <> 'usage'
    ),

    settlements as (select * from {{ ref("revenue_settlements") }}),

    events as (select * from {{ ref("revenue_accepted_events") }}),

    reductions as (
        select *
        from {{ ref("revenue_event_parts") }}
        where reduction in ('pro_rata', 'prospective') and not is_usage
    ),

    versions as (select * from {{ ref("revenue_obligation_versions") }}),

    contracts as (select * from {{ ref("revenue_contracts") }}),

    currencies as (select * from {{ ref("currencies") }}),

    customers as (select * from {{ ref("customers") }}),

    -- Once a contract is over its price is what was billed of it.
    settled as (
        select
            settlements.contract_id, settlements.obligation_id, settlements.amount_minor
        from settlements
        inner join events using (event_id)
    ),

    ordered as (
        select contract_id, obligation_id, {{ sum_minor("tcv_minor") }} as price_minor
        from lines
        group by contract_id, obligation_id
    ),

    stated as (
        select
            ordered.contract_id,
            coalesce(settled.amount_minor, ordered.price_minor) as price_minor
        from ordered
        left join settled using (contract_id, obligation_id)
        union all
        select contract_id, - amount_minor as price_minor
        from reductions
    ),

    prices as (
        select contract_id, {{ sum_minor("price_minor") }} as price_minor
        from stated
        group by contract_id
    ),

    latest as (
        select
            *,
            row_number() over (
                partition by obligation_key order by version_no desc
            ) as recency_rank
        from versions
    ),

    allocated as (
        select contract_id, {{ sum_minor("allocated_minor") }} as allocated_minor
        from latest
        where recency_rank = 1
        group by contract_id
    ),

    found as (
        select
            'salesforce:contract:' || contracts.contract_id as record_key,
            contracts.customer_id,
            'The price of contract '
            || contracts.contract_id
            || ' of '
            || {{ customer_name("customers.legal_name", "contracts.customer_id") }}
            || ' is not what its obligations sum to' as subject,
            contracts.currency,
            'orders' as left_system,
            {{ amount_text("prices.price_minor", "currencies.minor_per_major") }}
            as left_value,
            'subledger' as right_system,
            {{ amount_text("allocated.allocated_minor", "currencies.minor_per_major") }}
            as right_value,
            prices.price_minor - allocated.allocated_minor as difference_minor
        from allocated
        inner join prices using (contract_id)
        inner join contracts using (contract_id)
        inner join currencies on currencies.currency = contracts.currency
        left join customers on customers.customer_id = contracts.customer_id
        where prices.price_minor <> allocated.allocated_minor
    )

    {{
        breaks(
            [
                "customer_id",
                "currency",
                "left_system",
                "left_value",
                "right_system",
                "right_value",
                "difference_minor",
            ]
        )
    }}
