{#
    A source that not every company has: the relation, or none where nobody made it.
#}
{% macro existing(relation) -%}
    {%- if execute -%}
        {{
            return(
                adapter.get_relation(
                    relation.database, relation.schema, relation.identifier
                )
            )
        }}
    {%- endif -%}
    {{ return(none) }}
{%- endmacro %}

{#
    The days of the events that arrived since the model that asks was last built, sorted,
    as ISO text. The last arrivals are asked for again: others may share their instant.
#}
{% macro days_with_arrivals(events) -%}
    {%- set days = [] -%}
    {%- if execute -%}
        {%- set query -%}
            select {{ iso_day(utc_date("event_at")) }} as arrived
            from {{ events }}
            where
                ingested_at
                >= coalesce(
                    (select max(last_ingested_at) from {{ this }}),
                    cast('-infinity' as timestamp with time zone)
                )
            group by 1
            order by 1
        {%- endset -%}
        {%- for row in run_query(query).rows -%}
            {%- do days.append(row[0]) -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(days) }}
{%- endmacro %}

{#
    A condition: an instant lies on one of some days (sorted, ISO text) or beside one.
    Constant bounds, so that an adapter can pass over whatever lies outside of them
    without reading it; a computed day would be computed for every event there is.
#}
{% macro near_days(instant, days) -%}
    {%- set day = modules.datetime.timedelta(days=1) -%}
    {%- set stretches = [] -%}
    {%- for text in days -%}
        {%- set start = modules.datetime.date.fromisoformat(text) - day -%}
        {%- if stretches and start <= stretches[-1][1] -%}
            {%- do stretches.append([stretches.pop()[0], start + 3 * day]) -%}
        {%- else -%} {%- do stretches.append([start, start + 3 * day]) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- if not stretches -%} false
    {%- else -%}
        {{ instant }} >= {{ utc_midnight(stretches[0][0]) }}
        and {{ instant }} < {{ utc_midnight(stretches[-1][1]) }}
        {%- if stretches | length > 1 %}
            and (
                {% for start, end in stretches -%}
                    (
                        {{ instant }} >= {{ utc_midnight(start) }}
                        and {{ instant }} < {{ utc_midnight(end) }}
                    )
                    {%- if not loop.last %} or {% endif %}
                {%- endfor %}
            )
        {%- endif %}
    {%- endif -%}
{%- endmacro %}

{% macro utc_midnight(day) -%}
    cast('{{ day }} 00:00:00+00' as timestamp with time zone)
{%- endmacro %}

{# A condition: a day is one of some (ISO text). #}
{% macro on_days(day, days) -%}
    {%- if not days -%} false
    {%- else -%}
        {{ day }} in (
            {%- for each in days -%}
                cast('{{ each }}' as date) {%- if not loop.last %}, {% endif %}
            {%- endfor -%}
        )
    {%- endif -%}
{%- endmacro %}

{# How many rows of a group are so. #}
{% macro count_where(condition) -%}
    cast(sum(case when {{ condition }} then 1 else 0 end) as bigint)
{%- endmacro %}
