{# All checks, in the order in which people read them. A test compares it with the folder. #}
{% macro checks() -%}
    {{
        return(
            [
                "rec_systems__salesforce__customers",
                "rec_records__customers__duplicates",
                "rec_records__customers__possible_duplicates",
                "rec_salesforce__erp__customers",
                "rec_owner__followers__master_data",
                "rec_salesforce__erp__items",
                "rec_opportunities__contracts__won",
                "rec_opportunities__quotes__amount",
                "rec_contracts__contracts__overlap",
                "rec_contracts__stripe__arr",
                "rec_contracts__stripe__discount_end",
                "rec_arr_movements__contracts__closing",
                "rec_usage__invoices__quantity",
                "rec_stripe__erp__invoices",
                "rec_erp__stripe__invoices",
                "rec_stripe__erp__invoice_total",
                "rec_stripe__erp__invoice_status",
                "rec_stripe__erp__payments_applied",
                "rec_stripe__salesforce__payment_status",
                "rec_contracts__zendesk__support_tier",
                "rec_invoices__revenue__recognized",
                "rec_revenue__invoices__deferred_rollforward",
                "rec_stripe__erp__invoiced",
                "rec_raw__canonical__rows",
                "rec_systems__canonical__held_rows",
            ]
        )
    }}
{%- endmacro %}

{#
    One row that says what a check's properties say, and how many rows it looked at: those
    of its population, which lies upstream of it.
#}
{% macro check_properties(check) -%}
    {%- if execute -%}
        {%- set meta = graph.nodes["model.concord." ~ check].config.meta -%}
        {%- set population = graph.nodes["model.concord." ~ meta.population] -%}
        select
            {% for name in [
                "check_id",
                "title",
                "area",
                "severity",
                "owner",
                "tolerance",
            ] -%}
                cast(
                    {{ dbt.string_literal(dbt.escape_single_quotes(meta[name])) }}
                    as varchar
                ) as {{ name }},
            {% endfor -%}
            cast({{ dbt.string_literal(check) }} as varchar) as model,
            cast(
                {{ dbt.string_literal(meta.disorder) if meta.disorder else "null" }}
                as varchar
            ) as disorder,
            count(*) as compared
        from {{ population.relation_name }}
    {%- else -%} select 1
    {%- endif -%}
{%- endmacro %}
