{#
    Money is whole minor units. Nothing here divides with a fraction in between: DuckDB's
    decimal division answers in double and is wrong on one half-cent tie in ten.
#}
{# Quotient of two non-negative integers, rounded down. #}
{% macro int_div(numerator, denominator) -%}
    {{ return(adapter.dispatch("int_div", "concord")(numerator, denominator)) }}
{%- endmacro %}

{# DuckDB's own sign for it, //, is the start of a comment to our formatter. #}
{% macro default__int_div(numerator, denominator) -%}
    divide({{ numerator }}, {{ denominator }})
{%- endmacro %}

{% macro postgres__int_div(numerator, denominator) -%}
    cast(
        div(
            cast({{ numerator }} as numeric), cast({{ denominator }} as numeric)
        ) as bigint
    )
{%- endmacro %}

{% macro spark__int_div(numerator, denominator) -%}
    (({{ numerator }}) div({{ denominator }}))
{%- endmacro %}

{#
    numerator / denominator as a whole number, ties away from zero. The denominator is
    positive; both are integers.
#}
{% macro div_half_up(numerator, denominator) -%}
    case
        when {{ numerator }} < 0
        then
            -1
            * {{
                int_div(
                    "2 * -(" ~ numerator ~ ") + (" ~ denominator ~ ")",
                    "2 * (" ~ denominator ~ ")",
                )
            }}
        else
            {{
                int_div(
                    "2 * (" ~ numerator ~ ") + (" ~ denominator ~ ")",
                    "2 * (" ~ denominator ~ ")",
                )
            }}
    end
{%- endmacro %}

{# A decimal amount in major units -> whole minor units. #}
{% macro to_minor(amount, minor_per_major) -%}
    cast({{ amount }} * {{ minor_per_major }} as bigint)
{%- endmacro %}

{# Sum of whole minor units; both adapters widen a bigint's sum, so it is cast back. #}
{% macro sum_minor(amount) -%}
    cast(coalesce(sum({{ amount }}), 0) as bigint)
{%- endmacro %}

{# Minor units -> US cents at the budget rate. #}
{% macro to_usd_minor(amount_minor, usd_micros_per_minor) -%}
    {{ div_half_up("(" ~ amount_minor ~ ") * " ~ usd_micros_per_minor, "1000000") }}
{%- endmacro %}

{# A whole number in a type in which the product of two amounts fits. #}
{% macro wide(number) -%}
    {{ return(adapter.dispatch("wide", "concord")(number)) }}
{%- endmacro %}

{% macro default__wide(number) -%} cast({{ number }} as hugeint) {%- endmacro %}

{% macro postgres__wide(number) -%} cast({{ number }} as numeric) {%- endmacro %}

{% macro spark__wide(number) -%} cast({{ number }} as decimal(38, 0)) {%- endmacro %}

{#
    amount_minor * numerator / denominator, ties away from zero; the amount may be large.
    A month's part is the difference of two such shares, so that parts sum to the amount.
#}
{% macro share_minor(amount_minor, numerator, denominator) -%}
    cast(
        {{
            div_half_up(
                wide(amount_minor) ~ " * " ~ wide(numerator), wide(denominator)
            )
        }} as bigint
    )
{%- endmacro %}

{# Minor units -> US cents at a rate of usd_rates_monthly. #}
{% macro usd_minor(amount_minor, rate) -%}
    {{ share_minor(amount_minor, rate, "10000000000") }}
{%- endmacro %}

{#
    The discount of a line in hundredths of a percent: the whole percent that explains it
    to the minor unit, if there is one.
#}
{% macro basis_points_off(gross_minor, discount_minor) -%}
    {%- set percent = div_half_up(
        "(" ~ discount_minor ~ ") * 100", "abs(" ~ gross_minor ~ ")"
    ) -%}
    case
        when coalesce({{ discount_minor }}, 0) = 0 or {{ gross_minor }} = 0
        then cast(0 as bigint)
        when
            {{ div_half_up("abs(" ~ gross_minor ~ ") * (" ~ percent ~ ")", "100") }}
            = {{ discount_minor }}
        then 100 * {{ percent }}
        else
            {{
                div_half_up(
                    "(" ~ discount_minor ~ ") * 10000", "abs(" ~ gross_minor ~ ")"
                )
            }}
    end
{%- endmacro %}
