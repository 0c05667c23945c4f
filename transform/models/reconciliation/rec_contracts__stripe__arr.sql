with

    segments as (
        select *
        from {{ ref("contract_segments") }}
        where
            is_recurring and starts_on <= {{ as_of() }} and ends_before > {{ as_of() }}
    ),

    -- One of nobody is held, and no customer's.
    subscriptions as (
        select *
        from {{ ref("subscriptions") }}
        where arr_minor <> 0 and customer_id is not null
    ),

    overdue_discounts as (
        select * from {{ ref("rec_contracts__stripe__discount_end") }}
    ),

    customers as (select * from {{ ref("customers") }}),

    currencies as (select * from {{ ref("currencies") }}),

    contracted as (
        select
            customer_id,
            currency,
            {{ sum_minor("arr_minor") }} as contracted_minor,
            count(*) as lines_count
        from segments
        group by customer_id, currency
    ),

    billed as (
        select
            customer_id,
            currency,
            max(billing_system) as billing_system,
            {{ sum_minor("arr_minor") }} as billed_minor
        from subscriptions
        group by customer_id, currency
    ),

    -- What a discount that should have ended takes off is explained by S05.
    over_discounted as (
        select
            customer_id, currency, {{ sum_minor("difference_minor") }} as excess_minor
        from overdue_discounts
        group by customer_id, currency
    ),

    compared as (
        select
            customer_id,
            currency,
            coalesce(contracted.contracted_minor, 0) as contracted_minor,
            coalesce(billed.billed_minor, 0) as billed_minor,
            coalesce(billed.billing_system, 'stripe') as billing_system,
            coalesce(over_discounted.excess_minor, 0) as excess_minor,
            -- At most one unit of money, or a minor unit for each line.
            greatest(
                currencies.minor_per_major,
                cast(coalesce(contracted.lines_count, 0) as bigint)
            ) as tolerance_minor,
            currencies.minor_per_major
        from contracted
        full join billed using (customer_id, currency)
        left join over_discounted using (customer_id, currency)
        inner join currencies using (currency)
    ),

    found as (
        select
            coalesce(
                'salesforce:account:' || customers.salesforce_account_id,
                'stripe:customer:' || customers.stripe_customer_id
            ) as record_key,
            compared.customer_id,
            compared.currency as part,
            {{ customer_name("customers.legal_name", "compared.customer_id") }}
            || ' has another ARR by contract than by billing' as subject,
            compared.currency,
            'salesforce' as left_system,
            {{ amount_text("compared.contracted_minor", "compared.minor_per_major") }}
            as left_value,
            compared.billing_system as right_system,
            {{ amount_text("compared.billed_minor", "compared.minor_per_major") }}
            as right_value,
            compared.contracted_minor - compared.billed_minor as difference_minor,
            compared.tolerance_minor,
            case
                when
                    compared.excess_minor <> 0
                    and abs(
                        compared.contracted_minor
                        - compared.billed_minor
                        - compared.excess_minor
                    )
                    <= compared.tolerance_minor
                then 'known_exception'
            end as explained_by
        from compared
        left join customers on customers.customer_id = compared.customer_id
        where
            abs(compared.contracted_minor - compared.billed_minor)
            > compared.tolerance_minor
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
                "tolerance_minor",
                "explained_by",
            ]
        )
    }}
