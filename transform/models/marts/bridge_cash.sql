{% set subject = (
    "case when invoice_id is null then 'payment' else 'invoice' end",
    "coalesce(invoice_id, payment_id)",
) %}

with

    invoices as (
        select *, {{ first_of_month("issued_on") }} as month
        from {{ ref("invoices") }}
        where status <> 'void'
    ),

    settlements as (select * from {{ ref("bridge_settlements") }}),

    payments as (
        select *, {{ first_of_month("paid_on") }} as month
        from {{ ref("payments") }}
        where received_minor <> 0
    ),

    refunds as (
        select *, {{ first_of_month("refunded_on") }} as month
        from {{ ref("refunds") }}
        where status = 'succeeded'
    ),

    moves as (
        -- Cash comes with tax, and later.
        select
            {{
                bridge_move(
                    ("'invoice'", "invoice_id"),
                    amounts={
                        "left": "net_minor",
                        "tax": "tax_minor",
                        "rounding": "rounding_minor",
                        "timing": "- total_minor",
                    },
                )
            }}
        from invoices

        union all

        -- What is credited or written off is never paid.
        select
            {{
                bridge_move(
                    ("'invoice'", "invoice_id"),
                    amounts={"timing": "amount_minor"},
                    why="case when kind not in ('payment', 'undocumented') then 'policy' end",
                    difference="- amount_minor",
                )
            }}
        from settlements

        union all

        -- What was received and is not applied yet belongs to an invoice to come.
        select
            {{
                bridge_move(
                    subject,
                    amounts={
                        "right": "received_minor",
                        "timing": "greatest(received_minor - applied_minor, 0)",
                    },
                )
            }}
        from payments

        union all

        select
            {{
                bridge_move(
                    subject,
                    amounts={"right": "- amount_minor", "policy": "- amount_minor"},
                )
            }}
        from refunds
    )

    {{ bridge_hand_off("billings_to_cash") }}
