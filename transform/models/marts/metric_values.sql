-- Each import is named as the mart is, because the semantic layer names them so.
with

    {% for mart in [
        ref("customers"),
        ref("arr_movements"),
        ref("arr_committed_monthly"),
        ref("retention_levels_monthly"),
        ref("renewals_monthly"),
        ref("bookings_monthly"),
        ref("pipeline_monthly"),
        ref("pipeline_outcomes_monthly"),
        ref("quote_to_cash_monthly"),
        ref("deferred_revenue_monthly"),
        ref("remaining_obligations_monthly"),
        ref("usage_run_rate_monthly"),
        ref("receivables_monthly"),
        ref("collections_monthly"),
    ] %}
        {{ mart.identifier }} as (select * from {{ mart }}),
    {% endfor %}

    customer_dimensions as ({{ customer_dimensions() }}),

    {{ measured_levels() }}

    metric_rows as (
        {% for metric in computed_metrics() %}
            select
                cast('{{ metric.name }}' as varchar) as metric,
                month,
                cast('{{ metric.level }}' as varchar) as level,
                level_value,
                cast({{ metric.expression }} as bigint) as value,
                cast('{{ metric.unit }}' as varchar) as unit,
                cast({{ metric.version }} as bigint) as policy_version
            from {{ metric.source }} {{ "union all" if not loop.last }}
        {% endfor %}
    )

select
    metric,
    month,
    level,
    level_value,
    value,
    unit,
    {{ as_of() }} as as_of,
    policy_version
from metric_rows
where value is not null
