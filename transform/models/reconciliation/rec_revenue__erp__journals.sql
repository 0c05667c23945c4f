with

    drafts as (select * from {{ ref("revenue_journal_drafts") }}),

    draft_lines as (select * from {{ ref("revenue_journal_draft_lines") }}),

    journal_lines as (select * from {{ ref("journal_lines") }}),

    -- Both sides of each batch, by account and text.
    sides as (
        select
            journal_batch_id,
            erp_account_id,
            memo,
            functional_minor as exported_minor,
            cast(0 as bigint) as there_minor
        from draft_lines
        union all
        select
            external_id as journal_batch_id,
            erp_account_id,
            memo,
            cast(0 as bigint) as exported_minor,
            amount_minor as there_minor
        from journal_lines
    ),

    differing as (
        select journal_batch_id, erp_account_id
        from sides
        group by journal_batch_id, erp_account_id, memo
        having sum(exported_minor) <> sum(there_minor)
    ),

    changed as (
        select journal_batch_id, count(*) as lines
        from differing
        group by journal_batch_id
    ),

    judged as (
        select
            drafts.*,
            case
                when drafts.held_because is not null
                then 'held: ' || drafts.held_because
                when drafts.erp_status = 'rejected'
                then 'rejected or voided'
                when drafts.is_acknowledged and changed.lines is not null
                then cast(changed.lines as varchar) || ' lines differ'
                when
                    not drafts.is_acknowledged
                    and drafts.closed_on < {{ add_days(as_of(), -1) }}
                then 'not there'
            end as trouble
        from drafts
        left join changed using (journal_batch_id)
    ),

    found as (
        select
            'concord:journal_batch:' || journal_batch_id as record_key,
            'The journal of '
            || entity
            || ' in '
            || currency
            || ' for '
            || substring({{ iso_day("month") }}, 1, 7)
            || ' is not in the ERP as it was exported: '
            || trouble as subject,
            functional_currency as currency,
            month as period,
            'subledger' as left_system,
            lines_hash as left_value,
            erp_system as right_system,
            trouble as right_value,
            debit_minor as difference_minor
        from judged
        where trouble is not null
    )

    {{
        breaks(
            [
                "currency",
                "period",
                "left_system",
                "left_value",
                "right_system",
                "right_value",
                "difference_minor",
            ]
        )
    }}
