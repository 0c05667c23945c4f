{# Opening plus movements is closing, and opening is the closing before, exactly. #}
{% test rolls_forward(model, within, order_by, opening, movements, closing) %}

    with
        ordered as (
            select
                {{ within | join(", ") }},
                {{ order_by }},
                {{ opening }} as opening_value,
                {{ closing }} as closing_value,
                {{ movements }} as moved_value,
                lag({{ closing }}, 1, 0) over (
                    partition by {{ within | join(", ") }} order by {{ order_by }}
                ) as previous_value
            from {{ model }}
        )

    select *
    from ordered
    where
        opening_value + moved_value <> closing_value or opening_value <> previous_value

{% endtest %}
