with recursive

    lines as (select * from {{ ref("revenue_journal") }}),

    batches as (
        select
            entity,
            currency,
            month,
            count(*) as line_count,
            {{ sum_minor("case when amount_minor > 0 then amount_minor else 0 end") }}
            as debit_minor,
            {{
                sum_minor(
                    "case when amount_minor < 0 then - amount_minor else 0 end"
                )
            }} as credit_minor,
            {{
                dbt.hash(
                    dbt.listagg("journal_line_id", "''", "order by journal_line_id")
                )
            }} as lines_hash
        from lines
        group by entity, currency, month
    ),

    numbered as (
        select
            *,
            row_number() over (partition by entity, currency order by month) as batch_no
        from batches
    ),

    -- Each batch seals all that came before it.
    chained as (
        select numbered.*, {{ dbt.hash("numbered.lines_hash") }} as batch_hash
        from numbered
        where numbered.batch_no = 1
        union all
        select
            numbered.*,
            {{ dbt.hash("chained.batch_hash || numbered.lines_hash") }} as batch_hash
        from chained
        inner join
            numbered
            on numbered.entity = chained.entity
            and numbered.currency = chained.currency
            and numbered.batch_no = chained.batch_no + 1
    )

select
    entity,
    currency,
    month,
    batch_no,
    line_count,
    debit_minor,
    credit_minor,
    lines_hash,
    batch_hash
from chained
