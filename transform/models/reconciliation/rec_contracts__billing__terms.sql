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
    found as (

        select
            billed.billing_system
            || ':subscription:'
            || billed.subscription_id as record_key,
            'contract:' || sold.contract_id as grain_key,
            sold.product_id as part,
            sold.customer_id,
            'Billing has another ' || case
                when sold.quantity <> billed.quantity then 'quantity' else 'price'
            end
            || ' of '
            || sold.product_id
            || ' for '
            || {{ customer_name("customers.legal_name", "sold.customer_id") }}
            as subject,
            sold.currency,
            'salesforce' as left_system,
            cast(sold.quantity as {{ dbt.type_string() }})
            || ' for '
            || cast(sold.gross_arr_minor as {{ dbt.type_string() }}) as left_value,
            billed.billing_system as right_system,
            cast(billed.quantity as {{ dbt.type_string() }})
            || ' for '
            || cast(billed.gross_arr_minor as {{ dbt.type_string() }}) as right_value,
            sold.gross_arr_minor - billed.gross_arr_minor as difference_minor,
            cast(12 * billed.quantity as bigint) as tolerance_minor
        from sold
        inner join
            billed
            on billed.contract_id = sold.contract_id
            and billed.product_id = sold.product_id
        left join customers on customers.customer_id = sold.customer_id
        where
            sold.quantity <> billed.quantity
            or abs(sold.gross_arr_minor - billed.gross_arr_minor) > 12 * billed.quantity

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
                "tolerance_minor",
            ]
        )
    }}
