with

    segments as (
        select *
        from {{ ref("subscription_segments") }}
        where
            recorded_to is null
            and valid_from <= {{ as_of() }}
            and coalesce(valid_to > {{ as_of() }}, true)
            and contract_id is not null
    )

select
    contract_id,
    product_id,
    is_recurring,
    max(subscription_id) as subscription_id,
    max(billing_system) as billing_system,
    max(customer_id) as customer_id,
    cast(sum(quantity) as bigint) as quantity,
    {{
        sum_minor(
            recurring_minor(
                "list_minor", "billing_interval", "interval_count", months=12
            )
        )
    }} as gross_arr_minor
from segments
group by contract_id, product_id, is_recurring
