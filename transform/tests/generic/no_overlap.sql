{# No two half-open stretches of one group share a day. #}
{% test no_overlap(model, starts, ends, within) %}

    with
        ordered as (
            select
                {{ within }} as stretch_group,
                {{ starts }} as stretch_starts,
                lag({{ ends }}) over (
                    partition by {{ within }} order by {{ starts }}
                ) as previous_ends
            from {{ model }}
        )

    select stretch_group, stretch_starts, previous_ends
    from ordered
    where previous_ends > stretch_starts

{% endtest %}
