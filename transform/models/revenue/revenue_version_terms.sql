with

    versions as (select * from {{ ref("revenue_versions") }}),

    obligations as (
        select * from {{ ref("revenue_performance_obligations") }} where not is_usage
    ),

    events as (select * from {{ ref("revenue_accepted_events") }}),

    changed as (select * from {{ ref("revenue_changed_terms") }}),

    parts as (
        select *
        from {{ ref("revenue_event_parts") }}
        where reduction in ('pro_rata', 'prospective')
    ),

    pauses as (select * from {{ ref("revenue_pauses") }}),

    units as (select * from {{ ref("revenue_units") }})

select
    versions.contract_id,
    versions.accounting_contract_id,
    versions.version_no,
    versions.effective_on,
    versions.event_id,
    versions.treatment,
    obligations.obligation_key,
    obligations.obligation_id,
    obligations.obligation_rank,
    obligations.method,
    obligations.starts_on,
    case
        when versions.version_no = 1
        then
            obligations.added_by is null
            or obligations.accounting_contract_id
            = obligations.contract_id || '+' || obligations.added_by
        else coalesce(obligations.added_by = versions.event_id, false)
    end as is_added,
    obligations.price_minor as signed_price_minor,
    obligations.ssp_minor as signed_ssp_minor,
    obligations.ends_before as signed_ends_before,
    obligations.total_units as signed_total_units,
    changed.price_minor,
    changed.ends_before,
    changed.total_units,
    changed.ssp_minor,
    changed.own_treatment,
    coalesce(changed.is_cancelled, false) as is_cancelled,
    case
        when obligations.method in {{ methods_over_time() }} then pauses.resumes_on
    end as resumes_on,
    coalesce(events.treatment = 'extend', false) as is_extended,
    coalesce(parts.amount_minor, 0) as reduction_minor,
    coalesce(events.reduction, '') as reduction,
    coalesce(units.units, 0) as units,
    coalesce(units.is_complete, false) as is_complete
from versions
inner join obligations using (accounting_contract_id)
left join events on events.event_id = versions.event_id
left join
    changed
    on changed.event_id = versions.event_id
    and changed.obligation_key = obligations.obligation_key
left join
    parts
    on parts.event_id = versions.event_id
    and parts.obligation_key = obligations.obligation_key
left join
    pauses
    on pauses.event_id
    = case when versions.treatment = 'pause' then versions.event_id end
    and pauses.contract_id = obligations.contract_id
    and pauses.obligation_id = obligations.obligation_id
left join
    units
    on units.obligation_key = obligations.obligation_key
    and units.effective_on < versions.effective_on
    and {{ or_never("units.next_on") }} >= versions.effective_on
