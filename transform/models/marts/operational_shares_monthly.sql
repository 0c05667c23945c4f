{% set cell = "metric, month, level, level_value" %}

with

    counts as (select * from {{ ref("operational_counts") }}),

    metrics as (select * from {{ ref("operational_metrics") }}),

    levelled as ({{ at_operational_levels("counts", ["counted", "total"]) }}),

    summed as (
        select
            {{ cell }},
            count(*) as cases_count,
            {{ sum_minor("counted") }} as counted,
            {{ sum_minor("total") }} as total
        from levelled
        group by {{ cell }}
    )

select
    summed.metric,
    metrics.version,
    summed.month,
    summed.level,
    summed.level_value,
    summed.cases_count,
    summed.counted,
    summed.total,
    cast(
        {{ ratio("summed.counted", "summed.total", 10000) }} as bigint
    ) as share_basis_points
from summed
inner join
    metrics
    on metrics.metric = summed.metric
    and metrics.effective_on <= summed.month
    and metrics.effective_before > summed.month
