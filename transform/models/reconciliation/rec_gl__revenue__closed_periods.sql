with

    journals as (
        select *
        from {{ ref("stg_netsuite__journal_entries") }}
        where not is_deleted and status like '%Approved for Posting'
    ),

    periods as (
        select source_id, name, starts_on, ends_before, max(closed_at) as closed_at
        from {{ ref("fiscal_periods") }}
        where source_system = 'netsuite' and status = 'closed'
        group by source_id, name, starts_on, ends_before
    ),

    recorded as (
        select *
        from {{ ref("revenue_closed_lines") }}
        where corrects_month is null and direction = 1
    ),

    batches as (select * from {{ ref("revenue_journal_batches") }}),

    journal as (select * from {{ ref("revenue_journal") }} where side = 'debit'),

    corrections as (
        select *
        from {{ ref("revenue_booked_lines") }}
        where corrects_month is not null and side = 'debit'
    ),

    currencies as (select * from {{ ref("currencies") }}),

    -- A month as it was closed is known by its hash. What came since must stand in an
    -- open month: then the books are right, and only the month is not what it was.
    closed as (
        select
            entity,
            currency,
            month,
            {{
                dbt.hash(
                    dbt.listagg("journal_line_id", "''", "order by journal_line_id")
                )
            }} as lines_hash,
            {{ sum_minor("case when side = 'debit' then amount_minor end") }}
            as closed_minor
        from recorded
        group by entity, currency, month
    ),

    changed as (
        select
            closed.*,
            (
                select {{ sum_minor("journal.amount_minor") }}
                from journal
                where
                    journal.entity = closed.entity
                    and journal.currency = closed.currency
                    and journal.month = closed.month
            ) as now_minor,
            (
                select {{ sum_minor("corrections.amount_minor") }}
                from corrections
                where
                    corrections.entity = closed.entity
                    and corrections.currency = closed.currency
                    and corrections.corrects_month = closed.month
            ) as corrected_minor
        from closed
        left join batches using (entity, currency, month)
        where batches.lines_hash is null or batches.lines_hash <> closed.lines_hash
    ),

    found as (
        -- Where the ERP does not tell when it closed a period, it had two months.
        select
            'netsuite:journalentry:' || journals.netsuite_journal_id as record_key,
            'Journal '
            || coalesce(journals.number, journals.netsuite_journal_id)
            || ' was entered or changed when '
            || periods.name
            || ' was closed' as subject,
            journals.currency,
            periods.starts_on as period,
            'netsuite' as left_system,
            'closed' as left_value,
            {{ iso_day(utc_date("journals.modified_at")) }} as right_value,
            {{ to_minor("journals.total_amount", "currencies.minor_per_major") }}
            as difference_minor,
            cast(null as {{ dbt.type_string() }}) as explained_by
        from journals
        inner join periods on periods.source_id = journals.netsuite_period_id
        inner join currencies on currencies.currency = journals.currency
        where
            {{ utc_date("journals.modified_at") }} > coalesce(
                {{ utc_date("periods.closed_at") }},
                {{ add_days("periods.ends_before", 60) }}
            )
        union all
        select
            'concord:close:'
            || entity
            || ':'
            || currency
            || ':'
            || {{ iso_day("month") }} as record_key,
            'The journal of '
            || entity
            || ' is not what it was when the month was closed' as subject,
            currency,
            month as period,
            'subledger' as left_system,
            lines_hash as left_value,
            cast(null as {{ dbt.type_string() }}) as right_value,
            now_minor - closed_minor as difference_minor,
            case
                when now_minor - closed_minor = corrected_minor then 'policy'
            end as explained_by
        from changed
    )

    {{
        breaks(
            [
                "currency",
                "period",
                "left_system",
                "left_value",
                "right_value",
                "difference_minor",
                "explained_by",
            ]
        )
    }}
