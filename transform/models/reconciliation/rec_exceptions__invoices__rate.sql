-- Of a handful of invoices one is many percent, and says nothing.
{% set at_least = 3 %}

with

    shares as (
        select *
        from {{ ref("operational_shares_monthly") }}
        where metric = 'invoice_exception_rate' and level = 'legal_entity'
    ),

    metrics as (select * from {{ ref("operational_metrics") }}),

    found as (
        select
            'invoices:'
            || shares.level_value
            || ':'
            || {{ iso_day("shares.month") }} as record_key,
            'Of '
            || cast(shares.total as {{ dbt.type_string() }})
            || ' invoices that '
            || shares.level_value
            || ' issued in the month of '
            || {{ iso_day("shares.month") }}
            || ' '
            || cast(shares.counted as {{ dbt.type_string() }})
            || ' had an exception' as subject,
            shares.month as period,
            'operations' as left_system,
            cast(shares.share_basis_points as {{ dbt.type_string() }}) as left_value,
            'policy' as right_system,
            cast(metrics.target_basis_points as {{ dbt.type_string() }}) as right_value
        from shares
        inner join
            metrics
            on metrics.metric = shares.metric
            and metrics.version = shares.version
        where
            shares.counted >= {{ at_least }}
            and shares.share_basis_points > metrics.target_basis_points
    )

    {{ breaks(["period", "left_system", "left_value", "right_system", "right_value"]) }}
