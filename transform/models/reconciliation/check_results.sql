with

    breaks as (select * from {{ ref("breaks") }}),

    currencies as (select * from {{ ref("currencies") }}),

    -- The properties of each check are its own, in _reconciliation.yml.
    described as (
        {% for check in checks() %}
            {{ check_properties(check) }} {{ "union all" if not loop.last }}
        {% endfor %}
    ),

    valued as (
        select
            breaks.check_id,
            breaks.explained_by,
            {{
                to_usd_minor(
                    "abs(breaks.difference_minor)", "currencies.usd_micros_per_minor"
                )
            }} as difference_usd_minor
        from breaks
        left join currencies on currencies.currency = breaks.currency
    ),

    counted as (
        select
            check_id,
            count(*) as breaks,
            count(explained_by) as explained,
            {{
                sum_minor(
                    "case when explained_by is null then difference_usd_minor else 0 end"
                )
            }}
            as difference_usd_minor
        from valued
        group by check_id
    )

select
    described.check_id,
    described.model,
    described.title,
    described.area,
    described.severity,
    described.owner,
    described.tolerance,
    described.disorder,
    described.compared,
    coalesce(counted.breaks, 0) as breaks,
    coalesce(counted.explained, 0) as explained,
    coalesce(counted.difference_usd_minor, 0) as difference_usd_minor
from described
left join counted using (check_id)
