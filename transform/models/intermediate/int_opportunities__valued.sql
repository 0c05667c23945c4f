with

    opportunities as (
        select * from {{ ref("stg_salesforce__opportunities") }} where not is_deleted
    ),

    currencies as (select * from {{ ref("currencies") }})

select
    opportunities.salesforce_opportunity_id,
    opportunities.opportunity_type,
    opportunities.stage,
    opportunities.probability_percent,
    opportunities.currency,
    {{ to_minor("opportunities.total_amount", "currencies.minor_per_major") }}
    as total_minor,
    {{ utc_date("opportunities.created_at") }} as created_on,
    {{ utc_date("opportunities.modified_at") }} as modified_on,
    opportunities.closes_on,
    opportunities.is_closed,
    opportunities.is_won
from opportunities
-- Without a rate it is held, and in no amount.
inner join currencies using (currency)
