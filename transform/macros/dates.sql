{# The day all numbers are stated for. #}
{% macro as_of() -%} cast('{{ var("as_of") }}' as date) {%- endmacro %}

{# The UTC day of an instant, whatever time zone the session has. #}
{% macro utc_date(instant) -%}
    {{ return(adapter.dispatch("utc_date", "concord")(instant)) }}
{%- endmacro %}

{% macro default__utc_date(instant) -%}
    cast({{ instant }} at time zone 'UTC' as date)
{%- endmacro %}

{% macro spark__utc_date(instant) -%}
    cast(to_utc_timestamp({{ instant }}, current_timezone()) as date)
{%- endmacro %}

{# The instant in UTC at which a day begins. #}
{% macro utc_instant(day) -%}
    {{ return(adapter.dispatch("utc_instant", "concord")(day)) }}
{%- endmacro %}

{% macro default__utc_instant(day) -%}
    (cast({{ day }} as timestamp) at time zone 'UTC')
{%- endmacro %}

{% macro spark__utc_instant(day) -%}
    timestamp_seconds(unix_date(cast({{ day }} as date)) * 86400)
{%- endmacro %}

{# When something ends: where no end is known, after all days. A join on it finds its rows
   by their keys, where `is null or` would compare each row with every other. #}
{% macro or_never(day) -%}
    coalesce({{ day }}, cast('9999-12-31' as date))
{%- endmacro %}

{% macro first_of_month(day) -%}
    cast({{ dbt.date_trunc("month", day) }} as date)
{%- endmacro %}

{% macro add_months(day, months) -%}
    {{ return(adapter.dispatch("add_months", "concord")(day, months)) }}
{%- endmacro %}

{% macro default__add_months(day, months) -%}
    cast({{ dbt.dateadd("month", months, day) }} as date)
{%- endmacro %}

{% macro spark__add_months(day, months) -%}
    add_months({{ day }}, cast({{ months }} as int))
{%- endmacro %}

{% macro add_days(day, days) -%}
    {{ return(adapter.dispatch("add_days", "concord")(day, days)) }}
{%- endmacro %}

{% macro default__add_days(day, days) -%}
    cast({{ day }} + {{ days }} as date)
{%- endmacro %}

{% macro spark__add_days(day, days) -%}
    date_add({{ day }}, cast({{ days }} as int))
{%- endmacro %}

{# Whole days from one date to a later one. #}
{% macro days_between(earlier, later) -%}
    {{ return(adapter.dispatch("days_between", "concord")(earlier, later)) }}
{%- endmacro %}

{% macro default__days_between(earlier, later) -%}
    cast({{ later }} - {{ earlier }} as bigint)
{%- endmacro %}

{% macro spark__days_between(earlier, later) -%}
    cast(datediff({{ later }}, {{ earlier }}) as bigint)
{%- endmacro %}

{# Day as ISO text, equal on every adapter. #}
{% macro iso_day(day) -%} cast({{ day }} as {{ dbt.type_string() }}) {%- endmacro %}

{#
    The second of a load, which its id tells in Unix time. What comes after the point is
    left out: a double has no room for it, and adapters round it differently.
#}
{% macro loaded_at(load_id) -%}
    {{ unix_instant("nullif(split_part(" ~ load_id ~ ", '.', 1), '')") }}
{%- endmacro %}

{# The instant of Unix seconds that stand in a record. #}
{% macro unix_instant(seconds) -%}
    {{ return(adapter.dispatch("unix_instant", "concord")(seconds)) }}
{%- endmacro %}

{% macro default__unix_instant(seconds) -%}
    to_timestamp(cast({{ seconds }} as double precision))
{%- endmacro %}

{% macro spark__unix_instant(seconds) -%}
    timestamp_seconds(cast({{ seconds }} as double))
{%- endmacro %}

{# A stretch of whole hours, to be taken from an instant. #}
{% macro hours(count) -%} {{ return(adapter.dispatch("hours")(count)) }} {%- endmacro %}

{% macro default__hours(count) -%} cast('{{ count }} hours' as interval) {%- endmacro %}

{% macro spark__hours(count) -%} interval '{{ count }}' hour {%- endmacro %}

{# Whole months from one day to a later one. #}
{% macro whole_months(starts_on, ends_before) -%}
    {%- set crossed = months_apart(starts_on, ends_before) -%}
    cast(
        {{ crossed }} - case
            when {{ add_months(starts_on, crossed) }} > {{ ends_before }} then 1 else 0
        end as bigint
    )
{%- endmacro %}

{# A day before all that was ever booked: what holds from here holds always. #}
{% macro first_day() -%} cast('1970-01-01' as date) {%- endmacro %}

{# Whole seconds from one instant to a later one; none where the later one is not. #}
{% macro seconds_between(earlier, later) -%}
    {{ return(adapter.dispatch("seconds_between", "concord")(earlier, later)) }}
{%- endmacro %}

{% macro default__seconds_between(earlier, later) -%}
    cast(floor(extract(epoch from {{ later }} - {{ earlier }})) as bigint)
{%- endmacro %}

{% macro spark__seconds_between(earlier, later) -%}
    cast(unix_timestamp({{ later }}) - unix_timestamp({{ earlier }}) as bigint)
{%- endmacro %}
