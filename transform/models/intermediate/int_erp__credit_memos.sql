with

    netsuite as (
        select *
        from {{ ref("stg_netsuite__credit_memos") }}
        where not is_deleted and coalesce(status, '') not like '%Voided'
    ),

    credit_applications as (
        select *
        from {{ ref("stg_netsuite__credit_applications") }}
        where not is_deleted
    ),

    refund_applications as (
        select *
        from {{ ref("stg_netsuite__refund_applications") }}
        where not is_deleted
    ),

    central as (
        select *
        from {{ ref("stg_business_central__sales_credit_memos") }}
        where not is_deleted and status not in ('Draft', 'Canceled')
    ),

    currencies as (select * from {{ ref("currencies") }}),

    -- What a memo lowered an invoice by, and what was paid out of it.
    uses as (
        select netsuite_credit_memo_id, applied_amount
        from credit_applications
        union all
        select netsuite_credit_memo_id, applied_amount
        from refund_applications
    ),

    used as (
        select netsuite_credit_memo_id, sum(applied_amount) as used_amount
        from uses
        group by netsuite_credit_memo_id
    ),

    memos as (
        select
            'netsuite' as erp_system,
            netsuite.netsuite_credit_memo_id as erp_credit_memo_id,
            netsuite.netsuite_customer_id as erp_customer_id,
            netsuite.number,
            netsuite.stripe_credit_note_id,
            netsuite.currency,
            netsuite.total_amount,
            netsuite.total_amount - coalesce(used.used_amount, 0) as open_amount
        from netsuite
        left join used using (netsuite_credit_memo_id)

        union all

        select
            'business_central' as erp_system,
            business_central_credit_memo_id as erp_credit_memo_id,
            {{ json_text("record", ["customerId"]) }} as erp_customer_id,
            external_document_number as number,
            cast(null as {{ dbt.type_string() }}) as stripe_credit_note_id,
            {{ json_text("record", ["currencyCode"]) }} as currency,
            total_amount,
            cast(
                {{ json_text("record", ["remainingAmount"]) }} as decimal(38, 9)
            ) as open_amount
        from central
    )

select
    memos.erp_system,
    memos.erp_credit_memo_id,
    memos.erp_customer_id,
    memos.number,
    memos.stripe_credit_note_id,
    memos.currency,
    {{ to_minor("memos.total_amount", "currencies.minor_per_major") }} as total_minor,
    {{ to_minor("memos.open_amount", "currencies.minor_per_major") }} as open_minor
from memos
inner join currencies using (currency)
