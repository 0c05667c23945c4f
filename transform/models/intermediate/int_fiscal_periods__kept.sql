with

    entities as (
        select *
        from {{ ref("int_legal_entities__known") }}
        where erp_entity_id is not null
    ),

    accounting_periods as (
        select *
        from {{ ref("stg_netsuite__accounting_periods") }}
        where not is_deleted and is_posting and not is_quarter and not is_year
    ),

    -- NetSuite does not tell when a period was closed: only loads saw it open before.
    seen_open as (
        select
            netsuite_period_id,
            max(superseded_at) as closed_at,
            max(case when not is_locked then superseded_at end) as locked_at
        from {{ ref("stg_netsuite__accounting_period_versions") }}
        where not is_closed
        group by netsuite_period_id
    ),

    months as (select * from {{ ref("int_calendar__months") }}),

    kept as (
        select
            entities.erp_system,
            entities.legal_entity_code,
            accounting_periods.netsuite_period_id as source_id,
            accounting_periods.name,
            accounting_periods.starts_on,
            {{ add_days("accounting_periods.ends_on", 1) }} as ends_before,
            accounting_periods.is_adjustment,
            case
                when accounting_periods.is_closed
                then 'closed'
                when accounting_periods.is_locked
                then 'soft'
                else 'open'
            end as status,
            case
                when accounting_periods.is_closed then seen_open.closed_at
            end as closed_at,
            case
                when accounting_periods.is_closed or accounting_periods.is_locked
                then seen_open.locked_at
            end as locked_at
        from entities
        cross join accounting_periods
        left join
            seen_open
            on seen_open.netsuite_period_id = accounting_periods.netsuite_period_id
        where entities.erp_system = 'netsuite'
    ),

    -- Business Central's periods are not loaded: no month is closed that we know of.
    months_of_entities as (
        select
            entities.erp_system,
            entities.legal_entity_code,
            {{ iso_day("months.month") }} as source_id,
            {{ iso_day("months.month") }} as name,
            months.month as starts_on,
            months.next_month as ends_before,
            false as is_adjustment,
            'open' as status,
            cast(null as timestamp with time zone) as closed_at,
            cast(null as timestamp with time zone) as locked_at
        from entities
        cross join months
        where entities.erp_system = 'business_central'
    ),

    periods as (
        select *
        from kept
        union all
        select *
        from months_of_entities
    )

select
    erp_system || ':' || legal_entity_code || ':' || source_id as fiscal_period_id,
    legal_entity_code,
    name,
    starts_on,
    ends_before,
    is_adjustment,
    status,
    closed_at,
    locked_at,
    erp_system as source_system,
    source_id
from periods
