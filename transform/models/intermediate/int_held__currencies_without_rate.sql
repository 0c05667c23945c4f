-- Table, key, number, and what a held row calls it; contracts and orders only of
-- customers that we know, because the others are held for that already.
{% set documents = [
    ("contracts", "salesforce_contract_id", "contract_number", "contract"),
    ("opportunities", "salesforce_opportunity_id", "name", "opportunity"),
    ("quotes", "salesforce_quote_id", "name", "quote"),
    ("orders", "salesforce_order_id", "order_number", "order"),
    ("campaigns", "salesforce_campaign_id", "name", "campaign"),
    (
        "pricebook_entries",
        "salesforce_pricebook_entry_id",
        "null",
        "price_book_entry",
    ),
] %}

with

    accounts as (select * from {{ ref("int_accounts__linked") }}),

    currencies as (select * from {{ ref("currencies") }}),

    documents as (
        {% for table, key, number, entity in documents %}
            select
                '{{ entity }}' as entity,
                {{ key }} as record_id,
                cast({{ number }} as {{ dbt.type_string() }}) as number,
                {{
                    (
                        "cast(null as " ~ dbt.type_string() ~ ")"
                        if entity in ("campaign", "price_book_entry")
                        else "salesforce_account_id"
                    )
                }} as salesforce_account_id,
                currency
            from {{ ref("stg_salesforce__" ~ table) }}
            where
                not is_deleted
                {% if entity == "contract" %}
                    and status in ('Activated', 'Expired', 'Terminated')
                {% endif %}
                {{ "union all" if not loop.last }}
        {% endfor %}
    )

select
    documents.entity,
    'salesforce' as system,
    documents.record_id,
    accounts.customer_id,
    'currency_without_rate' as reason_code,
    'No rate is known for the currency '
    || coalesce(documents.currency, '(none)')
    || ' of '
    || replace(documents.entity, '_', ' ')
    || ' '
    || coalesce(documents.number, documents.record_id) as reason,
    -- How many minor units the currency has is part of what we do not know.
    cast(null as bigint) as amount_minor,
    documents.currency
from documents
left join accounts on accounts.salesforce_account_id = documents.salesforce_account_id
left join currencies on currencies.currency = documents.currency
where
    currencies.currency is null
    and (
        documents.entity not in ('contract', 'order')
        or accounts.salesforce_account_id is not null
    )
