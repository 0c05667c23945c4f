with

    breaks as (select * from {{ ref("breaks") }}),

    currencies as (select * from {{ ref("currencies") }}),

    loads as (select *, max(loaded_at) over () as newest_at from {{ ref("loads") }}),

    -- The properties of each check are its own, in the properties files.
    described as (
        {% for check in checks() %}
            {{ check_properties(check) }} {{ "union all" if not loop.last }}
        {% endfor %}
    ),

    unready as ({{ unready_inputs(checks()) }}),

    unready_models as (select model, min(reason) as reason from unready group by model),

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
    described.push_class,
    described.repair,
    described.service_level_hours,
    described.disorder,
    case
        when unready_models.reason is not null or described.compared = 0
        then 'not_run'
        when coalesce(counted.breaks, 0) > coalesce(counted.explained, 0)
        then 'failed'
        else 'passed'
    end as status,
    coalesce(
        unready_models.reason,
        case
            when described.compared = 0
            then 'nothing to compare: ' || described.population || ' is empty'
        end
    ) as not_run_because,
    described.compared,
    coalesce(counted.breaks, 0) as breaks,
    coalesce(counted.explained, 0) as explained,
    coalesce(counted.difference_usd_minor, 0) as difference_usd_minor
from described
left join counted using (check_id)
left join unready_models using (model)
