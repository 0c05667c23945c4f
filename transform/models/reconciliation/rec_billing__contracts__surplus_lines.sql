with
    contract_segments as (
        select *
        from {{ ref("int_contracts__agreed_segments") }}
        where
            is_recurring and starts_on <= {{ as_of() }} and ends_before > {{ as_of() }}
    ),
    segments as (
        select *
        from {{ ref("subscription_segments") }}
        where
            is_recurring
            and recorded_to is null
            and valid_from <= {{ as_of() }}
            and coalesce(valid_to > {{ as_of() }}, true)
            and contract_id is not null
    ),
    customers as (select * from {{ ref("customers") }}),
    sold as (
        select
            agreement_id as contract_id,
            product_id,
            max(customer_id) as customer_id,
            max(currency) as currency,
            max(segment_id) as segment_id,
            sum(quantity) as quantity,
            {{ sum_minor("gross_arr_minor") }} as gross_arr_minor
        from contract_segments
        group by agreement_id, product_id
    ),
    billed as (
        select
            segments.contract_id,
            segments.product_id,
            max(segments.subscription_id) as subscription_id,
            max(segments.billing_system) as billing_system,
            max(segments.customer_id) as customer_id,
            sum(segments.quantity) as quantity,
            {{
                sum_minor(
                    "segments.list_minor * case segments.billing_interval when 'month' then 12 else 1 end"
                )
            }}
            as gross_arr_minor
        from segments
        group by segments.contract_id, segments.product_id
    ),
    under_contract as (select contract_id from sold group by contract_id),
    found as (

        select
            billed.billing_system
            || ':subscription:'
            || billed.subscription_id as record_key,
            'contract:' || billed.contract_id as grain_key,
            billed.product_id as part,
            billed.customer_id,
            'The subscription of '
            || {{ customer_name("customers.legal_name", "billed.customer_id") }}
            || ' has an item for '
            || billed.product_id
            || ', which nobody ordered' as subject,
            'salesforce' as left_system,
            '0' as left_value,
            billed.billing_system as right_system,
            cast(billed.quantity as {{ dbt.type_string() }}) as right_value,
            - billed.gross_arr_minor as difference_minor
        from billed
        inner join under_contract using (contract_id)
        left join
            sold
            on sold.contract_id = billed.contract_id
            and sold.product_id = billed.product_id
        left join customers on customers.customer_id = billed.customer_id
        where sold.product_id is null and billed.gross_arr_minor > 0

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
                "difference_minor",
            ]
        )
    }}
