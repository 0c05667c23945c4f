{# What is debited is what is credited, within each group. #}
{% test balanced(model, within) %}

    select {{ within | join(", ") }}
    from {{ model }}
    group by {{ within | join(", ") }}
    having sum(debit_minor) <> sum(credit_minor)

{% endtest %}
