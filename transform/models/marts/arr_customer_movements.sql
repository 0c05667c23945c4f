with

    balances as (select * from {{ ref("arr_balances") }}),

    gaps as (select * from {{ ref("arr_gaps") }}),

    policies as (
        select * from {{ ref("int_metric_policies__steps") }} where is_in_force
    ),

    -- Who comes back within the grace renewed late.
    late_renewals as (
        select gaps.customer_id, gaps.left_on, gaps.came_back_on
        from gaps
        inner join policies on gaps.days <= policies.late_renewal_grace_days
    ),

    late_leavers as (
        select customer_id, {{ first_of_month("left_on") }} as month
        from late_renewals
        group by customer_id, {{ first_of_month("left_on") }}
    ),

    late_comers as (
        select customer_id, {{ first_of_month("came_back_on") }} as month
        from late_renewals
        group by customer_id, {{ first_of_month("came_back_on") }}
    ),

    customers as (
        select
            customer_id,
            month,
            max(case when opening_held_minor <> 0 then 1 else 0 end) as held_before,
            max(case when closing_held_minor <> 0 then 1 else 0 end) as holds_after,
            max(ending_rank) as ending_rank
        from balances
        group by customer_id, month
    ),

    -- A customer is new once, and leaves with its last line, in any currency.
    named as (
        select
            *,
            case
                when held_before = 1 and holds_after = 0
                then 'churn'
                when held_before = 1 or holds_after = 0
                then 'none'
                when
                    month = min(case when holds_after = 1 then month end) over (
                        partition by customer_id
                    )
                then 'new'
                else 'reactivation'
            end as movement
        from customers
    )

select
    named.customer_id,
    named.month,
    named.movement,
    case
        when named.movement = 'new'
        then 'first_contract'
        when named.movement = 'reactivation' and late_comers.customer_id is not null
        then 'late_renewal'
        when named.movement = 'reactivation'
        then 'return'
        when late_leavers.customer_id is not null
        then 'late_renewal'
        when named.ending_rank = 3
        then 'involuntary'
        when named.ending_rank = 2
        then 'voluntary'
        else 'non_renewal'
    end as cause
from named
left join late_leavers using (customer_id, month)
left join late_comers using (customer_id, month)
where named.movement <> 'none'
