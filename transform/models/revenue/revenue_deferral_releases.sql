with

    measures as (select * from {{ ref("revenue_deferral_measures") }}),

    -- First billed, first recognized: how far into what was billed revenue has come,
    -- and how far it had come at the month's beginning.
    points as (
        select
            *,
            greatest(
                least(recognized_to_date_minor, billed_to_date_minor), cast(0 as bigint)
            ) as reached_minor,
            greatest(
                least(recognized_before_minor, billed_to_date_minor), cast(0 as bigint)
            ) as reached_before_minor
        from measures
    ),

    layers as (select * from measures where billed_minor <> 0),

    found as (
        select
            points.position_key,
            points.month,
            min(
                case
                    when layers.billed_to_date_minor >= points.reached_minor
                    then layers.month
                end
            ) as layer_month,
            min(
                case
                    when layers.billed_to_date_minor >= points.reached_before_minor
                    then layers.month
                end
            ) as layer_before_month
        from points
        left join
            layers
            on layers.position_key = points.position_key
            and layers.month <= points.month
        group by points.position_key, points.month
    ),

    valued as (
        select
            points.*,
            {% for point, layer in {
                "reached": "layer_month",
                "reached_before": "layer_before_month",
            }.items() %}
                case
                    when points.{{ point }}_minor = 0
                    then cast(0 as bigint)
                    else
                        {{ layer }}s.billed_functional_before_minor
                        + {{
                            share_minor(
                                "points."
                                ~ point
                                ~ "_minor - "
                                ~ layer
                                ~ "s.billed_before_minor",
                                layer ~ "s.billed_functional_minor",
                                layer ~ "s.billed_minor",
                            )
                        }}
                end as {{ point }}_functional_minor,
            {% endfor %}
            {{
                share_minor(
                    "(greatest(points.recognized_to_date_minor, points.billed_to_date_minor)"
                    ~ " - greatest(points.recognized_before_minor, points.billed_to_date_minor))",
                    "points.numerator",
                    "points.denominator",
                )
            }}
            as unbilled_revenue_functional_minor,
            {{
                share_minor(
                    "greatest(points.recognized_to_date_minor"
                    ~ " - points.billed_to_date_minor, cast(0 as bigint))",
                    "points.numerator",
                    "points.denominator",
                )
            }} as asset_functional_minor
        from points
        inner join found using (position_key, month)
        left join
            layers as layer_months
            on layer_months.position_key = points.position_key
            and layer_months.month = found.layer_month
        left join
            layers as layer_before_months
            on layer_before_months.position_key = points.position_key
            and layer_before_months.month = found.layer_before_month
    )

select
    contract_id,
    position_key,
    is_unconditional,
    month,
    last_on as posted_on,
    recognized_functional_minor as stated_functional_minor,
    reached_functional_minor
    - reached_before_functional_minor
    + unbilled_revenue_functional_minor as released_functional_minor,
    reached_functional_minor,
    asset_functional_minor
from valued
