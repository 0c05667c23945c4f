{#
    The key of a journal batch, made of what an external id can hold: letters, digits,
    - and _. The primary book is the only one that is kept.
#}
{% macro journal_batch_id(entity, currency, month) -%}
    'revenue-'
    || {{ entity }}
    || '-primary-'
    || {{ currency }}
    || '-'
    || substring({{ iso_day(month) }}, 1, 7)
{%- endmacro %}

{#
    The CTEs of a check that compares what the batches moved with what the ledger moved, on
    the accounts of one purpose.
#}
{% macro ledger_differences(purpose) -%}
    movements as (
        select *
        from {{ ref("revenue_ledger_movements") }}
        where purpose = '{{ purpose }}'
    ),

    currencies as (select * from {{ ref("currencies") }}),

    found as (
        select
            movements.erp_system
            || ':account:'
            || movements.erp_account_id as record_key,
            movements.entity
            || ':'
            || currency
            || ':'
            || {{ iso_day("movements.month") }} as part,
            'Account '
            || movements.account_number
            || ' '
            || movements.account_name
            || ' of '
            || movements.entity
            || ' did not move in '
            || substring({{ iso_day("movements.month") }}, 1, 7)
            || ' as the subledger did' as subject,
            currency,
            movements.month as period,
            'subledger' as left_system,
            {{ amount_text("movements.subledger_minor", "currencies.minor_per_major") }}
            as left_value,
            movements.erp_system as right_system,
            {{ amount_text("movements.gl_minor", "currencies.minor_per_major") }}
            as right_value,
            movements.subledger_minor - movements.gl_minor as difference_minor
        from movements
        inner join currencies using (currency)
        where movements.subledger_minor <> movements.gl_minor
    )
{%- endmacro %}
