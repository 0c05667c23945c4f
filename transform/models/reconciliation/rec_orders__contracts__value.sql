with

    items as (
        select *
        from {{ ref("bridge_items_monthly") }}
        where
            hand_off = 'bookings_to_contract_value'
            and step in ('unexplained', 'known_exception')
    ),

    hand_off as (select * from {{ ref("bridge_bookings") }}),

    contracts as (select * from {{ ref("contracts") }}),

    currencies as (select * from {{ ref("currencies") }}),

    found as (
        select
            'salesforce:'
            || items.subject_type
            || ':'
            || items.subject_id as record_key,
            items.legal_entity_code
            || ':'
            || items.currency
            || ':'
            || {{ iso_day("items.month") }} as part,
            items.subject_type || ':' || items.subject_id as grain_key,
            items.customer_id,
            case
                when items.subject_type = 'quote'
                then 'Quote ' || items.subject_id || ' was won and made no contract'
                else
                    'Contract '
                    || coalesce(contracts.contract_number, items.subject_id)
                    || ' is not worth what was booked for it'
            end as subject,
            items.currency,
            items.month as period,
            'bookings' as left_system,
            {{ amount_text("hand_off.left_minor", "currencies.minor_per_major") }}
            as left_value,
            'contracts' as right_system,
            {{ amount_text("hand_off.right_minor", "currencies.minor_per_major") }}
            as right_value,
            items.amount_minor as difference_minor,
            case when items.step = 'known_exception' then items.step end as explained_by
        from items
        inner join
            hand_off using (
                legal_entity_code, currency, month, subject_type, subject_id
            )
        left join
            contracts
            on contracts.contract_id
            = case when items.subject_type = 'contract' then items.subject_id end
        inner join currencies on currencies.currency = items.currency
    )

    {{
        breaks(
            [
                "part",
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
