with

    agreements as (select * from {{ ref("bridge_agreements") }}),

    lines as (select * from {{ ref("bridge_billed_lines") }}),

    to_bill as (select * from {{ ref("bridge_terms_to_bill") }}),

    contract_values as (
        select
            agreements.agreement_id,
            contract_values.legal_entity_code,
            contract_values.currency,
            contract_values.month,
            contract_values.amount_minor
        from {{ ref("bridge_contract_values") }} as contract_values
        inner join agreements using (contract_id)
    ),

    terms as (
        select agreement_id, max(paused_minor) as paused_minor
        from agreements
        group by agreement_id
    ),

    -- What is agreed, less what was billed of it.
    agreed as (
        select agreement_id, legal_entity_code, currency, month, amount_minor
        from contract_values

        union all

        select
            agreement_id,
            legal_entity_code,
            currency,
            month,
            - amount_minor as amount_minor
        from lines
        where kind = 'contracted'
    ),

    balances as (
        select
            agreement_id,
            legal_entity_code,
            currency,
            max(month) as month,
            {{ sum_minor("amount_minor") }} as balance_minor
        from agreed
        group by agreement_id, legal_entity_code, currency
    ),

    -- Of what is not billed the time is to come, or it is not timing.
    late as (
        select
            balances.*,
            balances.balance_minor - coalesce(to_bill.amount_minor, 0) as late_minor,
            -- What a pause left out is never billed.
            greatest(
                least(
                    balances.balance_minor - coalesce(to_bill.amount_minor, 0),
                    terms.paused_minor
                ),
                0
            ) as paused_minor
        from balances
        inner join terms using (agreement_id)
        left join to_bill using (agreement_id)
    ),

    moves as (
        select
            {{
                bridge_move(
                    ("'contract'", "agreement_id"),
                    amounts={"left": "amount_minor", "timing": "- amount_minor"},
                )
            }}
        from contract_values

        union all

        -- What is used was agreed without a sum, and what has no contract has no value.
        select
            {{
                bridge_move(
                    (
                        "case when agreement_id is null then 'invoice' else 'contract' end",
                        "coalesce(agreement_id, invoice_id)",
                    ),
                    amounts={"right": "amount_minor"},
                    why="case when kind = 'contracted' then 'timing' else kind end",
                    difference="amount_minor",
                    lines="lines_count",
                )
            }}
        from lines

        union all

        select
            {{
                bridge_move(
                    ("'contract'", "agreement_id"),
                    amounts={"timing": "late_minor", "policy": "- paused_minor"},
                )
            }}
        from late
    )

    {{ bridge_hand_off("contract_value_to_billings") }}
