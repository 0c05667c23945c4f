{# The day all numbers are stated for. #}
{% macro as_of() -%} cast('{{ var("as_of") }}' as date) {%- endmacro %}

{# The UTC day of an instant, whatever time zone the session has. #}
{% macro utc_date(instant) -%}
    cast({{ instant }} at time zone 'UTC' as date)
{%- endmacro %}

{# The instant in UTC at which a day begins. #}
{% macro utc_instant(day) -%}
    (cast({{ day }} as timestamp) at time zone 'UTC')
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

{#
    The second of a load, which its id tells in Unix time. What comes after the point is
    left out: a double has no room for it, and adapters round it differently.
#}
{% macro loaded_at(load_id) -%}
    to_timestamp(
        cast(nullif(split_part({{ load_id }}, '.', 1), '') as double precision)
    )
{%- endmacro %}

{# The instant of Unix seconds that stand in a record. #}
{% macro unix_instant(seconds) -%}
    to_timestamp(cast({{ seconds }} as double precision))
{%- endmacro %}

{# A stretch of whole hours, to be taken from an instant. #}
{% macro hours(count) -%} cast('{{ count }} hours' as interval) {%- endmacro %}

{# Whole months from one day to a later one. #}
{% macro whole_months(starts_on, ends_before) -%}
    {%- set crossed = dbt.datediff(starts_on, ends_before, "month") -%}
    cast(
        {{ crossed }} - case
            when {{ add_months(starts_on, crossed) }} > {{ ends_before }} then 1 else 0
        end as bigint
    )
{%- endmacro %}

{# A day before all that was ever booked: what holds from here holds always. #}
{% macro first_day() -%} cast('1970-01-01' as date) {%- endmacro %}
