with

    obligations as (select * from {{ ref("revenue_obligations") }}),

    orders as (select * from {{ ref("orders") }}),

    modifications as (
        select *, {{ utc_date("recorded_at") }} as recorded_on
        from {{ ref("contract_modifications") }}
    ),

    charges as (select * from {{ ref("usage_charges") }} where is_closed),

    subscriptions as (select * from {{ ref("subscriptions") }}),

    renewals as (
        select
            obligations.contract_id,
            obligations.added_by,
            min(orders.starts_on) as starts_on
        from obligations
        inner join orders on 'modification:' || orders.order_id = obligations.added_by
        left join modifications using (order_id)
        where modifications.order_id is null
        group by obligations.contract_id, obligations.added_by
    ),

    -- Of the terms in which a product was sold by use, the last that had begun.
    used as (
        select
            charges.usage_charge_id,
            charges.amount_minor,
            charges.ends_before,
            obligations.contract_id,
            obligations.obligation_id,
            row_number() over (
                partition by charges.usage_charge_id
                order by obligations.starts_on desc, obligations.obligation_id asc
            ) as place
        from charges
        inner join subscriptions using (subscription_id)
        inner join
            obligations
            on obligations.contract_id = subscriptions.contract_id
            and obligations.product_id = charges.product_id
            and obligations.method = 'usage'
            and obligations.starts_on < charges.ends_before
    ),

    decided as (
        select
            'modification:' || order_id as event_id,
            contract_id,
            'modification' as kind,
            modified_on as event_on,
            recorded_on,
            cast(null as varchar) as obligation_id,
            cast(null as bigint) as amount_minor,
            treatment,
            decided_by,
            false as is_complete
        from modifications
        where contract_id is not null
    ),

    -- By policy a renewal is a contract of its own: no one has to decide it each time.
    renewed as (
        select
            added_by as event_id,
            contract_id,
            'modification' as kind,
            starts_on as event_on,
            starts_on as recorded_on,
            cast(null as varchar) as obligation_id,
            cast(null as bigint) as amount_minor,
            'separate' as treatment,
            'policy' as decided_by,
            false as is_complete
        from renewals
    ),

    -- One-time work counts as done on the first day: no system tells of its progress.
    satisfied as (
        select
            'satisfaction:' || obligation_id as event_id,
            contract_id,
            'satisfaction' as kind,
            starts_on as event_on,
            starts_on as recorded_on,
            obligation_id,
            cast(null as bigint) as amount_minor,
            cast(null as varchar) as treatment,
            cast(null as varchar) as decided_by,
            true as is_complete
        from obligations
        where method = 'point_in_time'
    ),

    consumed as (
        select
            'usage:' || usage_charge_id as event_id,
            contract_id,
            'usage' as kind,
            {{ add_days("ends_before", -1) }} as event_on,
            {{ add_days("ends_before", -1) }} as recorded_on,
            obligation_id,
            amount_minor,
            cast(null as varchar) as treatment,
            cast(null as varchar) as decided_by,
            false as is_complete
        from used
        where place = 1
    )

{% for source in ["decided", "renewed", "satisfied", "consumed"] %}
        {{ "union all" if not loop.first }}
    select
        event_id,
        contract_id,
        kind,
        event_on,
        recorded_on,
        obligation_id,
        amount_minor,
        treatment,
        decided_by,
        is_complete
    from {{ source }}
{% endfor %}
