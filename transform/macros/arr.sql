{#
    The policies of the seed metric_policies and the type of their values: the one place
    where a policy's value becomes a column, for int_metric_policies__steps. Models join
    that.
#}
{% macro metric_policies() -%}
    {{
        return(
            {
                "churn_recognised": "varchar",
                "counts_past_due": "boolean",
                "counts_paused": "boolean",
                "counts_trial": "boolean",
                "discount_in_mrr": "varchar",
                "late_renewal_grace_days": "integer",
                "pause_days": "integer",
                "reactivation_grace_days": "integer",
                "reporting_lag_days": "integer",
            }
        )
    }}
{%- endmacro %}

{#
    The movements of ARR in the order in which they are told apart. A change of rates is
    one only where amounts are at the rates of the months.
#}
{% macro arr_movements(measure="minor") -%}
    {%- set names = [
        "new",
        "reactivation",
        "churn",
        "pause",
        "resume",
        "expansion",
        "contraction",
    ] -%}
    {%- set first = ["transfer_in", "transfer_out"] -%}
    {{ return(first + (["fx"] if measure == "reported_usd_minor" else []) + names) }}
{%- endmacro %}

{# In which units ARR is told: the contract's, the budget's, those of the month's end. #}
{% macro arr_measures() -%}
    {{ return(["minor", "usd_minor", "reported_usd_minor"]) }}
{%- endmacro %}
