{% set annual = "case when contract_lines.charge_type = 'Recurring' then 12 * contract_lines.quantity * contract_lines.net_price_amount end" %}
-- Entity, its staging model and key, the document that it is part of, what it is worth.
{% set parts = [
    ("contract_line", "subscriptions", "subscription", "contract", annual),
    (
        "order_line",
        "order_items",
        "order_item",
        "order",
        "order_lines.total_amount",
    ),
    (
        "quote_line",
        "quote_lines",
        "quote_line",
        "quote",
        "quote_lines.net_total_amount",
    ),
    (
        "opportunity_line",
        "opportunity_line_items",
        "opportunity_line_item",
        "opportunity",
        "opportunity_lines.total_amount",
    ),
] %}

with

    products as (
        select *
        from {{ ref("stg_salesforce__products") }}
        where not is_deleted and sku is not null
    ),

    accounts as (select * from {{ ref("int_accounts__linked") }}),

    currencies as (select * from {{ ref("currencies") }}),

    -- Lines of a document that is held wait with it.
    contract_documents as (select * from {{ ref("int_contracts__signed") }}),

    order_documents as (select * from {{ ref("int_orders__linked") }}),

    quote_documents as (
        select * from {{ ref("stg_salesforce__quotes") }} where not is_deleted
    ),

    opportunity_documents as (
        select * from {{ ref("stg_salesforce__opportunities") }} where not is_deleted
    ),

    {% for entity, table, key, document, amount in parts %}
        {{ entity }}s as (
            select * from {{ ref("stg_salesforce__" ~ table) }} where not is_deleted
        ),
    {% endfor %}

    lines as (
        {% for entity, table, key, document, amount in parts %}
            select
                '{{ entity }}' as entity,
                {{ entity }}s.salesforce_{{ key }}_id as record_id,
                {{ entity }}s.salesforce_product_id,
                {{ document }}_documents.salesforce_account_id,
                {{ document }}_documents.currency,
                {{ amount }} as amount
            from {{ entity }}s
            inner join
                {{ document }}_documents using (salesforce_{{ document }}_id)
                {{ "union all" if not loop.last }}
        {% endfor %}
    )

select
    lines.entity,
    'salesforce' as system,
    lines.record_id,
    accounts.customer_id,
    'unmapped_product' as reason_code,
    'Product '
    || coalesce(lines.salesforce_product_id, '(none)')
    || ' of the line has no SKU that we know' as reason,
    {{ to_minor("lines.amount", "currencies.minor_per_major") }} as amount_minor,
    lines.currency
from lines
inner join currencies on currencies.currency = lines.currency
left join products using (salesforce_product_id)
left join accounts on accounts.salesforce_account_id = lines.salesforce_account_id
where products.salesforce_product_id is null
