with

    suspensions as (select * from {{ ref("int_contracts__suspensions") }}),

    policies as (select * from {{ ref("int_metric_policies__steps") }}),

    months as (select * from {{ ref("int_calendar__months") }}),

    -- At the end of the month's last day.
    lasting as (
        select
            suspensions.salesforce_contract_id,
            suspensions.kind,
            months.month,
            -- Without an end it is as long as it has lasted.
            {{
                days_between(
                    "suspensions.starts_on",
                    "coalesce(suspensions.ends_before, months.closes_before)",
                )
            }} as days
        from suspensions
        inner join
            months
            on suspensions.starts_on < months.closes_before
            and (
                suspensions.ends_before is null
                or suspensions.ends_before >= months.closes_before
            )
    ),

    judged as (
        select
            policies.policy_step,
            lasting.salesforce_contract_id,
            lasting.month,
            case
                when lasting.kind = 'trial' and not policies.counts_trial
                then 2
                when lasting.kind = 'past_due' and not policies.counts_past_due
                then 2
                when lasting.kind <> 'pause' or policies.counts_paused
                then 0
                -- Who pauses for too long has left.
                when lasting.days > policies.pause_days
                then 2
                else 1
            end as severity
        from lasting
        cross join policies
    )

select
    policy_step,
    salesforce_contract_id,
    month,
    max(severity) = 1 as is_paused,
    max(severity) = 2 as is_out
from judged
group by policy_step, salesforce_contract_id, month
having max(severity) > 0
