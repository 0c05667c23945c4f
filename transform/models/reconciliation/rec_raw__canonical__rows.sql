-- Every record that is not deleted in its system is one row of the canonical model, or
-- of the model that holds it with a reason.
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
        "status in ('Activated', 'Expired', 'Terminated')",
    ),
    ("stripe", "subscriptions", "subscriptions", "true", "true"),
    (
        "stripe",
        "invoices",
        "invoices",
        "billing_system = 'stripe'",
        "status <> 'draft'",
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
        "true",
    ),
    (
        "stripe",
        "refunds",
        "refunds",
        "billing_system = 'stripe'",
        "true",
    ),
    (
        "stripe",
        "credit_notes",
        "credit_notes",
        "billing_system = 'stripe'",
        "true",
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
        "status <> 'pending'",
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
        "true",
    ),
    (
        "chargebee",
        "transactions",
        "payments",
        "billing_system = 'chargebee'",
        "type = 'payment'",
    ),
] %}
{% set held = {
    "invoices": "int_held__invoices",
    "payments": "int_held__payments",
    "credit_notes": "int_held__credit_notes",
    "refunds": "int_held__refunds",
} %}

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
                (select count(*) from {{ ref(model_name) }} where {{ ours }})
                {%- if model_name in held %}
                    + (
                        select count(*)
                        from {{ ref(held[model_name]) }}
                        where system = '{{ system }}'
                    )
                {%- endif %} as canonical_rows
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
