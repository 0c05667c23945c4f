{# Fractions of performance, as two whole numbers, and how a price is split. #}
{# Calendar months that begin after one day and not after another. #}
{% macro months_apart(earlier, later) -%}
    {{ return(adapter.dispatch("months_apart", "concord")(earlier, later)) }}
{%- endmacro %}

{% macro default__months_apart(earlier, later) -%}
    cast({{ dbt.datediff(earlier, later, "month") }} as bigint)
{%- endmacro %}

{% macro spark__months_apart(earlier, later) -%}
    cast(
        12 * (year({{ later }}) - year({{ earlier }}))
        + month({{ later }})
        - month({{ earlier }}) as bigint
    )
{%- endmacro %}

{# The least number of months after which a term that begins on a day is over. #}
{% macro term_months(starts_on, ends_before) -%}
    {%- set apart = months_apart(starts_on, ends_before) -%}
    greatest(
        {{ apart }} + case
            when {{ add_months(starts_on, apart) }} < {{ ends_before }} then 1 else 0
        end,
        cast(1 as bigint)
    )
{%- endmacro %}

{# A whole number between zero and a limit. #}
{% macro bounded(number, limit) -%}
    least(greatest({{ number }}, cast(0 as bigint)), {{ limit }})
{%- endmacro %}

{# Where the months of `month_prorated` that are not cut begin and end. #}
{% macro first_full_month(starts_on, ends_before) -%}
    case
        when {{ starts_on }} = {{ first_of_month(starts_on) }}
        then {{ starts_on }}
        else least({{ add_months(first_of_month(starts_on), 1) }}, {{ ends_before }})
    end
{%- endmacro %}

{% macro after_full_months(starts_on, ends_before) -%}
    greatest(
        {{ first_of_month(ends_before) }},
        {{ first_full_month(starts_on, ends_before) }}
    )
{%- endmacro %}

{% macro full_months(starts_on, ends_before) -%}
    {{
        months_apart(
            first_full_month(starts_on, ends_before),
            after_full_months(starts_on, ends_before),
        )
    }}
{%- endmacro %}

{#
    Of what a segment of a schedule measures, all of it. The `prefix` of its columns tells
    the segment of revenue from that whose standalone price is known.
#}
{% macro segment_whole(segment, prefix="") -%}
    {%- set from_on = segment ~ "." ~ prefix ~ "from_on" -%}
    {%- set ends_before = segment ~ ".ends_before" -%}
    case
        {{ segment }}.method
        when 'daily'
        then {{ days_between(from_on, ends_before) }}
        when 'month_even'
        then {{ segment }}.{{ prefix }}segment_months
        when 'month_prorated'
        then
            {{ days_between(from_on, ends_before) }}
            * greatest({{ full_months(from_on, ends_before) }}, cast(1 as bigint))
        else {{ segment }}.total_units - {{ segment }}.{{ prefix }}units_before
    end
{%- endmacro %}

{# Of what a segment of a schedule measures, what was done before a day. #}
{% macro segment_done(segment, day, units, is_complete, prefix="") -%}
    {%- set from_on = segment ~ "." ~ prefix ~ "from_on" -%}
    {%- set ends_before = segment ~ ".ends_before" -%}
    {%- set full_from = first_full_month(from_on, ends_before) -%}
    {%- set full_before = after_full_months(from_on, ends_before) -%}
    {%- set months = full_months(from_on, ends_before) -%}
    case
        when {{ is_complete }}
        then {{ segment_whole(segment, prefix) }}
        when {{ segment }}.method = 'daily'
        then
            {{
                bounded(
                    days_between(from_on, day), days_between(from_on, ends_before)
                )
            }}
        when {{ segment }}.method = 'month_even'
        then
            {{
                bounded(
                    months_apart(from_on, day),
                    segment ~ "." ~ prefix ~ "segment_months",
                )
            }}
        when {{ segment }}.method = 'month_prorated'
        then
            (
                {{
                    bounded(
                        days_between(from_on, day), days_between(from_on, full_from)
                    )
                }}
                + {{
                    bounded(
                        days_between(full_before, day),
                        days_between(full_before, ends_before),
                    )
                }}
            )
            * greatest({{ months }}, cast(1 as bigint))
            + {{ days_between(full_from, full_before) }}
            * {{ bounded(months_apart(full_from, day), months) }}
        else
            {{
                bounded(
                    units ~ " - " ~ segment ~ "." ~ prefix ~ "units_before",
                    "greatest("
                    ~ segment
                    ~ ".total_units - "
                    ~ segment
                    ~ "."
                    ~ prefix
                    ~ "units_before, cast(0 as bigint))",
                )
            }}
    end
{%- endmacro %}

{# Revenue to date of a segment of which `done` of `whole` is done. #}
{% macro segment_recognized(base_minor, pool_minor, done, whole) -%}
    case
        when {{ whole }} <= 0
        then {{ base_minor }} + {{ pool_minor }}
        else {{ base_minor }} + {{ share_minor(pool_minor, done, whole) }}
    end
{%- endmacro %}

{# amount * weight / all weights, rounded toward zero: the first step of an allocation. #}
{% macro floor_share(amount_minor, weight, weights) -%}
    cast(
        {{
            int_div(
                wide("abs(" ~ amount_minor ~ ")") ~ " * " ~ wide(weight),
                wide("greatest(" ~ weights ~ ", 1)"),
            )
        }} as bigint
    )
{%- endmacro %}

{# What the first step of an allocation leaves over, in parts of a minor unit. #}
{% macro floor_remainder(amount_minor, weight, weights, share) -%}
    {{ wide("abs(" ~ amount_minor ~ ")") }} * {{ wide(weight) }}
    - {{ wide(share) }} * {{ wide(weights) }}
{%- endmacro %}

{# Methods that spread an amount over days or months, and so rest in a pause. #}
{% macro methods_over_time() -%}
    ('daily', 'month_even', 'month_prorated')
{%- endmacro %}

{# What happens to contracts, in the order in which one day's events take effect. #}
{% macro revenue_event_kinds() -%}
    {{
        return(
            [
                "modification",
                "estimate",
                "pause",
                "invoice",
                "payment",
                "usage",
                "satisfaction",
                "lapse",
                "return",
                "credit_note",
                "refund",
                "void",
                "dispute",
                "dispute_won",
                "write_off",
                "recovery",
            ]
        )
    }}
{%- endmacro %}

{# Account roles under which revenue is taken back by a document. #}
{% macro contra_roles() -%}
    ('contra_refund', 'contra_void', 'contra_credit', 'contra_dispute')
{%- endmacro %}

{# The condition that a line is revenue, or lessens it for whatever reason. #}
{% macro is_revenue(role="account_role") -%}
    ({{ role }} in ('revenue', 'contra_bad_debt') or {{ role }} in {{ contra_roles() }})
{%- endmacro %}
