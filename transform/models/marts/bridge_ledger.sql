with

    earned as (select * from {{ ref("bridge_earned_postings") }}),

    ledger as (select * from {{ ref("bridge_ledger_revenue") }}),

    compared as (select * from {{ ref("bridge_ledger_invoices") }}),

    documents as (
        select
            *,
            case
                when document_kind in ('credit_note', 'invoice')
                then document_kind
                else 'journal'
            end as subject_type,
            case
                document_kind
                when 'credit_note'
                then credit_note_id
                when 'invoice'
                then invoice_id
                when 'revenue_journal'
                then journal_batch_id
                else document_id
            end as subject_id
        from ledger
    ),

    moves as (
        select
            {{
                bridge_move(
                    ("'invoice'", "invoice_id"),
                    amounts={"left": "subledger_minor"},
                    why="reason",
                    difference="difference_minor",
                )
            }}
        from compared

        union all

        -- What was not exported yet is the contract's; what was is the journal's.
        select
            {{
                bridge_move(
                    (
                        "case when journal_batch_id is null then 'contract' else 'journal' end",
                        "coalesce(journal_batch_id, contract_id)",
                    ),
                    amounts={"left": "deferral_minor"},
                    why="deferral_why",
                    difference="- deferral_minor",
                )
            }}
        from earned

        union all

        select
            {{
                bridge_move(
                    ("subject_type", "subject_id"),
                    amounts={"left": "given_back_minor"},
                    why="why",
                    difference="- given_back_minor",
                )
            }}
        from earned

        union all

        select
            {{
                bridge_move(
                    ("subject_type", "subject_id"),
                    amounts={"right": "amount_minor"},
                    why="case when is_translated then 'fx' end",
                    difference="amount_minor",
                )
            }}
        from documents
    )

    {{ bridge_hand_off("revenue_to_ledger") }}
