with

    obligations as (select * from {{ ref("revenue_performance_obligations") }}),

    events as (select * from {{ ref("revenue_events") }}),

    changes as (select * from {{ ref("revenue_changes") }}),

    shared as (
        select accounting_contract_id, count(*) as obligation_count
        from obligations
        where not is_usage
        group by accounting_contract_id
    ),

    changed as (
        select
            changes.event_id,
            count(*) as change_count,
            count(distinct obligations.accounting_contract_id) as contract_count
        from changes
        left join obligations using (contract_id, obligation_id)
        group by changes.event_id
    ),

    added as (
        select added_by as event_id, count(*) as added_count
        from obligations
        where added_by is not null
        group by added_by
    ),

    modifications as (
        select
            events.*,
            coalesce(changed.change_count, 0) as change_count,
            coalesce(changed.contract_count, 0) as contract_count,
            coalesce(added.added_count, 0) as added_count
        from events
        left join changed using (event_id)
        left join added using (event_id)
        where events.kind = 'modification'
    )

select
    contract_id,
    case
        when
            method not in (
                'daily',
                'month_even',
                'month_prorated',
                'point_in_time',
                'milestone',
                'progress',
                'drawdown',
                'usage'
            )
        then 'unknown_method'
        when
            method in ('daily', 'month_even', 'month_prorated')
            and (starts_on is null or ends_before is null)
        then 'term_missing'
        when ends_before <= starts_on
        then 'negative_term'
        when not is_ssp_approved
        then 'ssp_not_approved'
        when
            not is_usage
            and obligation_count > 1
            and coalesce(ssp_minor, 0) <= 0
            and price_minor <> 0
        then 'ssp_missing'
    end as reason
from obligations
left join shared using (accounting_contract_id)

union all

select changes.contract_id, 'negative_term' as reason
from changes
inner join obligations using (contract_id, obligation_id)
where changes.ends_before <= obligations.starts_on

union all

select
    contract_id,
    case
        when treatment is null
        then 'treatment_missing'
        when
            treatment not in ('separate', 'prospective', 'catch_up', 'combined', 'none')
            or contract_count > 1
            or (treatment = 'none' and change_count + added_count > 0)
            or (treatment = 'separate' and (change_count > 0 or added_count = 0))
        then 'treatment_not_allowed'
        when decided_by is null
        then 'decision_missing'
    end as reason
from modifications
