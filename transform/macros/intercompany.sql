{#
    The CTEs of a check that compares what two entities say of each other, of some
    relations: as it stands at the end, so that what one books a month later is no break.
#}
{% macro intercompany_differences(relations, said) -%}
    pairs as (
        select *
        from {{ ref("int_intercompany__pairs") }}
        where next_month is null and relation in ('{{ relations | join("', '") }}')
    ),

    currencies as (select * from {{ ref("currencies") }}),

    found as (
        select
            'concord:intercompany:'
            || pairs.debit_entity
            || ':'
            || pairs.credit_entity as record_key,
            pairs.relation || ':' || currency as part,
            pairs.debit_entity
            || ' and '
            || pairs.credit_entity
            || ' differ in {{ said }} in '
            || currency as subject,
            currency,
            pairs.month as period,
            pairs.debit_entity as left_system,
            {{ amount_text("pairs.debit_balance_minor", "currencies.minor_per_major") }}
            as left_value,
            pairs.credit_entity as right_system,
            {{
                amount_text(
                    "pairs.credit_balance_minor", "currencies.minor_per_major"
                )
            }} as right_value,
            pairs.debit_balance_minor - pairs.credit_balance_minor as difference_minor
        from pairs
        inner join currencies using (currency)
        where pairs.debit_balance_minor <> pairs.credit_balance_minor
    )
{%- endmacro %}
