with

    opportunities as (select * from {{ ref("int_opportunities__valued") }}),

    months as (select * from {{ ref("int_calendar__months") }}),

    probabilities as (select * from {{ ref("stage_probabilities") }}),

    -- A closed opportunity was open until the day it closed; what it was worth then is
    -- not kept, so it counts with what it is worth now.
    open_at_end as (
        select months.month, months.closes_before, opportunities.*
        from months
        inner join
            opportunities
            on opportunities.created_on < months.closes_before
            and (
                not opportunities.is_closed
                or opportunities.closes_on >= months.closes_before
            )
    ),

    staged as (
        select
            *,
            -- The stage is known from the day of the last change on.
            case when modified_on < closes_before then stage end as stage_then
        from open_at_end
    ),

    likely as (
        select
            staged.*,
            case
                when staged.stage_then is null
                then cast(null as bigint)
                when staged.probability_percent is not null
                then cast(staged.probability_percent * 100 as bigint)
                else probabilities.probability_basis_points
            end as probability_basis_points
        from staged
        left join probabilities on probabilities.stage = staged.stage_then
    )

select
    salesforce_opportunity_id,
    month,
    opportunity_type,
    coalesce(stage_then, 'unknown') as stage,
    currency,
    is_won,
    case when is_closed then closes_on end as closed_on,
    coalesce(total_minor, 0) as open_minor,
    total_minor is null as is_unvalued,
    probability_basis_points,
    {{ div_half_up("total_minor * probability_basis_points", "10000") }}
    as weighted_minor
from likely
