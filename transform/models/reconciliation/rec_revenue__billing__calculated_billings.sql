{% set deferring = "('deferred', 'contract_asset', 'unbilled', 'refund_liability')" %}

with

    balances as (select * from {{ ref("revenue_balances_monthly") }}),

    items as (
        select *
        from {{ ref("bridge_items_monthly") }}
        where hand_off = 'billings_to_revenue'
    ),

    invoices as (select * from {{ ref("invoices") }} where status <> 'void'),

    currencies as (select * from {{ ref("currencies") }}),

    -- Credits and refunds, void and late invoices, those of contracts that are held,
    -- and
    -- those without one; what is deferred is calculated here, and is a contract's.
    amounts as (
        select
            entity as legal_entity_code,
            currency,
            month,
            - movement_minor as calculated_minor,
            cast(0 as bigint) as invoiced_minor
        from balances
        where
            account_role = 'revenue'
            or account_role in {{ contra_roles() }}
            or account_role in {{ deferring }}

        union all

        select
            legal_entity_code,
            currency,
            {{ first_of_month("issued_on") }} as month,
            cast(0 as bigint) as calculated_minor,
            net_minor as invoiced_minor
        from invoices

        union all

        select
            legal_entity_code,
            currency,
            month,
            cast(0 as bigint) as calculated_minor,
            amount_minor as invoiced_minor
        from items
        where
            step in ('policy', 'mapping', 'known_exception')
            or (step = 'timing' and subject_type = 'invoice')
    ),

    compared as (
        select
            legal_entity_code,
            currency,
            month,
            {{ sum_minor("calculated_minor") }} as calculated_minor,
            {{ sum_minor("invoiced_minor") }} as invoiced_minor
        from amounts
        group by legal_entity_code, currency, month
    ),

    found as (
        select
            'concord:calculated_billings:'
            || compared.legal_entity_code
            || ':'
            || compared.currency
            || ':'
            || {{ iso_day("compared.month") }} as record_key,
            'Revenue and what is deferred of '
            || compared.legal_entity_code
            || ' in '
            || compared.currency
            || ' do not come to what was invoiced in the month of '
            || {{ iso_day("compared.month") }} as subject,
            compared.currency,
            compared.month as period,
            'subledger' as left_system,
            {{ amount_text("compared.calculated_minor", "currencies.minor_per_major") }}
            as left_value,
            'billing' as right_system,
            {{ amount_text("compared.invoiced_minor", "currencies.minor_per_major") }}
            as right_value,
            compared.calculated_minor - compared.invoiced_minor as difference_minor
        from compared
        inner join currencies using (currency)
        where compared.calculated_minor <> compared.invoiced_minor
    )

    {{
        breaks(
            [
                "currency",
                "period",
                "left_system",
                "left_value",
                "right_system",
                "right_value",
                "difference_minor",
            ]
        )
    }}
