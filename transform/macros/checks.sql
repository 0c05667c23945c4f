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
                "rec_netsuite__billing__currency",
                "rec_salesforce__salesforce__parents",
                "rec_salesforce__erp__items",
                "rec_products__netsuite__items",
                "rec_salesforce__stripe__list_price",
                "rec_products__netsuite__revenue_rules",
                "rec_netsuite__billing__taxability",
                "rec_erp__billing__closed_customers",
                "rec_contracts__netsuite__payment_terms",
                "rec_opportunities__contracts__won",
                "rec_orders__quotes__acceptance",
                "rec_quotes__quotes__total",
                "rec_opportunities__quotes__amount",
                "rec_orders__quotes__lines",
                "rec_quotes__approvals__discount",
                "rec_contracts__orders__starts",
                "rec_contracts__contracts__overlap",
                "rec_orders__orders__chain",
                "rec_orders__orders__activation",
                "rec_contracts__billing__missing_lines",
                "rec_billing__contracts__surplus_lines",
                "rec_contracts__billing__terms",
                "rec_contracts__stripe__arr",
                "rec_contracts__stripe__discount_end",
                "rec_contracts__stripe__renewal_terms",
                "rec_contracts__billing__lapsed",
                "rec_billing__contracts__ended",
                "rec_salesforce__contracts__line_ends",
                "rec_billing__salesforce__pauses",
                "rec_billing__billing__trials",
                "rec_quotes__salesforce__ramp_steps",
                "rec_arr_movements__contracts__closing",
                "rec_arr_movements__arr_movements__transfers",
                "rec_contracts__opportunities__renewals",
                "rec_contracts__salesforce__churn_reason",
                "rec_usage__usage__duplicates",
                "rec_usage__invoices__quantity",
                "rec_usage__usage__rated",
                "rec_usage__billing__overbilled",
                "rec_usage__subscriptions__unsubscribed",
                "rec_usage__invoices__overage",
                "rec_subscriptions__usage__silent",
                "rec_usage__prices__meters",
                "rec_usage__usage__outliers",
                "rec_usage__usage__counted",
                "rec_invoices__subscriptions__usage_price",
                "rec_stripe__erp__invoices",
                "rec_erp__stripe__invoices",
                "rec_stripe__erp__invoice_total",
                "rec_erp__erp__invoices",
                "rec_stripe__erp__invoice_status",
                "rec_erp__billing__posting_period",
                "rec_stripe__stripe__invoice_numbers",
                "rec_billing__erp__credit_notes",
                "rec_billing__contracts__overbilled",
                "rec_subscriptions__billing__unbilled",
                "rec_billing__billing__line_periods",
                "rec_exceptions__invoices__rate",
                "rec_stripe__customers__receiver",
                "rec_payments__billing__open_invoices",
                "rec_stripe__erp__payments_applied",
                "rec_stripe__salesforce__payment_status",
                "rec_payouts__stripe__transactions",
                "rec_payouts__netsuite__deposits",
                "rec_netsuite__netsuite__unapplied_cash",
                "rec_refunds__billing__credit_notes",
                "rec_disputes__netsuite__write_offs",
                "rec_netsuite__netsuite__duplicate_payments",
                "rec_payments__netsuite__short_payments",
                "rec_gl__billing__receivables",
                "rec_gl__gl__balance",
                "rec_zendesk__billing__suspended",
                "rec_billing__erp__credit_balances",
                "rec_zendesk__contracts__surplus_support",
                "rec_contracts__zendesk__unserved",
                "rec_contracts__zendesk__support_tier",
                "rec_zendesk__billing__unflagged_tickets",
                "rec_vitally__salesforce__renewal_risk",
                "rec_revenue__revenue__schedules",
                "rec_revenue__invoices__deferred_rollforward",
                "rec_orders__revenue__allocation",
                "rec_revenue__revenue__recognized",
                "rec_revenue__revenue__openings",
                "rec_gl__revenue__closed_periods",
                "rec_revenue__revenue__ended",
                "rec_revenue__revenue__silent",
                "rec_orders__revenue__modifications",
                "rec_products__prices__standalone",
                "rec_revenue__revenue__negative_balances",
                "rec_contracts__revenue__held",
                "rec_orders__revenue__remaining",
                "rec_revenue__revenue__waterfall",
                "rec_revenue__gl__deferred",
                "rec_revenue__gl__contract_assets",
                "rec_revenue__gl__revenue",
                "rec_revenue__erp__journals",
                "rec_netsuite__netsuite__exchange_rates",
                "rec_erp__contracts__legal_entity",
                "rec_erp__exchange_rates__remeasured",
                "rec_gl__gl__intercompany_balances",
                "rec_gl__gl__intercompany_income",
                "rec_entities__group__ledger",
                "rec_stripe__erp__invoiced",
                "rec_pipeline__opportunities__base",
                "rec_orders__contracts__value",
                "rec_revenue__contracts__backlog",
                "rec_contracts__revenue__mrr",
                "rec_billing__billing__receivables_rollforward",
                "rec_revenue__billing__calculated_billings",
                "rec_vitally__contracts__mrr",
                "rec_systems__loads__freshness",
                "rec_raw__canonical__rows",
                "rec_quarantine__streams__fields",
                "rec_systems__canonical__held_rows",
                "rec_ledger__systems__read_back",
                "rec_plans__systems__overtaken",
                "rec_ledger__sources__echoes",
                "rec_marts__metrics__values",
                "rec_exceptions__owners__age",
                "rec_owners__followers__edited_fields",
            ]
        )
    }}
{%- endmacro %}

{#
    One row per check and other check of which its breaks may be the consequence, as the
    property caused_by says: the other one is to be repaired, and both are gone.
#}
{% macro consequences_of(checks) -%}
    {%- if execute -%}
        {%- for check in checks -%}
            {%- set meta = graph.nodes["model.concord." ~ check].config.meta -%}
            {%- for cause in meta.get("caused_by", []) %}
                select '{{ meta.check_id }}' as check_id, '{{ cause }}' as cause_id
                union all
            {%- endfor -%}
        {%- endfor %}
    {% endif -%}
    select
        cast(null as {{ dbt.type_string() }}) as check_id,
        cast(null as {{ dbt.type_string() }}) as cause_id
    where 1 = 0
{%- endmacro %}

{# What a break of each severity is given until it must be gone, in hours. #}
{% macro service_level_hours(meta) -%}
    {{
        return(
            meta.get(
                "service_level_hours", {"S1": 4, "S2": 24, "S3": 120}[meta.severity]
            )
        )
    }}
{%- endmacro %}

{# The systems that a check's name says it reads: they must have been loaded. #}
{% macro systems_of_check(check) -%}
    {%- set known = customer_systems() | map(attribute="name") | list -%}
    {%- set named = [] -%}
    {%- for word in check.split("__") -%}
        {%- set system = word | replace("rec_", "") -%}
        {%- if system in known -%} {%- do named.append(system) -%} {%- endif -%}
    {%- endfor -%}
    {{ return(named) }}
{%- endmacro %}

{# Each system that was ever loaded: its name, where its loads stand, its raw tables. #}
{% macro loaded_systems() -%}
    {%- set found = {} -%}
    {%- if execute -%}
        {%- for node in graph.sources.values() if node.source_name.startswith("raw_") -%}
            {%- set name = node.source_name | replace("raw_", "") -%}
            {%- if name not in found -%}
                {%- do found.update(
                    {
                        name: {
                            "name": name,
                            "loads": adapter.get_relation(
                                node.database, node.schema, "_dlt_loads"
                            ),
                            "tables": [],
                        }
                    }
                ) -%}
            {%- endif -%}
            {%- do found[name].tables.append(node.relation_name) -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(found.values() | rejectattr("loads", "none") | list) }}
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
                "push_class",
                "repair",
            ] -%}
                cast(
                    {{ dbt.string_literal(dbt.escape_single_quotes(meta[name])) }}
                    as varchar
                ) as {{ name }},
            {% endfor -%}
            cast({{ service_level_hours(meta) }} as bigint) as service_level_hours,
            cast({{ dbt.string_literal(check) }} as varchar) as model,
            cast({{ dbt.string_literal(meta.population) }} as varchar) as population,
            cast(
                {{ dbt.string_literal(meta.disorder) if meta.disorder else "null" }}
                as varchar
            ) as disorder,
            count(*) as compared
        from {{ population.relation_name }}
    {%- else -%} select 1
    {%- endif -%}
{%- endmacro %}

{#
    Why a check did not run, one row per check and reason: a system that it reads was
    never loaded, not in the last day before the newest load, or not whole.
#}
{% macro unready_inputs(checks) -%}
    {% for check in checks -%}
        {%- for system in systems_of_check(check) %}
            select
                '{{ check }}' as model,
                case
                    when max(loaded_at) is null
                    then '{{ system }} was never loaded'
                    when max(torn_rows) > 0
                    then 'a load of {{ system }} never ended'
                    else '{{ system }} was not loaded with the others'
                end as reason
            from loads
            where system = '{{ system }}'
            having
                max(loaded_at) is null
                or max(torn_rows) > 0
                or max(loaded_at) < max(newest_at - {{ hours(24) }})
            union all
        {%- endfor -%}
    {%- endfor %}
    select cast(null as varchar) as model, cast(null as varchar) as reason
    where 1 = 0
{%- endmacro %}
