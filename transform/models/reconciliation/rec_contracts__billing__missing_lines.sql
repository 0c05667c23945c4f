with
    contract_segments as (
        select *
        from {{ ref("int_contracts__agreed_segments") }}
        where starts_on <= {{ as_of() }} and ends_before > {{ as_of() }}
    ),
    segments as (
        select *
        from {{ ref("subscription_segments") }}
        where
            recorded_to is null
            and valid_from <= {{ as_of() }}
            and coalesce(valid_to > {{ as_of() }}, true)
            and contract_id is not null
    ),
    products as (
        select * from {{ ref("products") }} where revenue_type in ('recurring', 'usage')
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
            {{ sum_minor("gross_arr_minor") }} as gross_arr_minor,
            max(case when products.revenue_type = 'usage' then 1 else 0 end) = 1
            or sum(gross_arr_minor) > 0 as is_charged
        from contract_segments
        inner join products using (product_id)
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
    running as (
        select
            contract_id,
            min(subscription_id) as subscription_id,
            min(billing_system) as billing_system
        from billed
        group by contract_id
    ),
    found as (

        select
            running.billing_system
            || ':subscription:'
            || running.subscription_id as record_key,
            'contract:' || sold.contract_id as grain_key,
            sold.product_id as part,
            sold.customer_id,
            'The subscription of '
            || {{ customer_name("customers.legal_name", "sold.customer_id") }}
            || ' has no item for '
            || sold.product_id as subject,
            sold.currency,
            'salesforce' as left_system,
            cast(sold.quantity as {{ dbt.type_string() }}) as left_value,
            running.billing_system as right_system,
            '0' as right_value,
            sold.gross_arr_minor as difference_minor
        from sold
        inner join running using (contract_id)
        left join
            billed
            on billed.contract_id = sold.contract_id
            and billed.product_id = sold.product_id
        left join customers on customers.customer_id = sold.customer_id
        where billed.product_id is null and sold.is_charged

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
                "difference_minor",
            ]
        )
    }}
