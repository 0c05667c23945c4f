{# Left and what is between is right, exactly, within each group. #}
{% test bridges(model, within) %}

    select {{ within | join(", ") }}
    from {{ model }}
    group by {{ within | join(", ") }}
    having sum(case when step = 'right' then amount_minor else - amount_minor end) <> 0

{% endtest %}
