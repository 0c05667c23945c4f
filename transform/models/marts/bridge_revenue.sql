with

    invoices as (
        select *, {{ first_of_month("issued_on") }} as month from {{ ref("invoices") }}
    ),

    postings as (select * from {{ ref("bridge_postings") }}),

    billed as (select * from invoices where status <> 'void'),

    posted as (
        select
            invoice_id,
            min(legal_entity_code) as legal_entity_code,
            min(currency) as currency,
            min(month) as month
        from postings
        where reason = 'invoice'
        group by invoice_id
    ),

    contracted as (
        select invoice_id, min(contract_id) as contract_id
        from {{ ref("revenue_invoiced_lines") }}
        group by invoice_id
    ),

    -- What no contract stands behind is no performance that is known.
    uncontracted as (
        select billed.*
        from billed
        left join contracted using (invoice_id)
        where contracted.invoice_id is null
    ),

    -- Where the month of an invoice was closed, the subledger posts it in the next.
    late as (
        select billed.*, posted.month as posted_month
        from billed
        inner join posted using (invoice_id)
        where
            posted.month <> billed.month
            and posted.currency = billed.currency
            and posted.legal_entity_code = billed.legal_entity_code
    ),

    -- A void invoice is no billing; the subledger takes it back when it is voided.
    posted_events as (
        select
            postings.*,
            coalesce(postings.invoice_id, postings.contract_id) as subject_id,
            case
                when postings.invoice_id is null then 'contract' else 'invoice'
            end as subject_type,
            case
                when postings.reason not in ('invoice', 'void', 'payment')
                then 'policy'
                when invoices.status = 'void' and postings.reason <> 'payment'
                then 'timing'
            end as why
        from postings
        left join invoices using (invoice_id)
    ),

    moves as (
        select
            {{
                bridge_move(
                    ("'invoice'", "invoice_id"), amounts={"left": "net_minor"}
                )
            }}
        from billed

        union all

        select
            {{
                bridge_move(
                    ("subject_type", "subject_id"),
                    amounts={"right": "billed_minor"},
                    why="why",
                    difference="billed_minor",
                )
            }}
        from posted_events

        union all

        select
            {{
                bridge_move(
                    ("'contract'", "contract_id"),
                    amounts={"right": "deferral_minor", "timing": "deferral_minor"},
                )
            }}
        from postings

        {% for month, sign in {"month": "-", "posted_month": "+"}.items() %}
            union all
            select
                {{
                    bridge_move(
                        ("'invoice'", "invoice_id"),
                        month=month,
                        amounts={"timing": sign ~ " net_minor"},
                    )
                }}
            from late
        {% endfor %}

        union all

        select
            {{
                bridge_move(
                    ("'invoice'", "invoice_id"), amounts={"mapping": "- net_minor"}
                )
            }}
        from uncontracted
    )

    {{ bridge_hand_off("billings_to_revenue") }}
