{{
    config(
        materialized="incremental",
        incremental_strategy="append",
        full_refresh=false,
        on_schema_change="fail",
    )
}}

with

    positions as (select * from {{ ref("arr_positions") }} where is_in_force),

    reported as (
        select month, min(recorded_on) as recorded_on
        from {{ ref("arr_reported") }}
        group by month
    )

select
    positions.customer_record_key,
    positions.customer_id,
    positions.product_id,
    positions.currency,
    positions.legal_entity_code,
    positions.month,
    {% for measure in arr_measures() %}
        positions.held_{{ measure }}
        - positions.paused_{{ measure }} as closing_{{ measure }},
    {% endfor %}
    reported.recorded_on
from positions
inner join reported using (month)
{% if is_incremental() %}
    where
        positions.month > (
            select coalesce(max(recorded.month), cast('1970-01-01' as date))
            from {{ this }} as recorded
        )
{% endif %}
