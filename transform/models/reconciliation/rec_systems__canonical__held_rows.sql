with

    held as (select * from {{ ref("held_rows") }}),

    customers as (select * from {{ ref("customers") }}),

    found as (
        select
            held.system || ':' || held.entity || ':' || held.record_id as record_key,
            held.reason_code as part,
            held.customer_id,
            coalesce(customers.legal_name || ': ', '') || held.reason as subject,
            held.currency,
            held.system as left_system,
            held.entity as left_value,
            'canonical' as right_system,
            'held' as right_value,
            held.amount_minor as difference_minor,
            -- It is in the numbers; only how a person accounts for it is open.
            case
                when held.reason_code = 'treatment_undecided' then 'known_exception'
            end as explained_by
        from held
        left join customers on customers.customer_id = held.customer_id
    )

    {{
        breaks(
            [
                "part",
                "customer_id",
                "currency",
                "left_system",
                "left_value",
                "right_system",
                "right_value",
                "difference_minor",
                "explained_by",
            ]
        )
    }}
