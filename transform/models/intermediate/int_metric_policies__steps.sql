-- A version is what its rows change of the version before. Each changed policy is a
-- step
-- of its own, so that a difference between two versions can be told policy by policy.
with

    decided as (
        select
            *,
            row_number() over (order by policy_version, policy) as policy_step,
            row_number() over (
                partition by policy_version order by policy desc
            ) as steps_to_go,
            min(policy_version) over () as first_version
        from {{ ref("metric_policies") }}
    ),

    in_force as (
        select max(policy_version) as policy_version
        from decided
        where valid_from <= {{ as_of() }}
    ),

    steps as (
        select
            policy_step, policy_version, policy, valid_from, steps_to_go = 1 as is_last
        from decided
        where policy_version > first_version or steps_to_go = 1
    ),

    known as (
        select
            steps.policy_step,
            decided.policy,
            decided.value,
            row_number() over (
                partition by steps.policy_step, decided.policy
                order by decided.policy_step desc
            ) as recency
        from steps
        inner join decided on decided.policy_step <= steps.policy_step
    ),

    holding as (
        select
            policy_step
            {%- for policy, type in metric_policies().items() %}
                ,
                cast(
                    max(case when policy = '{{ policy }}' then value end) as {{ type }}
                ) as {{ policy }}
            {%- endfor %}
        from known
        where recency = 1
        group by policy_step
    )

select
    holding.*,
    steps.policy_version,
    steps.policy as changed_policy,
    steps.valid_from,
    steps.is_last,
    steps.is_last and steps.policy_version = in_force.policy_version as is_in_force
from holding
inner join steps using (policy_step)
cross join in_force
