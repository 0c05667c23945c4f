-- Units and discount in force by what was billed: the running sum over the days on
-- which
-- a line's period begins or ends.
with

    lines as (select * from {{ ref("int_subscriptions__billed_lines") }}),

    edges as (
        select
            billing_system,
            subscription_id,
            price_id,
            discount_basis_points,
            starts_on as edge_on,
            quantity,
            loaded_at
        from lines

        union all

        select
            billing_system,
            subscription_id,
            price_id,
            discount_basis_points,
            ends_before as edge_on,
            - quantity as quantity,
            loaded_at
        from lines
    ),

    -- A period that follows another with as many units is no edge.
    steps as (
        select
            billing_system,
            subscription_id,
            price_id,
            discount_basis_points,
            edge_on,
            sum(quantity) as change,
            min(loaded_at) as loaded_at
        from edges
        group by
            billing_system, subscription_id, price_id, discount_basis_points, edge_on
        having sum(quantity) <> 0
    ),

    held as (
        select
            *,
            cast(
                sum(change) over (
                    partition by
                        billing_system, subscription_id, price_id, discount_basis_points
                    order by edge_on
                ) as bigint
            ) as quantity,
            lead(edge_on) over (
                partition by
                    billing_system, subscription_id, price_id, discount_basis_points
                order by edge_on
            ) as ends_before
        from steps
    )

select
    billing_system,
    subscription_id,
    price_id,
    discount_basis_points,
    quantity,
    edge_on as starts_on,
    ends_before,
    loaded_at
from held
where quantity <> 0 and ends_before is not null
