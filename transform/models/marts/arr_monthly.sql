with

    company as (select * from {{ ref("arr_rollups_monthly") }} where level = 'company'),

    committed as (
        select month, {{ sum_minor("committed_usd_minor") }} as committed_usd_minor
        from {{ ref("arr_committed_monthly") }}
        group by month
    )

select
    company.month,
    {% for measure in arr_measures() if measure != "minor" %}
        {% for amount in ["opening"] + arr_movements(measure) + ["closing"] %}
            company.{{ amount }}_{{ measure }},
        {% endfor %}
    {% endfor %}
    company.customers_count,
    coalesce(committed.committed_usd_minor, 0) as committed_usd_minor,
    -- Null while nothing was lost.
    {{
        div_half_up(
            "10000 * (new_usd_minor + reactivation_usd_minor + expansion_usd_minor)",
            "nullif(-(churn_usd_minor + contraction_usd_minor), 0)",
        )
    }} as quick_ratio_basis_points
from company
left join committed using (month)
