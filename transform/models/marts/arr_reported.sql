-- Written once, when a month closes, and never again: not even a full refresh takes it
-- back. A month that was over before the first build is recorded by that build.
{{
    config(
        materialized="incremental",
        incremental_strategy="append",
        full_refresh=false,
        on_schema_change="fail",
    )
}}

with

    movements as (select * from {{ ref("arr_movements") }}),

    months as (select * from {{ ref("int_calendar__months") }}),

    policies as (
        select * from {{ ref("int_metric_policies__steps") }} where is_in_force
    ),

    closed as (
        select months.month, policies.policy_version
        from months
        cross join policies
        where
            {{ add_days("months.next_month", "policies.reporting_lag_days") }}
            <= {{ add_days(as_of(), 1) }}
            {% if is_incremental() %}
                and months.month > (
                    select coalesce(max(reported.month), cast('1970-01-01' as date))
                    from {{ this }} as reported
                )
            {% endif %}
    )

select
    movements.customer_id,
    movements.product_id,
    movements.currency,
    movements.legal_entity_code,
    movements.month,
    {% for measure in arr_measures() %}
        {% for amount in ["opening"] + arr_movements(measure) + ["closing"] %}
            movements.{{ amount }}_{{ measure }},
        {% endfor %}
    {% endfor %}
    closed.policy_version,
    {{ as_of() }} as recorded_on
from movements
inner join closed using (month)
