with

    journal as (select * from {{ ref("revenue_journal") }}),

    recorded as (select * from {{ ref("revenue_closed_lines") }}),

    closed as ({{ revenue_closed_through("recorded") }}),

    corrections as ({{ revenue_corrections("recorded", "journal") }}),

    booked as (
        select
            journal_line_id,
            direction,
            {{ revenue_closed_columns() }}
            month,
            corrects_month,
            amount_minor,
            functional_minor,
            true as is_closed
        from recorded
        union all
        select
            journal.journal_line_id,
            cast(1 as bigint) as direction,
            {{ revenue_closed_columns("journal") }}
            journal.month,
            cast(null as date) as corrects_month,
            journal.amount_minor,
            journal.functional_minor,
            false as is_closed
        from journal
        left join closed using (entity)
        where closed.open_month is null or journal.month >= closed.open_month
        union all
        select
            journal_line_id,
            direction,
            {{ revenue_closed_columns() }}
            month,
            corrects_month,
            amount_minor,
            functional_minor,
            false as is_closed
        from corrections
    )

select
    journal_line_id
    || ':'
    || cast(direction as {{ dbt.type_string() }})
    || ':'
    || {{ iso_day("month") }} as booked_line_id,
    journal_line_id,
    {{ revenue_closed_columns() }}
    month,
    corrects_month,
    amount_minor,
    functional_minor,
    is_closed
from booked
