with
    received as (
        select * from {{ ref("stg_netsuite__payments") }} where not is_deleted
    ),
    paid as (select * from {{ ref("payments") }}),
    customers as (select * from {{ ref("customers") }}),
    currencies as (select * from {{ ref("currencies") }}),
    repeated as (
        select
            number,
            currency,
            max(netsuite_payment_id) as netsuite_payment_id,
            min(stripe_payment_id) as stripe_payment_id,
            max(total_amount) as total_amount,
            count(*) as copies
        from received
        group by number, currency, netsuite_customer_id, paid_on
        having count(*) > 1
    ),
    found as (

        select
            'netsuite:payment:' || repeated.netsuite_payment_id as record_key,
            'payment:' || repeated.number as grain_key,
            paid.customer_id,
            'Payment '
            || repeated.number
            || ' of '
            || {{ customer_name("customers.legal_name", "paid.customer_id") }}
            || ' is posted more than once' as subject,
            repeated.currency,
            'stripe' as left_system,
            '1' as left_value,
            'netsuite' as right_system,
            cast(repeated.copies as {{ dbt.type_string() }}) as right_value,
            {{ to_minor("repeated.total_amount", "currencies.minor_per_major") }}
            as difference_minor
        from repeated
        inner join currencies on currencies.currency = repeated.currency
        left join paid on paid.payment_id = repeated.stripe_payment_id
        left join customers on customers.customer_id = paid.customer_id

    )

    {{
        breaks(
            [
                "customer_id",
                "left_system",
                "left_value",
                "right_system",
                "right_value",
                "grain_key",
                "currency",
                "difference_minor",
            ]
        )
    }}
