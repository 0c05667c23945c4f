{# In each row the parts come to the whole exactly. #}
{% test sums_across(model, parts, whole) %}

    select * from {{ model }} where {{ parts | join(" + ") }} <> {{ whole }}

{% endtest %}
