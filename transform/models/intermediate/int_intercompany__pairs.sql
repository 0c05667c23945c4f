with

    entries as (select * from {{ ref("int_gl__entries") }} where held_for is null),

    accounts as (select * from {{ ref("int_gl__accounts") }}),

    purposes as (select * from {{ ref("intercompany_accounts") }}),

    -- A receivable stands against the other's payable, a cost against its revenue, what
    -- was paid in advance against its deferred revenue.
    sides as (
        select
            case
                when purposes.purpose in ('receivable', 'payable')
                then 'trade'
                when purposes.purpose in ('revenue', 'cost')
                then 'income'
                else 'advance'
            end as relation,
            case
                when purposes.purpose in ('receivable', 'cost', 'prepaid')
                then entries.legal_entity_code
                else purposes.counterparty_code
            end as debit_entity,
            case
                when purposes.purpose in ('receivable', 'cost', 'prepaid')
                then purposes.counterparty_code
                else entries.legal_entity_code
            end as credit_entity,
            entries.currency,
            {{ first_of_month("entries.posted_on") }} as month,
            case
                when purposes.purpose in ('receivable', 'cost', 'prepaid')
                then entries.signed_minor
                else cast(0 as bigint)
            end as debit_minor,
            case
                when purposes.purpose in ('receivable', 'cost', 'prepaid')
                then cast(0 as bigint)
                else - entries.signed_minor
            end as credit_minor
        from entries
        inner join accounts using (gl_account_id)
        inner join
            purposes
            on purposes.erp_system = accounts.erp_system
            and purposes.account_number = accounts.number
    ),

    moved as (
        select
            relation,
            debit_entity,
            credit_entity,
            currency,
            month,
            {{ sum_minor("debit_minor") }} as debit_minor,
            {{ sum_minor("credit_minor") }} as credit_minor
        from sides
        group by relation, debit_entity, credit_entity, currency, month
    ),

    standing as (
        select
            *,
            {% for side in ["debit", "credit"] %}
                cast(
                    sum({{ side }}_minor) over (
                        partition by relation, debit_entity, credit_entity, currency
                        order by month
                    ) as bigint
                ) as {{ side }}_balance_minor{{ "," if not loop.last }}
            {% endfor %}
        from moved
    ),

    -- What only one of the two has is left standing, for E01 and E02 to find.
    matched as (
        select
            *,
            case
                when debit_balance_minor > 0 and credit_balance_minor > 0
                then least(debit_balance_minor, credit_balance_minor)
                when debit_balance_minor < 0 and credit_balance_minor < 0
                then greatest(debit_balance_minor, credit_balance_minor)
                else cast(0 as bigint)
            end as matched_balance_minor
        from standing
    )

select
    relation,
    debit_entity,
    credit_entity,
    currency,
    month,
    lead(month) over (
        partition by relation, debit_entity, credit_entity, currency order by month
    ) as next_month,
    debit_balance_minor,
    credit_balance_minor,
    matched_balance_minor - lag(matched_balance_minor, 1, cast(0 as bigint)) over (
        partition by relation, debit_entity, credit_entity, currency order by month
    ) as matched_minor
from matched
