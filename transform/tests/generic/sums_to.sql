{# The parts of each parent sum to it exactly. #}
{% test sums_to(model, amount, by, parent, parent_amount) %}

    with
        parts as (
            select {{ by }}, sum({{ amount }}) as parts_amount
            from {{ model }}
            group by {{ by }}
        )

    select parents.{{ by }}, parents.{{ parent_amount }}, parts.parts_amount
    from {{ parent }} as parents
    left join parts on parts.{{ by }} = parents.{{ by }}
    where parents.{{ parent_amount }} <> coalesce(parts.parts_amount, 0)

{% endtest %}
