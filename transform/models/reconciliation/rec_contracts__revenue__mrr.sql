with

    bridged as (select * from {{ ref("bridge_mrr") }} where unexplained_minor <> 0),

    contracts as (select * from {{ ref("contracts") }}),

    customers as (select * from {{ ref("customers") }}),

    currencies as (select * from {{ ref("currencies") }}),

    -- Why an order is not what its contract says is another check's to tell.
    known as (
        select grain_key, known_by
        from {{ ref("bridge_known_exceptions") }}
        where hand_off = 'bookings_to_contract_value'
    ),

    found as (
        select
            'salesforce:contract:' || bridged.agreement_id as record_key,
            'contract:' || bridged.agreement_id as grain_key,
            bridged.customer_id,
            'The recurring revenue of contract '
            || contracts.contract_number
            || ' of '
            || {{ customer_name("customers.legal_name", "bridged.customer_id") }}
            || ' is not what its MRR comes to' as subject,
            bridged.currency,
            bridged.month as period,
            'contracts' as left_system,
            {{
                amount_text(
                    "bridged.revenue_minor - bridged.unexplained_minor",
                    "currencies.minor_per_major",
                )
            }} as left_value,
            'subledger' as right_system,
            {{ amount_text("bridged.revenue_minor", "currencies.minor_per_major") }}
            as right_value,
            - bridged.unexplained_minor as difference_minor,
            case
                when known.known_by is not null then 'known_exception'
            end as explained_by
        from bridged
        inner join contracts on contracts.contract_id = bridged.agreement_id
        inner join currencies on currencies.currency = bridged.currency
        left join customers on customers.customer_id = bridged.customer_id
        left join known on known.grain_key = 'contract:' || bridged.agreement_id
    )

    {{
        breaks(
            [
                "grain_key",
                "customer_id",
                "currency",
                "period",
                "left_system",
                "left_value",
                "right_system",
                "right_value",
                "difference_minor",
                "explained_by",
            ]
        )
    }}
