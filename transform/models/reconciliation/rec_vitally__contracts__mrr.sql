with
    segments as (
        select *
        from {{ ref("contract_segments") }}
        where
            is_recurring and starts_on <= {{ as_of() }} and ends_before > {{ as_of() }}
    ),
    accounts as (select * from {{ ref("stg_vitally__accounts") }} where not is_deleted),
    customer_records as (select * from {{ ref("customer_records") }}),
    customers as (select * from {{ ref("customers") }}),
    currencies as (select * from {{ ref("currencies") }}),
    contracted as (
        select
            customer_id,
            max(currency) as currency,
            {{ sum_minor("mrr_minor") }} as mrr_minor,
            {{ sum_minor("arr_minor") }} as arr_minor,
            {{ sum_minor("gross_arr_minor") }} as gross_arr_minor
        from segments
        group by customer_id
    ),
    found as (

        select
            'vitally:accounts:' || accounts.vitally_account_id as record_key,
            records.customer_id,
            {{ customer_name("customers.legal_name", "records.customer_id") }}
            || ' has other recurring revenue in customer success than by contract'
            as subject,
            contracted.currency,
            'salesforce' as left_system,
            cast(contracted.mrr_minor as {{ dbt.type_string() }}) as left_value,
            'vitally' as right_system,
            {{ json_text("accounts.record", ["mrr"]) }} as right_value
        from accounts
        inner join
            customer_records as records
            on records.system = 'vitally'
            and records.record_id = accounts.vitally_account_id
        inner join contracted on contracted.customer_id = records.customer_id
        inner join currencies on currencies.currency = contracted.currency
        left join customers on customers.customer_id = records.customer_id
        where
            abs(
                12
                * currencies.minor_per_major
                * cast({{ json_text("accounts.record", ["mrr"]) }} as decimal(18, 2))
                - contracted.gross_arr_minor
            )
            > 12 * currencies.minor_per_major
            and abs(
                12
                * currencies.minor_per_major
                * cast({{ json_text("accounts.record", ["mrr"]) }} as decimal(18, 2))
                - contracted.arr_minor
            )
            > 12 * currencies.minor_per_major

    )

    {{
        breaks(
            [
                "customer_id",
                "left_system",
                "left_value",
                "right_system",
                "right_value",
                "currency",
            ]
        )
    }}
