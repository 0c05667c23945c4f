{#
    What an amount for a term comes to in a year: by months where the term is made of whole
    ones, else by days. A term without a day has no yearly amount.
#}
{% macro yearly(amount_minor, starts_on, ends_before) -%}
    {%- set months = month_changes(starts_on, ends_before) -%}
    case
        when {{ starts_on }} >= {{ ends_before }}
        then cast(0 as bigint)
        when {{ add_months(starts_on, months) }} = {{ ends_before }}
        then {{ div_half_up(amount_minor ~ " * 12", months) }}
        else
            {{
                div_half_up(
                    amount_minor ~ " * 365", days_between(starts_on, ends_before)
                )
            }}
    end
{%- endmacro %}

{# How many times the month changes between two days. #}
{% macro month_changes(starts_on, ends_before) -%}
    cast(
        12 * (extract(year from {{ ends_before }}) - extract(year from {{ starts_on }}))
        + extract(month from {{ ends_before }})
        - extract(month from {{ starts_on }}) as bigint
    )
{%- endmacro %}

{# What an amount for a year comes to in a term: whole months, and of the last its days. #}
{% macro term_minor(yearly_minor, starts_on, ends_before) -%}
    {%- set months = whole_months(starts_on, ends_before) -%}
    {%- set last_from = add_months(starts_on, months) -%}
    {%- set month_days = days_between(
        last_from, add_months(starts_on, months ~ " + 1")
    ) -%}
    cast(
        {{
            div_half_up(
                "("
                ~ yearly_minor
                ~ ") * ("
                ~ months
                ~ " * "
                ~ month_days
                ~ " + "
                ~ days_between(last_from, ends_before)
                ~ ")",
                "12 * " ~ month_days,
            )
        }} as bigint
    )
{%- endmacro %}
