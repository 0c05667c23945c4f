with

    segments as (
        select *
        from {{ ref("subscription_segments") }}
        where recorded_to is null and customer_id is not null
    ),

    features as (select * from {{ ref("product_features") }}),

    granted as (
        select
            segments.customer_id,
            -- A product of which nobody said what it grants grants itself.
            coalesce(features.feature, segments.product_id) as feature,
            coalesce(features.tier, '') as tier,
            case
                when segments.is_paused
                then 'paused'
                when segments.is_trial
                then 'trial'
                else 'subscription'
            end as reason,
            segments.meter_id is null as is_limited,
            coalesce(segments.quantity, 0) as quantity,
            segments.valid_from,
            segments.valid_to
        from segments
        left join features on features.product_id = segments.product_id
        where segments.product_id is not null
    ),

    edges as (
        select
            customer_id,
            feature,
            tier,
            reason,
            is_limited,
            valid_from as edge_on,
            1 as grants,
            quantity
        from granted

        union all

        select
            customer_id,
            feature,
            tier,
            reason,
            is_limited,
            valid_to as edge_on,
            -1 as grants,
            - quantity as quantity
        from granted
        where valid_to is not null
    ),

    -- What ends on the day on which as much begins is no edge.
    steps as (
        select
            customer_id,
            feature,
            tier,
            reason,
            is_limited,
            edge_on,
            sum(grants) as grants,
            sum(quantity) as change
        from edges
        group by customer_id, feature, tier, reason, is_limited, edge_on
        having sum(quantity) <> 0 or sum(grants) <> 0
    ),

    held as (
        select
            *,
            sum(grants) over (
                partition by customer_id, feature, tier, reason, is_limited
                order by edge_on
            ) as grants_held,
            sum(change) over (
                partition by customer_id, feature, tier, reason, is_limited
                order by edge_on
            ) as quantity_held,
            lead(edge_on) over (
                partition by customer_id, feature, tier, reason, is_limited
                order by edge_on
            ) as valid_to
        from steps
    )

select
    customer_id
    || ':'
    || feature
    || case when tier <> '' then ':' || tier else '' end
    || ':'
    || reason
    || ':'
    || {{ iso_day("edge_on") }} as entitlement_id,
    customer_id,
    feature,
    nullif(tier, '') as tier,
    case when is_limited then cast(quantity_held as bigint) end as limit_quantity,
    reason <> 'paused' as is_granted,
    reason,
    edge_on as valid_from,
    valid_to
from held
where grants_held > 0
