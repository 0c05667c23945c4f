-- What a mart says ready to read and what the semantic layer makes of the same rows.
{% set surfaces = [
    ("arr", "arr_monthly", "closing_usd_minor"),
    ("opening_arr", "arr_monthly", "opening_usd_minor"),
    ("new_arr", "arr_monthly", "new_usd_minor"),
    ("churned_arr", "arr_monthly", "churn_usd_minor"),
    ("customers", "arr_monthly", "customers_count"),
    ("nrr", "retention_monthly", "nrr_basis_points"),
    ("grr", "retention_monthly", "grr_basis_points"),
    ("receivables", "collections_monthly", "receivables_usd_minor"),
    ("dso_simple", "collections_monthly", "dso_simple_hundredth_days"),
] %}

with

    metric_values as (select * from {{ ref("metric_values") }} where level = 'company'),

    arr_monthly as (select * from {{ ref("arr_monthly") }}),

    retention_monthly as (select * from {{ ref("retention_monthly") }}),

    collections_monthly as (select * from {{ ref("collections_monthly") }}),

    compared as (
        {% for metric, mart, column in surfaces %}
            select
                '{{ metric }}' as metric,
                '{{ mart }}' as mart,
                {{ mart }}.month,
                {{ mart }}.{{ column }} as mart_value,
                metric_values.value as metric_value
            from {{ mart }}
            left join
                metric_values
                on metric_values.metric = '{{ metric }}'
                and metric_values.month = {{ mart }}.month
                {{ "union all" if not loop.last }}
        {% endfor %}
    ),

    found as (
        select
            'marts:' || metric || ':' || {{ iso_day("month") }} as record_key,
            metric
            || ' of '
            || {{ iso_day("month") }}
            || ' is another number in '
            || mart
            || ' than among the metrics' as subject,
            month as period,
            mart as left_system,
            cast(mart_value as {{ dbt.type_string() }}) as left_value,
            'metric_values' as right_system,
            cast(metric_value as {{ dbt.type_string() }}) as right_value
        from compared
        where mart_value is distinct from metric_value
    )

    {{ breaks(["period", "left_system", "left_value", "right_system", "right_value"]) }}
