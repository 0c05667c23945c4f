with

    recorded as (select * from {{ ref("revenue_closed_lines") }}),

    entities as (select * from {{ ref("legal_entities") }}),

    journal_accounts as (select * from {{ ref("journal_accounts") }}),

    gl_accounts as (select * from {{ ref("gl_accounts") }} where is_active),

    -- What netted out within the month has nothing to be posted.
    moved as (
        select
            entity,
            currency,
            functional_currency,
            month,
            account_role,
            corrects_month,
            count(*) as line_count,
            {{ sum_minor("amount_minor") }} as amount_minor,
            {{ sum_minor("functional_minor") }} as functional_minor
        from recorded
        group by
            entity, currency, functional_currency, month, account_role, corrects_month
        having sum(functional_minor) <> 0
    )

select
    {{ journal_batch_id("moved.entity", "moved.currency", "moved.month") }}
    as journal_batch_id,
    moved.entity,
    moved.currency,
    moved.functional_currency,
    moved.month,
    moved.account_role,
    moved.corrects_month,
    moved.line_count,
    moved.amount_minor,
    moved.functional_minor,
    cast(journal_accounts.account_number as varchar) as account_number,
    gl_accounts.erp_account_id,
    moved.account_role || coalesce(
        ', corrects ' || substring({{ iso_day("moved.corrects_month") }}, 1, 7), ''
    ) as memo
from moved
left join entities on entities.legal_entity_code = moved.entity
left join
    journal_accounts
    on journal_accounts.erp_system = entities.erp_system
    and journal_accounts.account_role = moved.account_role
left join
    gl_accounts
    on gl_accounts.erp_system = journal_accounts.erp_system
    and gl_accounts.number = journal_accounts.account_number
    and coalesce(gl_accounts.legal_entity_code, moved.entity) = moved.entity
