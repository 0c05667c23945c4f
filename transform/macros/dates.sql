{# The day all numbers are stated for. #}
{% macro as_of() -%} cast('{{ var("as_of") }}' as date) {%- endmacro %}

{# The UTC day of an instant, whatever time zone the session has. #}
{% macro utc_date(instant) -%}
    cast({{ instant }} at time zone 'UTC' as date)
{%- endmacro %}

{% macro first_of_month(day) -%}
    cast({{ dbt.date_trunc("month", day) }} as date)
{%- endmacro %}

{% macro add_months(day, months) -%}
    cast({{ dbt.dateadd("month", months, day) }} as date)
{%- endmacro %}

{% macro add_days(day, days) -%} cast({{ day }} + {{ days }} as date) {%- endmacro %}

{# Whole days from one date to a later one. #}
{% macro days_between(earlier, later) -%}
    cast({{ later }} - {{ earlier }} as bigint)
{%- endmacro %}

{# Day as ISO text, equal on every adapter. #}
{% macro iso_day(day) -%} cast({{ day }} as {{ dbt.type_string() }}) {%- endmacro %}

{# A day before all that was ever booked: what holds from here holds always. #}
{% macro first_day() -%} cast('1970-01-01' as date) {%- endmacro %}

{# Calendar months from the first of one month to the first of a later one. #}
{% macro months_between(earlier, later) -%}
    cast(
        12 * (extract(year from {{ later }}) - extract(year from {{ earlier }}))
        + extract(month from {{ later }})
        - extract(month from {{ earlier }}) as bigint
    )
{%- endmacro %}
