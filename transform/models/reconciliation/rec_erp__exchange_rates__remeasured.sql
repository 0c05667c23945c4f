with

    journal_lines as (
        select * from {{ ref("journal_lines") }} where status <> 'rejected'
    ),

    drafts as (select * from {{ ref("revenue_journal_drafts") }}),

    gl_accounts as (select * from {{ ref("gl_accounts") }}),

    recorded as (select * from {{ ref("revenue_journal") }}),

    journal_accounts as (select * from {{ ref("journal_accounts") }}),

    currencies as (select * from {{ ref("currencies") }}),

    roles as (
        select
            gl_accounts.erp_system,
            gl_accounts.erp_account_id,
            journal_accounts.account_role
        from gl_accounts
        inner join
            journal_accounts
            on journal_accounts.erp_system = gl_accounts.erp_system
            and journal_accounts.account_number = gl_accounts.number
        where journal_accounts.account_role in ('deferred', 'fx')
    ),

    -- A journal of somebody else that takes an exchange difference to deferred revenue.
    by_hand as (
        select
            journal_lines.erp_system,
            journal_lines.erp_journal_id,
            journal_lines.number,
            journal_lines.currency,
            min(journal_lines.posted_on) as posted_on,
            {{
                sum_minor(
                    "case when roles.account_role = 'deferred'"
                    ~ " then journal_lines.amount_minor else 0 end"
                )
            }} as amount_minor
        from journal_lines
        inner join roles using (erp_system, erp_account_id)
        left join drafts on drafts.journal_batch_id = journal_lines.external_id
        where drafts.journal_batch_id is null
        group by
            journal_lines.erp_system,
            journal_lines.erp_journal_id,
            journal_lines.number,
            journal_lines.currency
        having count(distinct roles.account_role) = 2
    ),

    of_ours as (
        select
            contract_id,
            functional_currency as currency,
            month,
            {{ sum_minor("functional_minor") }} as amount_minor
        from recorded
        where reason = 'remeasurement' and account_role = 'deferred'
        group by contract_id, functional_currency, month
    ),

    found as (
        select
            by_hand.erp_system
            || ':journalentry:'
            || by_hand.erp_journal_id as record_key,
            'erp' as part,
            'Journal '
            || coalesce(by_hand.number, by_hand.erp_journal_id)
            || ' remeasures deferred revenue, which stands at the rates of its invoices'
            as subject,
            currency,
            {{ first_of_month("by_hand.posted_on") }} as period,
            by_hand.erp_system as left_system,
            {{ amount_text("by_hand.amount_minor", "currencies.minor_per_major") }}
            as left_value,
            by_hand.amount_minor as difference_minor
        from by_hand
        inner join currencies using (currency)
        union all
        select
            'concord:contract:' || of_ours.contract_id as record_key,
            {{ iso_day("of_ours.month") }} as part,
            'Deferred revenue of contract '
            || of_ours.contract_id
            || ' was remeasured' as subject,
            currency,
            of_ours.month as period,
            'subledger' as left_system,
            {{ amount_text("of_ours.amount_minor", "currencies.minor_per_major") }}
            as left_value,
            of_ours.amount_minor as difference_minor
        from of_ours
        inner join currencies using (currency)
    )

    {{
        breaks(
            [
                "part",
                "currency",
                "period",
                "left_system",
                "left_value",
                "difference_minor",
            ]
        )
    }}
