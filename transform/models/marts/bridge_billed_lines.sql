with

    invoices as (select * from {{ ref("invoices") }} where status <> 'void'),

    lines as (select * from {{ ref("invoice_lines") }}),

    products as (select * from {{ ref("products") }}),

    subscriptions as (select * from {{ ref("subscriptions") }}),

    agreements as (select * from {{ ref("bridge_agreements") }}),

    agreed as (
        select
            invoices.billing_system,
            invoices.invoice_id,
            agreements.agreement_id,
            agreements.currency,
            agreements.legal_entity_code
        from invoices
        inner join
            subscriptions
            on subscriptions.billing_system = invoices.billing_system
            and subscriptions.subscription_id = invoices.subscription_id
        inner join agreements on agreements.contract_id = subscriptions.contract_id
    ),

    kinds as (
        select
            lines.billing_system,
            lines.invoice_id,
            case
                when lines.revenue_type = 'usage' or products.family = 'Usage'
                then 'usage'
                else 'fixed'
            end as kind,
            lines.net_minor
        from lines
        left join products on products.product_id = lines.product_id
    ),

    summed as (
        select
            billing_system,
            invoice_id,
            kind,
            {{ sum_minor("net_minor") }} as net_minor,
            count(*) as lines_count
        from kinds
        group by billing_system, invoice_id, kind
    ),

    listed as (
        select billing_system, invoice_id, {{ sum_minor("net_minor") }} as net_minor
        from summed
        group by billing_system, invoice_id
    ),

    -- What an invoice asks for that no line of it names.
    headers as (
        select
            invoices.billing_system,
            invoices.invoice_id,
            'unlisted' as kind,
            invoices.net_minor - coalesce(listed.net_minor, 0) as net_minor,
            cast(0 as bigint) as lines_count
        from invoices
        left join
            listed
            on listed.billing_system = invoices.billing_system
            and listed.invoice_id = invoices.invoice_id
        where invoices.net_minor <> coalesce(listed.net_minor, 0)
    ),

    parts as (
        select billing_system, invoice_id, kind, net_minor, lines_count
        from summed
        union all
        select billing_system, invoice_id, kind, net_minor, lines_count
        from headers
    ),

    judged as (
        select
            invoices.billing_system,
            invoices.invoice_id,
            agreed.agreement_id,
            invoices.legal_entity_code,
            invoices.currency,
            {{ first_of_month("invoices.issued_on") }} as month,
            case
                when
                    agreed.invoice_id is null
                    or agreed.legal_entity_code <> invoices.legal_entity_code
                then 'mapping'
                when agreed.currency <> invoices.currency
                then 'fx'
                when parts.kind = 'usage'
                then 'policy'
                when parts.kind = 'fixed'
                then 'contracted'
                else parts.kind
            end as kind,
            parts.net_minor as amount_minor,
            parts.lines_count
        from parts
        inner join
            invoices
            on invoices.billing_system = parts.billing_system
            and invoices.invoice_id = parts.invoice_id
        left join
            agreed
            on agreed.billing_system = invoices.billing_system
            and agreed.invoice_id = invoices.invoice_id
    )

select
    billing_system,
    invoice_id,
    agreement_id,
    legal_entity_code,
    currency,
    month,
    cast(kind as varchar) as kind,
    {{ sum_minor("amount_minor") }} as amount_minor,
    {{ sum_minor("lines_count") }} as lines_count
from judged
group by
    billing_system, invoice_id, agreement_id, legal_entity_code, currency, month, kind
