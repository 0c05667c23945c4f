with

    refunds as (select * from {{ ref("refunds") }} where status = 'succeeded'),

    notes as (select * from {{ ref("credit_notes") }} where status = 'issued'),

    erp_refunds as (
        select * from {{ ref("stg_netsuite__customer_refunds") }} where not is_deleted
    ),

    applications as (
        select *
        from {{ ref("stg_netsuite__refund_applications") }}
        where not is_deleted
    ),

    memos as (select * from {{ ref("int_erp__credit_memos") }}),

    customers as (select * from {{ ref("customers") }}),

    currencies as (select * from {{ ref("currencies") }}),

    -- The credit memo that the books paid out with the refund.
    paid_out as (
        select
            erp_refunds.stripe_refund_id as refund_id, max(memos.number) as memo_number
        from erp_refunds
        inner join applications using (netsuite_refund_id)
        inner join
            memos
            on memos.erp_system = 'netsuite'
            and memos.erp_credit_memo_id = applications.netsuite_credit_memo_id
        group by erp_refunds.stripe_refund_id
    ),

    given_back as (
        select
            billing_system,
            credit_note_id,
            {{ sum_minor("amount_minor") }} as amount_minor
        from refunds
        where credit_note_id is not null
        group by billing_system, credit_note_id
    ),

    -- Money given back for goodwill needs no note; a refund that the books took for a
    -- credit does.
    unnoted as (
        select
            refunds.billing_system || ':refund:' || refunds.refund_id as record_key,
            refunds.customer_id,
            refunds.currency,
            refunds.refunded_on as happened_on,
            ' got a refund for credit memo '
            || paid_out.memo_number
            || ' of the ERP, and billing has no such note' as said,
            refunds.billing_system as left_system,
            refunds.amount_minor as left_minor,
            cast(0 as bigint) as right_minor,
            'credit_note' as target_object,
            refunds.invoice_id as target_record_id,
            'amount' as target_field
        from refunds
        inner join paid_out using (refund_id)
        where refunds.billing_system = 'stripe' and refunds.credit_note_id is null
    ),

    unpaid as (
        select
            notes.billing_system
            || ':credit_note:'
            || notes.credit_note_id as record_key,
            notes.customer_id,
            notes.currency,
            notes.issued_on as happened_on,
            ' was promised a refund by credit note '
            || notes.number
            || ' and got another amount' as said,
            notes.billing_system as left_system,
            coalesce(given_back.amount_minor, 0) as left_minor,
            notes.refunded_minor as right_minor,
            'refund' as target_object,
            notes.invoice_id as target_record_id,
            'amount' as target_field
        from notes
        left join given_back using (billing_system, credit_note_id)
        where notes.refunded_minor <> coalesce(given_back.amount_minor, 0)
    ),

    unequal as (
        select *
        from unnoted
        union all
        select *
        from unpaid
    ),

    found as (
        select
            unequal.record_key,
            unequal.customer_id,
            {{ customer_name("customers.legal_name", "unequal.customer_id") }}
            || unequal.said as subject,
            unequal.currency,
            {{ first_of_month("unequal.happened_on") }} as period,
            unequal.left_system,
            {{ amount_text("unequal.left_minor", "currencies.minor_per_major") }}
            as left_value,
            unequal.left_system as right_system,
            {{ amount_text("unequal.right_minor", "currencies.minor_per_major") }}
            as right_value,
            unequal.left_minor - unequal.right_minor as difference_minor,
            unequal.left_system as target_system,
            unequal.target_object,
            unequal.target_record_id,
            unequal.target_field,
            {{
                amount_text(
                    "greatest(unequal.left_minor, unequal.right_minor)",
                    "currencies.minor_per_major",
                )
            }} as proposed_value
        from unequal
        inner join currencies using (currency)
        left join customers on customers.customer_id = unequal.customer_id
    )

    {{
        breaks(
            [
                "customer_id",
                "currency",
                "period",
                "left_system",
                "left_value",
                "right_system",
                "right_value",
                "difference_minor",
                "target_system",
                "target_object",
                "target_record_id",
                "target_field",
                "proposed_value",
            ]
        )
    }}
