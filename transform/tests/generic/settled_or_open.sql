{# What was paid, credited, written off and remains open makes each invoice's total. #}
{% test settled_or_open(model) %}

    select *
    from {{ model }}
    where
        status <> 'void'
        and total_minor <> paid_minor + credited_minor + written_off_minor + open_minor

{% endtest %}
