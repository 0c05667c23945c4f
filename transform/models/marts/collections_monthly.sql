with

    receivables as (select * from {{ ref("receivables_monthly") }}),

    totals as (
        select
            month,
            max(days_count) as days_count,
            max(trailing_days_count) as trailing_days_count,
            {% for measure in [
                "receivables",
                "current",
                "overdue_1_30",
                "overdue_31_60",
                "overdue_61_90",
                "overdue_over_90",
                "billings",
                "opening_receivables",
                "trailing_billings",
            ] %}
                {{ sum_minor(measure ~ "_usd_minor") }} as {{ measure }}_usd_minor
                {{- "," if not loop.last }}
            {% endfor %}
        from receivables
        group by month
    ),

    -- Back from each month, what was billed after the earlier month and until its end.
    walked as (
        select
            totals.month,
            totals.receivables_usd_minor,
            earlier.month as earlier_month,
            earlier.days_count,
            earlier.billings_usd_minor,
            cast(
                sum(earlier.billings_usd_minor) over (
                    partition by totals.month order by earlier.month desc
                ) as bigint
            ) as billed_since_usd_minor
        from totals
        inner join totals as earlier on earlier.month <= totals.month
    ),

    counted as (
        select
            month,
            case
                when billed_since_usd_minor < receivables_usd_minor
                then 100 * days_count
                when
                    billed_since_usd_minor - billings_usd_minor < receivables_usd_minor
                    and billings_usd_minor > 0
                then
                    {{
                        div_half_up(
                            "100 * days_count * (receivables_usd_minor"
                            ~ " - billed_since_usd_minor + billings_usd_minor)",
                            "billings_usd_minor",
                        )
                    }}
                else cast(0 as bigint)
            end as hundredth_days,
            billed_since_usd_minor >= receivables_usd_minor as is_consumed
        from walked
    ),

    countback as (
        select
            month,
            -- Receivables from before the first month cannot be walked back to.
            case
                when max(case when is_consumed then 1 else 0 end) = 1
                then cast(sum(hundredth_days) as bigint)
            end as dso_countback_hundredth_days
        from counted
        group by month
    )

select
    totals.*,
    countback.dso_countback_hundredth_days,
    {{
        ratio(
            "totals.receivables_usd_minor * totals.trailing_days_count",
            "totals.trailing_billings_usd_minor",
            100,
        )
    }} as dso_simple_hundredth_days,
    {{
        ratio(
            "totals.current_usd_minor * totals.trailing_days_count",
            "totals.trailing_billings_usd_minor",
            100,
        )
    }} as best_possible_dso_hundredth_days,
    {{
        ratio(
            "(totals.receivables_usd_minor - totals.current_usd_minor)"
            ~ " * totals.trailing_days_count",
            "totals.trailing_billings_usd_minor",
            100,
        )
    }} as average_days_delinquent_hundredth_days,
    {{
        ratio(
            "totals.opening_receivables_usd_minor + totals.billings_usd_minor"
            ~ " - totals.receivables_usd_minor",
            "totals.opening_receivables_usd_minor + totals.billings_usd_minor"
            ~ " - totals.current_usd_minor",
            10000,
        )
    }} as collection_effectiveness_basis_points
from totals
left join countback using (month)
