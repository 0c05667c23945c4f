with

    customers as (select * from {{ ref("customers") }}),

    records as (select * from {{ ref("customer_records") }}),

    stripe as (select * from {{ ref("stg_stripe__customers") }} where not is_deleted),

    chargebee as (
        select * from {{ ref("stg_chargebee__customers") }} where not is_deleted
    ),

    erp_customers as (select * from {{ ref("int_erp__customers") }}),

    memos as (select * from {{ ref("int_erp__credit_memos") }}),

    currencies as (select * from {{ ref("currencies") }}),

    stated as (
        select
            'stripe' as billing_system,
            'netsuite' as erp_system,
            'stripe:customer:' || stripe_customer_id as record_key,
            stripe_customer_id as record_id,
            currency,
            coalesce(credit_balance_minor, 0) as credit_minor
        from stripe

        union all

        select
            'chargebee' as billing_system,
            'business_central' as erp_system,
            'chargebee:customer:' || chargebee_customer_id as record_key,
            chargebee_customer_id as record_id,
            currency,
            coalesce(credit_balance_minor, 0) as credit_minor
        from chargebee
    ),

    owed as (
        select
            stated.billing_system,
            stated.erp_system,
            records.customer_id,
            stated.currency,
            min(stated.record_key) as record_key,
            {{ sum_minor("stated.credit_minor") }} as credit_minor
        from stated
        inner join
            records
            on records.system = stated.billing_system
            and records.record_id = stated.record_id
        group by
            stated.billing_system,
            stated.erp_system,
            records.customer_id,
            stated.currency
    ),

    known as (
        select erp_system, customer_id
        from erp_customers
        group by erp_system, customer_id
    ),

    -- What a memo of the books still holds for the customer.
    credited as (
        select
            memos.erp_system,
            erp_customers.customer_id,
            memos.currency,
            {{ sum_minor("memos.open_minor") }} as credit_minor
        from memos
        inner join
            erp_customers
            on erp_customers.erp_system = memos.erp_system
            and erp_customers.erp_customer_id = memos.erp_customer_id
        group by memos.erp_system, erp_customers.customer_id, memos.currency
    ),

    found as (
        select
            owed.record_key,
            owed.currency as part,
            owed.customer_id,
            {{ customer_name("customers.legal_name", "owed.customer_id") }}
            || ' has another credit in billing than in the ERP' as subject,
            owed.currency,
            owed.billing_system as left_system,
            {{ amount_text("owed.credit_minor", "currencies.minor_per_major") }}
            as left_value,
            owed.erp_system as right_system,
            {{
                amount_text(
                    "coalesce(credited.credit_minor, 0)", "currencies.minor_per_major"
                )
            }} as right_value,
            owed.credit_minor - coalesce(credited.credit_minor, 0) as difference_minor
        from owed
        inner join known using (erp_system, customer_id)
        inner join currencies on currencies.currency = owed.currency
        left join
            credited
            on credited.erp_system = owed.erp_system
            and credited.customer_id = owed.customer_id
            and credited.currency = owed.currency
        left join customers on customers.customer_id = owed.customer_id
        where owed.credit_minor <> coalesce(credited.credit_minor, 0)
    )

    {{
        breaks(
            [
                "customer_id",
                "part",
                "currency",
                "left_system",
                "left_value",
                "right_system",
                "right_value",
                "difference_minor",
            ]
        )
    }}
