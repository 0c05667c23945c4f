with
    entries as (
        select *
        from {{ ref("gl_entries") }}
        where account_role = 'receivable' and document_type = 'Journal'
    ),
    journals as (select * from {{ ref("stg_netsuite__journal_entries") }}),
    disputes as (select * from {{ ref("disputes") }}),
    currencies as (select * from {{ ref("currencies") }}),
    found as (

        select
            'netsuite:journalentry:' || entries.document_id as record_key,
            entries.gl_entry_id as part,
            'Journal '
            || coalesce(entries.document_number, entries.document_id)
            || ' moves receivables by hand' as subject,
            entries.currency,
            {{ first_of_month("entries.posted_on") }} as period,
            'netsuite' as left_system,
            entries.description as left_value,
            'stripe' as right_system,
            'no document' as right_value,
            entries.debit_minor - entries.credit_minor as difference_minor
        from entries
        left join journals on journals.netsuite_journal_id = entries.document_id
        left join disputes on disputes.dispute_id = journals.external_id
        where disputes.dispute_id is null

    )

    {{
        breaks(
            [
                "part",
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
