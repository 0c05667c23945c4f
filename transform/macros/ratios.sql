{#
    A ratio as a whole number of 1/scale: basis points for 10000, hundredths for 100. Null
    where there is nothing to compare with.
#}
{% macro ratio(numerator, denominator, scale) -%}
    case
        when ({{ denominator }}) > 0
        then {{ div_half_up(scale ~ " * (" ~ numerator ~ ")", denominator) }}
    end
{%- endmacro %}
