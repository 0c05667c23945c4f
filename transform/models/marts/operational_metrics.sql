with definitions as (select * from {{ ref("operational_metric_versions") }})

select
    metric,
    version,
    effective_on,
    lead(effective_on, 1, cast('9999-12-31' as date)) over (
        partition by metric order by version
    ) as effective_before,
    label,
    kind,
    within_seconds,
    target_basis_points,
    definition,
    unavailable_because
from definitions
