with

    booked as (select * from {{ ref("int_orders__booked") }}),

    values_stated as (select * from {{ ref("bridge_contract_values") }}),

    agreements as (select * from {{ ref("bridge_agreements") }}),

    contracts as (select * from {{ ref("contracts") }}),

    accounts as (
        select customer_id, min(legal_entity_code) as legal_entity_code
        from {{ ref("int_accounts__linked") }}
        group by customer_id
    ),

    orders as (
        select
            quote_id,
            min(contract_id) as contract_id,
            min(legal_entity_code) as legal_entity_code,
            {{ first_of_month("min(activated_on)") }} as month
        from {{ ref("orders") }}
        where quote_id is not null and status = 'activated'
        group by quote_id
    ),

    signed as (
        select
            agreements.agreement_id as contract_id,
            booked.salesforce_quote_id as quote_id,
            coalesce(
                orders.legal_entity_code,
                contracts.legal_entity_code,
                accounts.legal_entity_code
            ) as legal_entity_code,
            booked.currency,
            {{ first_of_month("booked.booked_on") }} as month,
            orders.month as ordered_month,
            booked.total_minor
        from booked
        left join orders on orders.quote_id = booked.salesforce_quote_id
        left join contracts on contracts.contract_id = booked.salesforce_contract_id
        left join accounts on accounts.customer_id = booked.customer_id
        left join
            agreements
            on agreements.contract_id
            = coalesce(orders.contract_id, booked.salesforce_contract_id)
    ),

    -- An order may name the contract that it amends, or one made for the amendment.
    contract_values as (
        select values_stated.*, agreements.agreement_id
        from values_stated
        inner join agreements using (contract_id)
    ),

    late as (
        select * from signed where month <> ordered_month and contract_id is not null
    ),

    moves as (
        select
            {{
                bridge_move(
                    (
                        "case when contract_id is null then 'quote' else 'contract' end",
                        "coalesce(contract_id, quote_id)",
                    ),
                    amounts={"left": "total_minor"},
                )
            }}
        from signed

        union all

        -- A termination lowers what a contract is worth and is no negative booking.
        select
            {{
                bridge_move(
                    ("'contract'", "agreement_id"),
                    amounts={"right": "amount_minor"},
                    why="case when source like 'terminat%' then 'policy' end",
                    difference="amount_minor",
                    lines="lines_count",
                )
            }}
        from contract_values

        -- Won in one month and ordered in another.
        {% for month, sign in {"month": "-", "ordered_month": "+"}.items() %}
            union all
            select
                {{
                    bridge_move(
                        ("'contract'", "contract_id"),
                        month=month,
                        amounts={"timing": sign ~ " total_minor"},
                    )
                }}
            from late
        {% endfor %}
    )

    {{ bridge_hand_off("bookings_to_contract_value") }}
