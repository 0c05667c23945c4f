-- Written once, when a legal entity closes a month, and never again: not even a full
-- refresh takes it back. A month in which nothing was posted leaves no trace here, so
-- what
-- comes for it before the next close is still its own.
{{
    config(
        materialized="incremental",
        incremental_strategy="append",
        full_refresh=false,
        on_schema_change="fail",
    )
}}

with

    journal as (select * from {{ ref("revenue_journal") }}),

    closes as (select * from {{ ref("revenue_closes") }}),

    recorded as (
        select
            journal_line_id,
            direction,
            {{ revenue_closed_columns() }}
            month,
            corrects_month,
            amount_minor,
            functional_minor
        {% if is_incremental() %} from {{ this }}
        {% else %}
            from
                (
                    select
                        *,
                        cast(1 as bigint) as direction,
                        cast(null as date) as corrects_month
                    from journal
                    where 1 = 0
                ) as nothing_yet
        {% endif %}
    ),

    closed as ({{ revenue_closed_through("recorded") }}),

    -- Months that were closed since the last were recorded.
    closing as (
        select
            closes.entity,
            closes.month,
            closes.closed_on,
            max(closes.month) over (partition by closes.entity) as last_month
        from closes
        left join closed using (entity)
        where closed.open_month is null or closes.month >= closed.open_month
    ),

    lines as (
        select
            journal_line_id,
            cast(1 as bigint) as direction,
            {{ revenue_closed_columns() }}
            month,
            cast(null as date) as corrects_month,
            amount_minor,
            functional_minor
        from journal
        union all
        select *
        from ({{ revenue_corrections("recorded", "journal") }}) as corrections
    )

select
    lines.journal_line_id,
    lines.direction,
    {{ revenue_closed_columns("lines") }}
    lines.month,
    lines.corrects_month,
    lines.amount_minor,
    lines.functional_minor,
    closing.closed_on,
    {{ as_of() }} as recorded_on
from lines
inner join closing using (entity, month)
