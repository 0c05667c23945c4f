with

    expected as (
        select * from {{ ref("int_erp__expected_invoices") }} where status <> 'void'
    ),

    erp_invoices as (
        select * from {{ ref("int_erp__invoices") }} where status <> 'void'
    ),

    missing as (select * from {{ ref("rec_stripe__erp__invoices") }}),

    surplus as (select * from {{ ref("rec_erp__stripe__invoices") }}),

    moved as (select * from {{ ref("rec_erp__billing__posting_period") }}),

    differing as (select * from {{ ref("rec_stripe__erp__invoice_total") }}),

    currencies as (select * from {{ ref("currencies") }}),

    invoiced as (
        select
            erp_system,
            {{ first_of_month("issued_on") }} as month,
            currency,
            {{ sum_minor("total_minor") }} as invoiced_minor
        from expected
        group by erp_system, {{ first_of_month("issued_on") }}, currency
    ),

    posted as (
        select
            erp_system,
            {{ first_of_month("issued_on") }} as month,
            currency,
            {{ sum_minor("total_minor") }} as posted_minor
        from erp_invoices
        group by erp_system, {{ first_of_month("issued_on") }}, currency
    ),

    -- Each difference of one invoice that another check reports.
    reasons as (
        select right_system as erp_system, period, currency, difference_minor
        from missing
        union all
        select left_system as erp_system, period, currency, - difference_minor
        from surplus
        union all
        select right_system as erp_system, period, currency, difference_minor
        from differing
        union all
        select right_system as erp_system, period, currency, difference_minor
        from moved
        union all
        select
            right_system as erp_system,
            {{ first_of_month("cast(right_value as date)") }} as period,
            currency,
            - difference_minor as difference_minor
        from moved
    ),

    explained as (
        select
            erp_system,
            period as month,
            currency,
            {{ sum_minor("difference_minor") }} as explained_minor
        from reasons
        group by erp_system, period, currency
    ),

    compared as (
        select
            erp_system,
            month,
            currency,
            coalesce(invoiced.invoiced_minor, 0) as invoiced_minor,
            coalesce(posted.posted_minor, 0) as posted_minor
        from invoiced
        full join posted using (erp_system, month, currency)
    ),

    found as (
        select
            'concord:invoiced:'
            || compared.erp_system
            || ':'
            || compared.currency
            || ':'
            || {{ iso_day("compared.month") }} as record_key,
            'Invoices in '
            || compared.currency
            || ' of the month of '
            || {{ iso_day("compared.month") }}
            || ' sum to another total in '
            || compared.erp_system
            || ' than in billing' as subject,
            compared.currency,
            compared.month as period,
            'stripe' as left_system,
            {{ amount_text("compared.invoiced_minor", "currencies.minor_per_major") }}
            as left_value,
            compared.erp_system as right_system,
            {{ amount_text("compared.posted_minor", "currencies.minor_per_major") }}
            as right_value,
            compared.invoiced_minor - compared.posted_minor as difference_minor,
            case
                when
                    compared.invoiced_minor - compared.posted_minor
                    = explained.explained_minor
                then 'known_exception'
            end as explained_by
        from compared
        left join
            explained
            on explained.erp_system = compared.erp_system
            and explained.month = compared.month
            and explained.currency = compared.currency
        left join currencies on currencies.currency = compared.currency
        where compared.invoiced_minor <> compared.posted_minor
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
                "explained_by",
            ]
        )
    }}
