{#
    The reasons why one side of a hand-off differs from the other. Those of `stated_reasons`
    a hand-off's own model tells; the others are found in what is left.
#}
{% macro stated_reasons() -%}
    {{ return(["timing", "fx", "rounding", "tax", "mapping", "policy"]) }}
{%- endmacro %}

{# The steps of a hand-off, in the order in which a bridge is read. #}
{% macro bridge_steps() -%}
    {{
        return(
            ["left"] + stated_reasons() + ["known_exception", "unexplained", "right"]
        )
    }}
{%- endmacro %}

{#
    The columns of one move of a hand-off: whose it is, and what it adds to each side and
    to each reason. `why` is the reason, of which `difference` is the amount; a move that
    always has the same reasons names them in `amounts`. Of `lines` amounts each may be
    rounded.
#}
{% macro bridge_move(
    subject,
    month="month",
    amounts={},
    why=none,
    difference=none,
    lines="0"
) -%}
    legal_entity_code,
    currency,
    {{ month }} as month,
    {{ subject[0] }} as subject_type,
    {{ subject[1] }} as subject_id,
    {% for step in ["left", "right"] -%}
        cast({{ amounts.get(step, "0") }} as bigint) as {{ step }}_minor,
    {% endfor -%}
    {% for reason in stated_reasons() -%}
        cast(
            {{ amounts.get(reason, "0") }}
            {%- if why %}
                + case when {{ why }} = '{{ reason }}' then {{ difference }} else 0 end
            {%- endif %} as bigint
        ) as {{ reason }}_minor,
    {% endfor -%}
    cast({{ lines }} as bigint) as lines_count
{%- endmacro %}

{# The last select of a hand-off: its moves, summed by subject and month. #}
{% macro bridge_hand_off(name) -%}
    select
        cast('{{ name }}' as varchar) as hand_off,
        legal_entity_code,
        currency,
        month,
        cast(subject_type as varchar) as subject_type,
        subject_id,
        {% for step in ["left", "right"] + stated_reasons() -%}
            {{ sum_minor(step ~ "_minor") }} as {{ step }}_minor,
        {% endfor -%}
        {{ sum_minor("lines_count") }} as lines_count
    from moves
    group by legal_entity_code, currency, month, subject_type, subject_id
{%- endmacro %}

{#
    The reasons why the monthly recurring revenue of all months is not the revenue, in the
    order of the way from one to the other. The last four are what is left, judged.
#}
{% macro mrr_reasons() -%}
    {{
        return(
            [
                "policy",
                "part_months",
                "discounts",
                "pauses",
                "given_back",
                "allocation",
                "changes",
                "held",
                "rounding",
                "unexplained",
            ]
        )
    }}
{%- endmacro %}

{# The last month that is over. One that is not has no MRR yet, which is of its last day. #}
{% macro newest_whole_month() -%}
    select max(month) as month, max(closes_before) as closes_before
    from {{ ref("revenue_months") }}
    where is_posted and closes_before = {{ add_months("month", 1) }}
{%- endmacro %}
