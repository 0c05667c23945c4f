-- Each model is one reason, all with the columns of this one.
{% set reasons = [
    "int_held__unknown_customers",
    "int_held__currencies_without_rate",
    "int_held__unmapped_products",
    "int_held__undecided_modifications",
    "int_held__invoices",
    "int_held__payments",
    "int_held__credit_notes",
    "int_held__refunds",
    "int_held__gl_entries",
    "int_held__prices",
    "int_held__subscriptions",
    "int_held__usage",
] %}

{% for reason in reasons %}
    select
        entity,
        system,
        record_id,
        customer_id,
        reason_code,
        reason,
        amount_minor,
        currency
    from {{ ref(reason) }} {{ "union all" if not loop.last }}
{% endfor %}
