with

    obligations as (select * from {{ ref("revenue_performance_obligations") }}),

    events as (select * from {{ ref("revenue_accepted_events") }}),

    changed as (select * from {{ ref("revenue_changed_terms") }} where not is_usage),

    parts as (
        select *
        from {{ ref("revenue_event_parts") }}
        where reduction in ('pro_rata', 'prospective') and not is_usage
    ),

    pauses as (select * from {{ ref("revenue_pauses") }}),

    holds as (select * from {{ ref("revenue_holds_stated") }}),

    held_contracts as (select contract_id from holds group by contract_id),

    -- The signed contract and the separate ones begin with their first obligation.
    inceptions as (
        select
            obligations.contract_id,
            obligations.accounting_contract_id,
            min(obligations.added_on) as effective_on
        from obligations
        left join held_contracts using (contract_id)
        where held_contracts.contract_id is null and not obligations.is_usage
        group by obligations.contract_id, obligations.accounting_contract_id
    ),

    concerned as (
        select event_id, accounting_contract_id, is_changed
        from changed
        union all
        select added_by as event_id, accounting_contract_id, true as is_changed
        from obligations
        where added_by is not null and not is_usage
    ),

    modified as (
        select
            events.contract_id,
            concerned.accounting_contract_id,
            events.effective_on,
            events.kind_rank,
            events.event_id,
            case
                when events.kind = 'estimate' then 'catch_up' else events.treatment
            end as treatment
        from events
        inner join concerned using (event_id)
        where
            events.kind = 'estimate'
            or events.treatment in ('prospective', 'catch_up', 'combined')
        group by
            events.contract_id,
            concerned.accounting_contract_id,
            events.effective_on,
            events.kind_rank,
            events.event_id,
            events.kind,
            events.treatment
        having max(case when concerned.is_changed then 1 else 0 end) = 1
    ),

    reduced as (
        select
            contract_id,
            accounting_contract_id,
            effective_on,
            kind_rank,
            event_id,
            'reduction' as treatment
        from parts
        group by contract_id, accounting_contract_id, effective_on, kind_rank, event_id
    ),

    -- What was not promised yet does not rest.
    paused as (
        select
            events.contract_id,
            obligations.accounting_contract_id,
            events.effective_on,
            events.kind_rank,
            events.event_id,
            'pause' as treatment
        from events
        inner join pauses using (event_id, contract_id)
        inner join
            obligations
            on obligations.contract_id = pauses.contract_id
            and obligations.obligation_id = pauses.obligation_id
            and obligations.added_on <= events.effective_on
            and obligations.method in {{ methods_over_time() }}
        where events.treatment in ('extend', 'spread')
        group by
            events.contract_id,
            obligations.accounting_contract_id,
            events.effective_on,
            events.kind_rank,
            events.event_id
    ),

    versions as (
        select
            contract_id,
            accounting_contract_id,
            effective_on,
            0 as kind_rank,
            cast(null as varchar) as event_id,
            'inception' as treatment
        from inceptions
        {% for changed in ["modified", "reduced", "paused"] %}
            union all
            select
                contract_id,
                accounting_contract_id,
                effective_on,
                kind_rank,
                event_id,
                treatment
            from {{ changed }}
        {% endfor %}
    )

select
    contract_id,
    accounting_contract_id,
    cast(
        row_number() over (
            partition by accounting_contract_id
            order by effective_on, kind_rank, {{ binary_order("event_id") }}
        ) as bigint
    ) as version_no,
    effective_on,
    lead(effective_on) over (
        partition by accounting_contract_id
        order by effective_on, kind_rank, {{ binary_order("event_id") }}
    ) as replaced_on,
    event_id,
    treatment
from versions
