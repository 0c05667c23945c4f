with

    positions as (select * from {{ ref("arr_positions") }}),

    policies as (
        select *, lag(policy_step) over (order by policy_step) as previous_step
        from {{ ref("int_metric_policies__steps") }}
    ),

    closings as (
        select
            policy_step,
            customer_id,
            currency,
            month,
            {{ sum_minor("held_minor - paused_minor") }} as closing_minor,
            {{ sum_minor("held_usd_minor - paused_usd_minor") }} as closing_usd_minor
        from positions
        group by policy_step, customer_id, currency, month
    ),

    sides as (
        select
            policies.policy_version,
            policies.changed_policy,
            policies.valid_from,
            closings.customer_id,
            closings.currency,
            closings.month,
            closings.policy_step = policies.policy_step as is_new,
            closings.closing_minor,
            closings.closing_usd_minor
        from policies
        inner join
            closings
            on closings.policy_step in (policies.policy_step, policies.previous_step)
        where policies.previous_step is not null
    )

select
    policy_version,
    changed_policy,
    valid_from,
    customer_id,
    currency,
    month,
    {%- for measure in ["minor", "usd_minor"] %}
        {{ sum_minor("case when not is_new then closing_" ~ measure ~ " end") }}
        as old_{{ measure }},
        {{ sum_minor("case when is_new then closing_" ~ measure ~ " end") }}
        as new_{{ measure }},
        {{
            sum_minor(
                "case when is_new then closing_"
                ~ measure
                ~ " else -closing_"
                ~ measure
                ~ " end"
            )
        }} as difference_{{ measure }}
        {{- "," if not loop.last }}
    {%- endfor %}
from sides
group by policy_version, changed_policy, valid_from, customer_id, currency, month
