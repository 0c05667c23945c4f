{#
    The values of all metrics as SQL, read from the definitions of the semantic layer, so
    that nothing is defined twice. MetricFlow answers the same questions in its own way,
    and a test compares the two.

    A metric takes all its measures from one semantic model, and is stated for the whole
    company and for each member of the entities and dimensions below that the semantic
    model has, one at a time: never for pairs of them.
#}
{% macro metric_entities() -%}
    {{ return(["currency", "legal_entity"]) }}
{%- endmacro %}

{% macro metric_dimensions() -%} {{ return(["segment"]) }} {%- endmacro %}

{# The semantic models that measure something; dbt knows them only when it runs. #}
{% macro measuring_models() -%}
    {%- set found = [] -%}
    {%- set known = graph.semantic_models.values() if execute else [] -%}
    {%- for each in known | sort(attribute="name") if each.measures -%}
        {%- do found.append(each) -%}
    {%- endfor -%}
    {{ return(found) }}
{%- endmacro %}

{# The levels of a semantic model, each with the column that tells its members apart. #}
{% macro metric_levels(semantic_model) -%}
    {%- set levels = {"company": "cast('all' as varchar)"} -%}
    {%- for entity in semantic_model.entities if entity.name in metric_entities() -%}
        {%- do levels.update({entity.name: entity.expr or entity.name}) -%}
    {%- endfor -%}
    {%- for name in metric_dimensions() -%}
        {%- if name in semantic_model.dimensions | map(attribute="name") -%}
            {%- do levels.update({name: name}) -%}
        {%- elif is_by_customer(semantic_model) -%}
            {%- do levels.update({name: "customer_dimensions." ~ name}) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(levels) }}
{%- endmacro %}

{% macro is_by_customer(semantic_model) -%}
    {{ return("customer" in semantic_model.entities | map(attribute="name")) }}
{%- endmacro %}

{# What customers are told apart by, as the semantic model of customers says. #}
{% macro customer_dimensions() -%}
    {%- set known = graph.semantic_models.values() if execute else [] -%}
    select
        customer_id
        {%- for each in known if each.name == "customers" -%}
            {%- for dimension in each.dimensions if dimension.name in metric_dimensions() %}
                , {{ dimension.expr or dimension.name }} as {{ dimension.name }}
            {%- endfor -%}
        {%- endfor %}
    from customers
{%- endmacro %}

{# A CTE for each semantic model and level. #}
{% macro measured_levels() -%}
    {%- for semantic_model in measuring_models() -%}
        {%- for level in metric_levels(semantic_model) %}
            {{ semantic_model.name }}_by_{{ level }} as (
                {{ measured(semantic_model, level) }}
            ),
        {% endfor -%}
    {%- endfor -%}
{%- endmacro %}

{# All measures of a semantic model at one level, one row per month and member. #}
{% macro measured(semantic_model, level) -%}
    {%- set member = metric_levels(semantic_model)[level] -%}
    select
        month,
        {{ member }} as level_value,
        {% for measure in semantic_model.measures -%}
            {%- if measure.agg == "count_distinct" -%}
                count(distinct {{ measure.expr }})
            {%- elif measure.agg in ["sum", "max"] -%}
                cast({{ measure.agg }} ({{ measure.expr }}) as bigint)
            {%- else -%} {{ not_computed(measure.name, measure.agg) }}
            {%- endif %} as {{ measure.name }} {{- "," if not loop.last }}
        {% endfor %}
    from {{ semantic_model.model.split("'")[1] }}
    {% if member.startswith("customer_dimensions.") -%}
        left join customer_dimensions using (customer_id)
    {%- endif %}
    group by month {%- if level != "company" %}, {{ member }} {%- endif %}
{%- endmacro %}

{#
    Every metric at every level of its semantic model: the CTE to read, the expression over
    its measures, the unit, and the version of the definition, 1 unless it says otherwise.
#}
{% macro computed_metrics() -%}
    {%- set measures = {} -%}
    {%- for semantic_model in measuring_models() -%}
        {%- for measure in semantic_model.measures -%}
            {%- do measures.update({measure.name: [semantic_model, measure]}) -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- set found = [] -%}
    {%- set metrics = graph.metrics.values() if execute else [] -%}
    {%- for metric in metrics | sort(attribute="name") -%}
        {%- set inputs = metric.type_params.input_measures | map(attribute="name") -%}
        {%- set sources = [] -%}
        {%- for input in inputs if measures[input][0] not in sources -%}
            {%- do sources.append(measures[input][0]) -%}
        {%- endfor -%}
        {%- if sources | length != 1 -%}
            {{ not_computed(metric.name, "measures of several semantic models") }}
        {%- endif -%}
        {#- dbt does not hand a measure's meta on to the metric that it creates. -#}
        {%- set meta = metric.config.meta or measures[metric.name][1].config.meta -%}
        {%- for level in metric_levels(sources[0]) -%}
            {%- do found.append(
                {
                    "name": metric.name,
                    "level": level,
                    "source": sources[0].name ~ "_by_" ~ level,
                    "expression": metric_expression(metric),
                    "unit": meta.unit,
                    "version": meta.get("version", 1),
                }
            ) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(found) }}
{%- endmacro %}

{# Sums and differences of metrics, and one quotient in the unit's whole parts. #}
{% macro metric_expression(metric) -%}
    {%- set given = metric.type_params -%}
    {%- if metric.type == "simple" -%} {{ return(given.measure.name) }} {%- endif -%}
    {%- set inputs = {} -%}
    {%- for input in [given.numerator, given.denominator] + given.metrics if input -%}
        {%- do inputs.update(
            {
                input.name: metric_expression(
                    graph.metrics["metric.concord." ~ input.name]
                )
            }
        ) -%}
    {%- endfor -%}
    {%- set words = (
        [given.numerator.name, "/", given.denominator.name]
        if metric.type == "ratio"
        else given.expr.split()
    ) -%}
    {%- set terms = [] -%}
    {%- for word in words -%}
        {%- do terms.append(inputs.get(word, word)) -%}
    {%- endfor -%}
    {%- if terms | length == 3 and terms[1] == "/" -%}
        {{ return(ratio(terms[0], terms[2], metric_scale(metric.config.meta.unit))) }}
    {%- elif words | reject("in", inputs) | reject("in", ["0", "+", "-"]) | list -%}
        {{ not_computed(metric.name, given.expr or metric.type) }}
    {%- endif -%}
    {{ return("(" ~ terms | join(" ") ~ ")") }}
{%- endmacro %}

{# How many of the unit's whole parts make one. #}
{% macro metric_scale(unit) -%}
    {%- set parts = {
        "hundredths": 100,
        "hundredth_days": 100,
        "basis_points": 10000,
    } -%}
    {{ return(parts.get(unit, 1)) }}
{%- endmacro %}

{% macro not_computed(name, what) -%}
    {{
        exceptions.raise_compiler_error(
            "metric_values does not know how to compute " ~ name ~ ": " ~ what
        )
    }}
{%- endmacro %}
