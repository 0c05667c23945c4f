with

    deferred as (select * from {{ ref("deferred_revenue_monthly") }}),

    invoices as (select * from {{ ref("invoices") }} where status <> 'void'),

    currencies as (select * from {{ ref("currencies") }}),

    invoiced as (
        select
            {{ first_of_month("issued_on") }} as month,
            currency,
            {{ sum_minor("net_minor") }} as invoiced_minor
        from invoices
        group by {{ first_of_month("issued_on") }}, currency
    ),

    compared as (
        select
            month,
            currency,
            currencies.minor_per_major,
            deferred.opening_minor
            + coalesce(invoiced.invoiced_minor, 0)
            - deferred.revenue_minor as rolled_minor,
            deferred.closing_minor
        from deferred
        left join invoiced using (month, currency)
        inner join currencies using (currency)
    ),

    found as (
        select
            'concord:deferred_revenue:'
            || currency
            || ':'
            || {{ iso_day("month") }} as record_key,
            'Deferred revenue in '
            || currency
            || ' does not roll forward in the month of '
            || {{ iso_day("month") }} as subject,
            currency,
            month as period,
            'roll-forward' as left_system,
            {{ amount_text("rolled_minor", "minor_per_major") }} as left_value,
            'invoice lines' as right_system,
            {{ amount_text("closing_minor", "minor_per_major") }} as right_value,
            rolled_minor - closing_minor as difference_minor
        from compared
        where rolled_minor <> closing_minor
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
