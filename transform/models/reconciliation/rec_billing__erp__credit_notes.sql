with

    notes as (select * from {{ ref("credit_notes") }} where status = 'issued'),

    lines as (select * from {{ ref("credit_note_lines") }}),

    memos as (
        select
            *,
            case
                when erp_system = 'netsuite' then stripe_credit_note_id else number
            end as reference
        from {{ ref("int_erp__credit_memos") }}
    ),

    records as (select * from {{ ref("customer_records") }}),

    customers as (select * from {{ ref("customers") }}),

    currencies as (select * from {{ ref("currencies") }}),

    -- What is asked as soon as it has customers: books without any memo miss all.
    answering as (
        select system as erp_system
        from records
        where system in ('netsuite', 'business_central')
        group by system
    ),

    -- Chargebee writes a note without lines for each refund of a payment: the books
    -- have
    -- the refund.
    credited as (
        select billing_system, credit_note_id
        from lines
        group by billing_system, credit_note_id
    ),

    expected as (
        select
            notes.*,
            case
                when notes.billing_system = 'stripe'
                then 'netsuite'
                else 'business_central'
            end as erp_system,
            case
                when notes.billing_system = 'stripe'
                then notes.credit_note_id
                else notes.number
            end as erp_reference
        from notes
        inner join credited using (billing_system, credit_note_id)
    ),

    compared as (
        select
            expected.billing_system,
            expected.credit_note_id,
            expected.customer_id,
            expected.invoice_id,
            expected.number,
            expected.issued_on,
            expected.currency,
            expected.erp_system,
            expected.total_minor,
            memos.erp_credit_memo_id,
            memos.total_minor as erp_total_minor
        from expected
        inner join answering on answering.erp_system = expected.erp_system
        left join
            memos
            on memos.erp_system = expected.erp_system
            and memos.reference = expected.erp_reference
    ),

    found as (
        select
            compared.billing_system
            || ':credit_note:'
            || compared.credit_note_id as record_key,
            coalesce(compared.erp_credit_memo_id, 'missing') as part,
            compared.customer_id,
            'Credit note '
            || compared.number
            || ' of '
            || {{ customer_name("customers.legal_name", "compared.customer_id") }}
            || case
                when compared.erp_credit_memo_id is null
                then ' is not posted in '
                else ' has another total in '
            end
            || compared.erp_system as subject,
            compared.currency,
            {{ first_of_month("compared.issued_on") }} as period,
            compared.billing_system as left_system,
            {{ amount_text("compared.total_minor", "currencies.minor_per_major") }}
            as left_value,
            compared.erp_system as right_system,
            {{ amount_text("compared.erp_total_minor", "currencies.minor_per_major") }}
            as right_value,
            coalesce(compared.erp_total_minor, 0)
            - compared.total_minor as difference_minor,
            compared.erp_system as target_system,
            'credit_memo' as target_object,
            compared.credit_note_id as target_record_id,
            'total' as target_field,
            {{ amount_text("compared.total_minor", "currencies.minor_per_major") }}
            as proposed_value
        from compared
        inner join currencies on currencies.currency = compared.currency
        left join customers on customers.customer_id = compared.customer_id
        where compared.total_minor is distinct from compared.erp_total_minor
    )

    {{
        breaks(
            [
                "customer_id",
                "part",
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
