{#
    Prices are exact: decimals of a minor unit, twelve as Stripe has them, and rounded
    once, half away from zero, when they become an amount.
#}
{% macro exact_price(text) -%} cast({{ text }} as decimal(38, 12)) {%- endmacro %}

{% macro exact_quantity(text) -%} cast({{ text }} as decimal(38, 9)) {%- endmacro %}

{# An exact price times an exact quantity as whole minor units. #}
{% macro priced_minor(exact) -%} cast(round({{ exact }}, 0) as bigint) {%- endmacro %}

{#
    What a recurring amount brings in so many months, a month unless it is said: 365/12
    days, 52/12 weeks, and exact parts of a year for all other intervals, over the number
    of intervals that one price covers. Null for an interval that nobody knows.
#}
{% macro recurring_minor(amount_minor, billing_interval, interval_count, months=1) -%}
    {%- set yearly -%}
        case
            {{ billing_interval }}
            when 'day' then 365
            when 'week' then 52
            when 'month' then 12
            when 'quarter' then 4
            when 'half_year' then 2
            when 'year' then 1
        end
    {%- endset -%}
    {{
        div_half_up(
            "(" ~ amount_minor ~ ") * " ~ months ~ " * (" ~ yearly ~ ")",
            "12 * (" ~ interval_count ~ ")",
        )
    }}
{%- endmacro %}

{#
    Whether a quantity is in a tier, whose flat price is then due. Tiers of a volume or of
    stairs exclude each other, all others add up, and the first is in force from nothing
    on: Stripe charges its flat price for no unit at all; stairs begin with a unit.
#}
{% macro tier_is_reached(pricing_model, quantity, starts_after, up_to) -%}
    (
        (
            {{ quantity }} > {{ starts_after }}
            or ({{ starts_after }} = 0 and {{ pricing_model }} <> 'stairstep')
        )
        and (
            {{ pricing_model }} not in ('volume', 'stairstep')
            or {{ up_to }} is null
            or {{ quantity }} <= {{ up_to }}
        )
    )
{%- endmacro %}

{#
    How many units of a quantity a tier prices: all, where the tier that is reached prices
    all, else those between its bounds; or so many packages of them.
#}
{% macro tier_units(
    pricing_model, quantity, starts_after, up_to, package_size, rounds
) -%}
    {%- set part -%}
        case
            when
                not
                {{ tier_is_reached(pricing_model, quantity, starts_after, up_to) }}
            then 0
            when {{ pricing_model }} in ('volume', 'stairstep')
            then {{ quantity }}
            else least({{ quantity }}, coalesce({{ up_to }}, {{ quantity }})) - {{ starts_after }}
        end
    {%- endset -%}
    case
        when {{ package_size }} is null
        then {{ exact_quantity(part) }}
        when {{ rounds }} = 'down'
        then
            {{
                exact_quantity(
                    int_div("cast(floor(" ~ part ~ ") as bigint)", package_size)
                )
            }}
        else
            {{
                exact_quantity(
                    int_div(
                        "cast(ceil("
                        ~ part
                        ~ ") as bigint) + "
                        ~ package_size
                        ~ " - 1",
                        package_size,
                    )
                )
            }}
    end
{%- endmacro %}

{# What a tier costs, exactly: its units at their price, and its flat price if reached. #}
{% macro tier_price(
    pricing_model,
    quantity,
    starts_after,
    up_to,
    unit_price,
    flat_price,
    package_size,
    rounds
) -%}
    {{ tier_units(pricing_model, quantity, starts_after, up_to, package_size, rounds) }}
    * {{ unit_price }}
    + case
        when {{ tier_is_reached(pricing_model, quantity, starts_after, up_to) }}
        then {{ flat_price }}
        else {{ exact_price("0") }}
    end
{%- endmacro %}

{# A tier's terms as text, from which a version is made. #}
{% macro tier_terms(tier) -%}
    {{ tier }}.pricing_model
    || ':'
    || cast({{ tier }}.starts_after as {{ dbt.type_string() }})
    || ':'
    || cast({{ tier }}.unit_price as {{ dbt.type_string() }})
    || ':'
    || cast({{ tier }}.flat_price as {{ dbt.type_string() }})
    || ':'
    || coalesce(cast({{ tier }}.package_size as {{ dbt.type_string() }}), '')
{%- endmacro %}

{# A short name of all terms by which something is rated: it changes with any of them. #}
{% macro rating_version(free_quantity, terms, tier_number) -%}
    substr(
        md5(
            cast({{ free_quantity }} as {{ dbt.type_string() }})
            || ';'
            || {{ dbt.listagg(terms, "';'", "order by " ~ tier_number) }}
        ),
        1,
        12
    )
{%- endmacro %}
