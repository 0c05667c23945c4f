with

    retention as (
        select *
        from {{ ref("retention_levels_monthly") }}
        where level = 'parent' and segment = 'all'
    )

select
    month,
    cohort_members_count,
    retained_members_count,
    cohort_opening_usd_minor,
    cohort_net_usd_minor,
    cohort_gross_usd_minor,
    nrr_basis_points,
    grr_basis_points,
    logo_retention_basis_points,
    logo_churn_basis_points
from retention
