with

    segments as (select * from {{ ref("contract_segments") }} where is_recurring),

    endings as (select * from {{ ref("int_contracts__endings") }}),

    policies as (select * from {{ ref("int_metric_policies__steps") }}),

    counted as (
        select
            policies.policy_step,
            policies.is_in_force,
            policies.reactivation_grace_days,
            segments.*,
            min(segments.starts_on) over (
                partition by policies.policy_step, segments.contract_id
            ) as contract_starts_on,
            -- How a customer left is how the least amicable of its contracts ended.
            case
                endings.ending when 'involuntary' then 3 when 'voluntary' then 2 else 1
            end as ending_rank,
            case
                when
                    policies.churn_recognised = 'cancel_instant'
                    and endings.cancelled_on < segments.ends_before
                then endings.cancelled_on
                else segments.ends_before
            end as counts_before,
            case
                when policies.discount_in_mrr = 'all'
                then segments.arr_minor
                when
                    policies.discount_in_mrr = 'forever_only'
                    and segments.is_discount_permanent
                then segments.arr_minor
                else segments.gross_arr_minor
            end as counted_minor
        from segments
        cross join policies
        left join endings on endings.salesforce_contract_id = segments.contract_id
    ),

    covered as (
        select
            policy_step,
            customer_id,
            reactivation_grace_days,
            starts_on as resumes_on,
            max(counts_before) over (
                partition by policy_step, customer_id
                -- There are none; BigQuery sorts a frame in no other way.
                order by starts_on nulls first
                rows between unbounded preceding and 1 preceding
            ) as covered_before
        from counted
        where starts_on < counts_before
    ),

    -- Who comes back within the grace was never away.
    bridges as (
        select policy_step, customer_id, covered_before, min(resumes_on) as resumes_on
        from covered
        where
            resumes_on > covered_before
            and {{ days_between("covered_before", "resumes_on") }}
            <= reactivation_grace_days
        group by policy_step, customer_id, covered_before
    )

select
    counted.policy_step,
    counted.is_in_force,
    counted.segment_id,
    counted.customer_id,
    counted.customer_record_key,
    counted.contract_id,
    counted.product_id,
    counted.currency,
    counted.legal_entity_code,
    counted.signed_on,
    counted.starts_on,
    coalesce(bridges.resumes_on, counted.counts_before) as ends_before,
    counted.contract_starts_on,
    max(counted.counts_before) over (
        partition by counted.policy_step, counted.contract_id
    ) as contract_ends_before,
    counted.ending_rank,
    counted.quantity,
    counted.gross_arr_minor as gross_minor,
    counted.counted_minor
from counted
left join
    bridges
    on bridges.policy_step = counted.policy_step
    and bridges.customer_id = counted.customer_id
    and bridges.covered_before = counted.counts_before
where counted.starts_on < counted.counts_before
