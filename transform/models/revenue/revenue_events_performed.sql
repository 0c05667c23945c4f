with

    obligations as (select * from {{ ref("revenue_obligations") }}),

    charges as (
        select * from {{ ref("revenue_used_monthly") }} where amount_minor <> 0
    ),

    subscriptions as (select * from {{ ref("subscriptions") }}),

    invoiced as (select * from {{ ref("revenue_invoiced_lines") }}),

    invoices as (select * from {{ ref("invoices") }} where status <> 'void'),

    -- Of the terms in which a product was sold by use, the last that had begun.
    used as (
        select
            charges.usage_charge_id,
            charges.month,
            charges.used_on,
            charges.amount_minor,
            obligations.contract_id,
            obligations.obligation_id,
            row_number() over (
                partition by charges.usage_charge_id, charges.month
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
            true as is_complete
        from obligations
        where method = 'point_in_time'
    ),

    consumed as (
        select
            'usage:' || usage_charge_id || ':' || {{ iso_day("month") }} as event_id,
            contract_id,
            'usage' as kind,
            used_on as event_on,
            used_on as recorded_on,
            obligation_id,
            amount_minor,
            false as is_complete
        from used
        where place = 1
    ),

    made_up as (
        select
            'minimum:' || invoiced.invoice_line_id as event_id,
            invoiced.contract_id,
            'usage' as kind,
            {{ add_days("invoiced.ends_before", -1) }} as event_on,
            {{ add_days("invoiced.ends_before", -1) }} as recorded_on,
            invoiced.obligation_id,
            invoiced.net_minor as amount_minor,
            false as is_complete
        from invoiced
        inner join invoices using (invoice_id)
        where invoiced.is_minimum
    )

{% for source in ["satisfied", "consumed", "made_up"] %}
        {{ "union all" if not loop.first }}
    select
        event_id,
        contract_id,
        kind,
        event_on,
        recorded_on,
        obligation_id,
        amount_minor,
        is_complete
    from {{ source }}
{% endfor %}
