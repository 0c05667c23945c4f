{#
    A table of the schema `identity`, which resolution leaves and dbt only reads. Where
    it is missing nobody said yet whose record is whose, and no model may guess.
#}
{% macro resolved(table) -%}
    {%- set relation = source("identity", table) -%}
    {%- if execute and model.resource_type != "unit_test" -%}
        {%- set found = adapter.get_relation(
            relation.database, relation.schema, relation.identifier
        ) -%}
        {%- if found is none -%}
            {%- do exceptions.raise_compiler_error(
                "There is no table identity."
                ~ table
                ~ ": the customers of this warehouse are not resolved yet. Run"
                ~ " `concord identity run` first (`concord run refresh` does both)."
            ) -%}
        {%- endif -%}
    {%- endif -%}
    {{ return(relation) }}
{%- endmacro %}

{#
    Where customers are held: system, what a record is called there, its staging model,
    which of the columns that systems need not have it has, and the model whose rows
    name the record they are for. A record's key is <system>_<object>_id everywhere.
#}
{% macro customer_systems() -%}
    {%- set held = [
        (
            "salesforce",
            "account",
            "accounts",
            ["billing_email", "created_at", "modified_at", "duplicate_of"],
            "stg_salesforce__contracts",
        ),
        (
            "stripe",
            "customer",
            "customers",
            ["billing_email", "created_at", "duplicate_of"],
            "stg_stripe__subscriptions",
        ),
        (
            "zendesk",
            "organization",
            "organizations",
            ["created_at", "modified_at"],
            none,
        ),
        (
            "netsuite",
            "customer",
            "customers",
            ["billing_email", "modified_at", "is_inactive"],
            "stg_netsuite__invoices",
        ),
        (
            "tryton",
            "party",
            "parties",
            ["billing_email"],
            "stg_tryton__invoices",
        ),
        (
            "hubspot",
            "company",
            "companies",
            ["billing_email", "created_at"],
            none,
        ),
        (
            "chargebee",
            "customer",
            "customers",
            ["billing_email", "created_at"],
            none,
        ),
        (
            "business_central",
            "customer",
            "customers",
            ["billing_email"],
            none,
        ),
        (
            "vitally",
            "account",
            "accounts",
            ["created_at", "modified_at"],
            none,
        ),
    ] -%}
    {%- set systems = [] -%}
    {%- for system, object, objects, has, used_in in held -%}
        {%- do systems.append(
            {
                "name": system,
                "object": object,
                "key": system ~ "_" ~ object ~ "_id",
                "model": "stg_" ~ system ~ "__" ~ objects,
                "has": has,
                "used_in": used_in,
            }
        ) -%}
    {%- endfor -%}
    {{ return(systems) }}
{%- endmacro %}
