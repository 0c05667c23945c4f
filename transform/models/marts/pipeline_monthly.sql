with

    opportunities as (select * from {{ ref("int_opportunities__month_ends") }}),

    currencies as (select * from {{ ref("currencies") }}),

    staged as (
        select
            month,
            currency,
            stage,
            count(*) as opportunities_count,
            {{ sum_minor("open_minor") }} as open_minor,
            -- Of a stage without a known chance there is no weighted amount, not one
            -- of 0.
            cast(
                sum(
                    case
                        when probability_basis_points is not null
                        then coalesce(weighted_minor, 0)
                    end
                ) as bigint
            ) as weighted_minor,
            {{
                sum_minor(
                    "case when weighted_minor is null then open_minor else 0 end"
                )
            }} as unweighted_minor,
            {{ sum_minor("case when is_unvalued then 1 else 0 end") }}
            as without_amount_count
        from opportunities
        group by month, currency, stage
    )

select
    staged.month,
    staged.currency,
    staged.stage,
    staged.opportunities_count,
    staged.without_amount_count,
    {% for measure in ["open", "weighted", "unweighted"] %}
        staged.{{ measure }}_minor,
        {{
            to_usd_minor(
                "staged." ~ measure ~ "_minor", "currencies.usd_micros_per_minor"
            )
        }} as {{ measure }}_usd_minor {{- "," if not loop.last }}
    {% endfor %}
from staged
inner join currencies using (currency)
