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
            -- How a person accounts for the first is open, and the numbers have it
            -- (R12).
            -- Of the others another check says it once: R15, U05 and U08.
            case
                when
                    held.reason_code in (
                        'treatment_undecided',
                        'unbalanced_document',
                        'no_subscription',
                        'unknown_meter'
                    )
                then 'known_exception'
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
