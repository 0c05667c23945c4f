-- The pieces cut where a trial, a discount or a pause ends, and joined again where
-- nothing changes between them.
with

    subscriptions as (select * from {{ ref("int_subscriptions__stated") }}),

    known as (
        select *
        from {{ ref("int_subscriptions__pieces") }}
        where ends_before is null or starts_on < ends_before
    ),

    -- A trial that billed nothing tried what was billed after it.
    tried as (
        select
            known.billing_system,
            known.subscription_id,
            known.price_id,
            known.quantity,
            known.discount_basis_points,
            false as was_paused,
            subscriptions.trial_starts_on as starts_on,
            subscriptions.trial_ends_on as ends_before,
            known.loaded_at,
            min(known.starts_on) over (
                partition by known.billing_system, known.subscription_id, known.price_id
            ) as first_on,
            known.starts_on as known_from
        from known
        inner join subscriptions using (billing_system, subscription_id)
    ),

    pieces as (
        select
            billing_system,
            subscription_id,
            price_id,
            quantity,
            discount_basis_points,
            was_paused,
            starts_on,
            ends_before,
            loaded_at
        from known
        union all
        select
            billing_system,
            subscription_id,
            price_id,
            quantity,
            discount_basis_points,
            was_paused,
            starts_on,
            ends_before,
            loaded_at
        from tried
        where known_from = ends_before and first_on = ends_before
    ),

    edges as (
        select billing_system, subscription_id, trial_ends_on as edge_on
        from subscriptions
        union
        select billing_system, subscription_id, discount_ends_on as edge_on
        from subscriptions
        union
        select billing_system, subscription_id, resumes_on as edge_on
        from subscriptions
        where is_paused
    ),

    starts as (
        select pieces.*, pieces.starts_on as valid_from
        from pieces
        union all
        select pieces.*, edges.edge_on as valid_from
        from pieces
        inner join
            edges
            on edges.billing_system = pieces.billing_system
            and edges.subscription_id = pieces.subscription_id
            and edges.edge_on > pieces.starts_on
            and (pieces.ends_before is null or edges.edge_on < pieces.ends_before)
    )

select
    starts.billing_system,
    starts.subscription_id,
    starts.price_id,
    starts.quantity,
    coalesce(
        starts.discount_basis_points,
        case
            when subscriptions.discount_ends_on <= starts.valid_from
            then cast(0 as bigint)
        end,
        subscriptions.discount_basis_points,
        0
    ) as discount_basis_points,
    coalesce(starts.valid_from < subscriptions.trial_ends_on, false) as is_trial,
    starts.was_paused
    or (
        starts.discount_basis_points is null
        and subscriptions.is_paused
        and coalesce(starts.valid_from < subscriptions.resumes_on, true)
    ) as is_paused,
    starts.valid_from,
    lead(starts.valid_from, 1, starts.ends_before) over (
        partition by
            starts.billing_system,
            starts.subscription_id,
            starts.price_id,
            starts.discount_basis_points,
            starts.was_paused,
            starts.starts_on
        order by starts.valid_from
    ) as valid_to,
    starts.loaded_at
from starts
inner join subscriptions using (billing_system, subscription_id)
