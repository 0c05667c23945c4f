-- Each model is one reason, all with the columns of this one.
{% set reasons = [
    "int_held__unknown_customers",
    "int_held__currencies_without_rate",
    "int_held__unmapped_products",
    "int_held__undecided_modifications",
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
