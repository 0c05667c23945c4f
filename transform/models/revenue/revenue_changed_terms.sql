with

    changes as (select * from {{ ref("revenue_changes") }}),

    events as (select * from {{ ref("revenue_accepted_events") }}),

    obligations as (select * from {{ ref("revenue_performance_obligations") }}),

    pauses as (select * from {{ ref("revenue_pauses") }}),

    modified as (
        select
            events.event_id,
            events.effective_on,
            events.kind_rank,
            events.treatment,
            obligations.obligation_key,
            obligations.accounting_contract_id,
            obligations.is_usage,
            changes.amount_minor - obligations.returns_minor as price_minor,
            changes.ends_before,
            changes.total_units,
            changes.ssp_minor,
            changes.treatment as own_treatment,
            changes.unit_price_micros,
            coalesce(changes.is_cancelled, false) as is_cancelled
        from changes
        inner join events using (event_id)
        inner join
            obligations
            on obligations.contract_id = events.contract_id
            and obligations.obligation_id = changes.obligation_id

        union all

        -- A new estimate is a change that is always caught up.
        select
            events.event_id,
            events.effective_on,
            events.kind_rank,
            'catch_up' as treatment,
            obligations.obligation_key,
            obligations.accounting_contract_id,
            obligations.is_usage,
            events.amount_minor - obligations.returns_minor as price_minor,
            cast(null as date) as ends_before,
            cast(null as bigint) as total_units,
            cast(null as bigint) as ssp_minor,
            cast(null as varchar) as own_treatment,
            events.unit_price_micros,
            false as is_cancelled
        from events
        inner join
            obligations
            on obligations.contract_id = events.contract_id
            and obligations.obligation_id = events.obligation_id
        where events.kind = 'estimate'
    ),

    -- A pause has moved an end, so that a day that was stated before is another now.
    extended as (
        select obligations.obligation_key, min(events.effective_on) as extended_on
        from events
        inner join pauses using (event_id, contract_id)
        inner join
            obligations
            on obligations.contract_id = pauses.contract_id
            and obligations.obligation_id = pauses.obligation_id
        where events.treatment = 'extend'
        group by obligations.obligation_key
    ),

    -- Before the changes: the terms as signed.
    stated as (
        select
            cast(null as varchar) as event_id,
            obligation_key,
            added_on as effective_on,
            0 as kind_rank,
            price_minor,
            ends_before,
            total_units
        from obligations
        union all
        select
            event_id,
            obligation_key,
            effective_on,
            kind_rank,
            price_minor,
            ends_before,
            total_units
        from modified
    ),

    counted as (
        select
            *,
            {% for term in ["price_minor", "ends_before", "total_units"] %}
                count({{ term }}) over (
                    partition by obligation_key
                    order by effective_on, kind_rank, event_id
                    rows between unbounded preceding and 1 preceding
                ) as {{ term }}_statements {{- "," if not loop.last }}
            {% endfor %}
        from stated
    ),

    -- The statement that held before is the one of that number.
    numbered as (
        select
            *,
            {% for term in ["price_minor", "ends_before", "total_units"] %}
                case
                    when {{ term }} is not null then {{ term }}_statements + 1
                end as {{ term }}_number {{- "," if not loop.last }}
            {% endfor %}
        from counted
    )

select
    modified.*,
    (
        modified.is_cancelled
        or modified.ssp_minor is not null
        or (
            modified.ends_before is not null
            and coalesce(extended.extended_on < modified.effective_on, false)
        )
        {% for term in ["price_minor", "ends_before", "total_units"] %}
            or (
                modified.{{ term }} is not null
                and modified.{{ term }} is distinct from before_{{ term }}.{{ term }}
            )
        {% endfor %}
    ) as is_changed
from modified
inner join numbered using (event_id, obligation_key)
left join extended on extended.obligation_key = modified.obligation_key
{% for term in ["price_minor", "ends_before", "total_units"] %}
    left join
        numbered as before_{{ term }}
        on before_{{ term }}.obligation_key = modified.obligation_key
        and before_{{ term }}.{{ term }}_number = numbered.{{ term }}_statements
{% endfor %}
