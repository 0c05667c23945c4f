-- Every record that is not deleted in its system is one row of the canonical model, or
-- held with a reason.
{% set held %}id not in (select record_id from {{ ref("held_rows") }}){% endset %}
{% set kept = [
    (
        "salesforce",
        "accounts",
        "customer_records",
        "system = 'salesforce'",
        "true",
    ),
    ("stripe", "customers", "customer_records", "system = 'stripe'", "true"),
    (
        "zendesk",
        "organizations",
        "customer_records",
        "system = 'zendesk'",
        "true",
    ),
    (
        "netsuite",
        "customers",
        "customer_records",
        "system = 'netsuite'",
        "not isinactive",
    ),
    ("tryton", "parties", "customer_records", "system = 'tryton'", "true"),
    (
        "hubspot",
        "companies",
        "customer_records",
        "system = 'hubspot'",
        "true",
    ),
    (
        "chargebee",
        "customers",
        "customer_records",
        "system = 'chargebee'",
        "true",
    ),
    (
        "business_central",
        "customers",
        "customer_records",
        "system = 'business_central'",
        "true",
    ),
    ("vitally", "accounts", "customer_records", "system = 'vitally'", "true"),
    (
        "salesforce",
        "products",
        "products",
        "true",
        "product_code is not null",
    ),
    (
        "salesforce",
        "contracts",
        "contracts",
        "true",
        "status in ('Activated', 'Expired', 'Terminated') and " ~ held,
    ),
    ("salesforce", "opportunities", "opportunities", "true", held),
    ("salesforce", "quotes", "quotes", "true", held),
    ("salesforce", "campaigns", "campaigns", "true", held),
    ("salesforce", "leads", "leads", "system = 'salesforce'", "true"),
    ("zendesk", "tickets", "tickets", "true", "true"),
    (
        "stripe",
        "subscriptions",
        "subscriptions",
        "billing_system = 'stripe'",
        "true",
    ),
    (
        "chargebee",
        "subscriptions",
        "subscriptions",
        "billing_system = 'chargebee'",
        "true",
    ),
    (
        "stripe",
        "invoices",
        "invoices",
        "billing_system = 'stripe'",
        "status <> 'draft' and " ~ held,
    ),
    (
        "stripe",
        "invoice_lines",
        "invoice_lines",
        "billing_system = 'stripe'",
        "invoice in (select invoice_id from " ~ ref("invoices") ~ ")",
    ),
    (
        "stripe",
        "payments",
        "payments",
        "billing_system = 'stripe'",
        held,
    ),
    (
        "stripe",
        "refunds",
        "refunds",
        "billing_system = 'stripe'",
        held,
    ),
    (
        "stripe",
        "credit_notes",
        "credit_notes",
        "billing_system = 'stripe'",
        held,
    ),
    (
        "stripe",
        "disputes",
        "disputes",
        "true",
        "true",
    ),
    (
        "stripe",
        "payouts",
        "payouts",
        "true",
        "true",
    ),
    (
        "chargebee",
        "invoices",
        "invoices",
        "billing_system = 'chargebee'",
        "status <> 'pending' and " ~ held,
    ),
    (
        "chargebee",
        "invoice_lines",
        "invoice_lines",
        "billing_system = 'chargebee'",
        "invoice_id in (select invoice_id from " ~ ref("invoices") ~ ")",
    ),
    (
        "chargebee",
        "credit_notes",
        "credit_notes",
        "billing_system = 'chargebee'",
        held,
    ),
    (
        "chargebee",
        "transactions",
        "payments",
        "billing_system = 'chargebee'",
        "type = 'payment' and " ~ held,
    ),
] %}

with

    counted as (
        {% for system, table, model_name, ours, theirs in kept %}
            select
                '{{ system }}' as system,
                '{{ table }}' as raw_table,
                '{{ model_name }}' as canonical_model,
                (
                    select count(*)
                    from {{ source("raw_" ~ system, table) }}
                    where not is_deleted and {{ theirs }}
                ) as raw_rows,
                (
                    select count(*) from {{ ref(model_name) }} where {{ ours }}
                ) as canonical_rows
                {{ "union all" if not loop.last }}
        {% endfor %}
    ),

    found as (
        select
            system || ':' || raw_table || ':all' as record_key,
            'Of '
            || cast(raw_rows as {{ dbt.type_string() }})
            || ' rows of raw '
            || system
            || ' '
            || raw_table
            || ' '
            || cast(canonical_rows as {{ dbt.type_string() }})
            || ' are in '
            || canonical_model as subject,
            'raw_' || system as left_system,
            cast(raw_rows as {{ dbt.type_string() }}) as left_value,
            'canonical' as right_system,
            cast(canonical_rows as {{ dbt.type_string() }}) as right_value
        from counted
        where raw_rows <> canonical_rows
    )

    {{ breaks(["left_system", "left_value", "right_system", "right_value"]) }}
