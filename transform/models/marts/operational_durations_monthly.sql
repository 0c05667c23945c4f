-- Kaplan-Meier: of those that had not ended by then, the share that did, multiplied. So
-- what is still open counts as long as it was seen, and no more.
{% set cell = "metric, month, level, level_value" %}

with

    spans as (select * from {{ ref("operational_spans") }}),

    metrics as (select * from {{ ref("operational_metrics") }}),

    levelled as ({{ at_operational_levels("spans", ["seconds", "outcome"]) }}),

    judged as (
        select levelled.*, metrics.version, metrics.within_seconds
        from levelled
        inner join
            metrics
            on metrics.metric = levelled.metric
            and metrics.effective_on <= levelled.month
            and metrics.effective_before > levelled.month
    ),

    counted as (
        select
            {{ cell }},
            version,
            count(*) as cases_count,
            {{ sum_minor("case when outcome = 'ended' then 1 else 0 end") }}
            as ended_count,
            {{ sum_minor("case when outcome = 'open' then 1 else 0 end") }}
            as open_count,
            {{
                sum_minor(
                    "case when outcome = 'open' and seconds > within_seconds"
                    " then 1 else 0 end"
                )
            }} as late_count
        from judged
        group by {{ cell }}, version
    ),

    timed as (
        select
            {{ cell }},
            seconds,
            count(*) as leaving,
            sum(case when outcome = 'ended' then 1 else 0 end) as ended
        from judged
        group by {{ cell }}, seconds
    ),

    at_risk as (
        select
            *,
            sum(leaving) over (partition by {{ cell }} order by seconds desc) as at_risk
        from timed
    ),

    -- Where all that were left ended, nothing is left to multiply.
    survived as (
        select
            {{ cell }},
            seconds,
            ended,
            case
                when ended = at_risk
                then 0
                else
                    cast(
                        exp(
                            sum(
                                {{
                                    natural_log(
                                        "case when ended = at_risk then 1"
                                        " else at_risk - ended end"
                                    )
                                }} - {{ natural_log("at_risk") }}
                            ) over (partition by {{ cell }} order by seconds)
                        ) as decimal(12, 9)
                    )
            end as surviving
        from at_risk
    ),

    quantiles as (
        select
            {{ cell }},
            min(
                case when ended > 0 and surviving <= 0.5 then seconds end
            ) as median_seconds,
            min(
                case when ended > 0 and surviving <= 0.05 then seconds end
            ) as p95_seconds
        from survived
        group by {{ cell }}
    )

select
    counted.metric,
    counted.version,
    counted.month,
    counted.level,
    counted.level_value,
    counted.cases_count,
    counted.ended_count,
    counted.open_count,
    counted.late_count,
    quantiles.median_seconds,
    quantiles.p95_seconds
from counted
inner join
    quantiles
    on quantiles.metric = counted.metric
    and quantiles.month = counted.month
    and quantiles.level = counted.level
    and quantiles.level_value = counted.level_value
