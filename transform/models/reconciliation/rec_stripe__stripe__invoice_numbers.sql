with
    invoices as (
        select *
        from {{ ref("stg_stripe__invoices") }}
        where not is_deleted and number is not null and status <> 'draft'
    ),
    customer_records as (select * from {{ ref("customer_records") }}),
    customers as (select * from {{ ref("customers") }}),
    numbered as (
        select
            invoices.stripe_invoice_id,
            invoices.number,
            records.customer_id,
            split_part(invoices.number, '-', 1) as prefix,
            cast(split_part(invoices.number, '-', 2) as bigint) as sequence
        from invoices
        left join
            customer_records as records
            on records.system = 'stripe'
            and records.record_id = invoices.stripe_customer_id
    ),
    compared as (
        select
            *,
            coalesce(
                lag(sequence) over (
                    partition by prefix order by sequence, stripe_invoice_id
                ),
                sequence - 1
            ) as former
        from numbered
    ),
    found as (

        select
            'stripe:invoice:' || compared.stripe_invoice_id as record_key,
            'invoice:' || compared.stripe_invoice_id as grain_key,
            compared.customer_id,
            'Invoice number '
            || compared.number
            || case
                when compared.sequence = compared.former
                then ' was given twice'
                else ' has no number before it'
            end as subject,
            'stripe' as left_system,
            cast(compared.former as {{ dbt.type_string() }}) as left_value,
            'stripe' as right_system,
            cast(compared.sequence as {{ dbt.type_string() }}) as right_value
        from compared
        where compared.sequence <> compared.former + 1

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
            ]
        )
    }}
