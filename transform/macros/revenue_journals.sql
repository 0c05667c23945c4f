{#
    The key of a journal batch, made of what an external id can hold: letters, digits,
    - and _. The primary book is the only one that is kept.
#}
{% macro journal_batch_id(entity, currency, month) -%}
    'revenue-'
    || {{ entity }}
    || '-primary-'
    || {{ currency }}
    || '-'
    || substring({{ iso_day(month) }}, 1, 7)
{%- endmacro %}
