with

    drafts as (select * from {{ ref("revenue_journal_drafts") }}),

    draft_lines as (select * from {{ ref("revenue_journal_draft_lines") }}),

    journal_lines as (select * from {{ ref("journal_lines") }}),

    journal_accounts as (select * from {{ ref("journal_accounts") }}),

    gl_accounts as (select * from {{ ref("gl_accounts") }}),

    gl_entries as (select * from {{ ref("gl_entries") }}),

    named as (
        select
            erp_system,
            account_number,
            case
                when account_role = 'deferred'
                then 'deferred'
                when account_role in ('contract_asset', 'unbilled')
                then 'contract_asset'
                when {{ is_revenue() }}
                then 'revenue'
            end as purpose
        from journal_accounts
    ),

    -- What an account is for, by the roles that are exported to it.
    purposes as (
        select erp_system, account_number, min(purpose) as purpose
        from named
        group by erp_system, account_number
    ),

    -- Months of which the ERP has all that they were exported as.
    acknowledged as (
        select entity, erp_system, month
        from drafts
        group by entity, erp_system, month
        having
            min(
                case when is_acknowledged and erp_status <> 'rejected' then 1 else 0 end
            )
            = 1
    ),

    exported as (
        select
            acknowledged.erp_system,
            draft_lines.entity,
            draft_lines.month,
            draft_lines.functional_currency as currency,
            draft_lines.erp_account_id,
            draft_lines.functional_minor as subledger_minor,
            cast(0 as bigint) as gl_minor
        from draft_lines
        inner join acknowledged using (entity, month)
    ),

    journaled as (
        select
            acknowledged.erp_system,
            acknowledged.entity,
            acknowledged.month,
            journal_lines.currency,
            journal_lines.erp_account_id,
            cast(0 as bigint) as subledger_minor,
            journal_lines.amount_minor as gl_minor
        from journal_lines
        inner join
            acknowledged
            on acknowledged.erp_system = journal_lines.erp_system
            and acknowledged.entity = journal_lines.legal_entity_code
            and acknowledged.month = {{ first_of_month("journal_lines.posted_on") }}
        where journal_lines.status <> 'rejected'
    ),

    documented as (
        select
            acknowledged.erp_system,
            acknowledged.entity,
            acknowledged.month,
            gl_entries.currency,
            gl_accounts.erp_account_id,
            cast(0 as bigint) as subledger_minor,
            gl_entries.debit_minor - gl_entries.credit_minor as gl_minor
        from gl_entries
        inner join gl_accounts using (gl_account_id)
        inner join
            acknowledged
            on acknowledged.erp_system = gl_entries.erp_system
            and acknowledged.entity = gl_entries.legal_entity_code
            and acknowledged.month = {{ first_of_month("gl_entries.posted_on") }}
        inner join
            purposes
            on purposes.erp_system = gl_accounts.erp_system
            and purposes.account_number = gl_accounts.number
        where
            gl_entries.document_type <> 'Journal'
            and purposes.purpose in ('deferred', 'contract_asset')
    ),

    movements as (
        select *
        from exported
        union all
        select *
        from journaled
        union all
        select *
        from documented
    )

select
    movements.erp_system,
    movements.entity,
    movements.month,
    movements.currency,
    movements.erp_account_id,
    gl_accounts.number as account_number,
    gl_accounts.name as account_name,
    purposes.purpose,
    {{ sum_minor("movements.subledger_minor") }} as subledger_minor,
    {{ sum_minor("movements.gl_minor") }} as gl_minor
from movements
inner join
    gl_accounts
    on gl_accounts.erp_system = movements.erp_system
    and gl_accounts.erp_account_id = movements.erp_account_id
inner join
    purposes
    on purposes.erp_system = gl_accounts.erp_system
    and purposes.account_number = gl_accounts.number
where purposes.purpose is not null
group by
    movements.erp_system,
    movements.entity,
    movements.month,
    movements.currency,
    movements.erp_account_id,
    gl_accounts.number,
    gl_accounts.name,
    purposes.purpose
