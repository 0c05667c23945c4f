with
    disputes as (select * from {{ ref("disputes") }} where status = 'lost'),
    journals as (
        select * from {{ ref("stg_netsuite__journal_entries") }} where not is_deleted
    ),
    customers as (select * from {{ ref("customers") }}),
    -- An ERP without any journal is not asked.
    posted as (select count(*) as journals_count from journals),
    found as (

        select
            'netsuite:journalentry:' || disputes.dispute_id as record_key,
            'dispute:' || disputes.dispute_id as grain_key,
            disputes.customer_id,
            'The lost dispute of '
            || {{ customer_name("customers.legal_name", "disputes.customer_id") }}
            || ' is not written off in the ERP' as subject,
            disputes.currency,
            'stripe' as left_system,
            disputes.status as left_value,
            'netsuite' as right_system,
            'no journal' as right_value,
            disputes.amount_minor as difference_minor
        from disputes
        cross join posted
        left join journals on journals.external_id = disputes.dispute_id
        left join customers on customers.customer_id = disputes.customer_id
        where posted.journals_count > 0 and journals.netsuite_journal_id is null

    )

    {{
        breaks(
            [
                "customer_id",
                "left_system",
                "left_value",
                "right_system",
                "right_value",
                "grain_key",
                "currency",
                "difference_minor",
            ]
        )
    }}
