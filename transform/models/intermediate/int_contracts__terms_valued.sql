with

    segments as (select * from {{ ref("int_contracts__segments") }} where is_recurring),

    contracts as (select * from {{ ref("stg_salesforce__contracts") }}),

    -- The months and days of a term, and those of them in which a pause stood.
    stretches as (
        select salesforce_contract_id, 'term' as kind, arr_minor, starts_on, ends_before
        from segments

        union all

        select
            segments.salesforce_contract_id,
            'pause' as kind,
            segments.arr_minor,
            greatest(segments.starts_on, contracts.paused_on) as starts_on,
            least(
                segments.ends_before,
                coalesce(contracts.resumes_on, segments.ends_before)
            ) as ends_before
        from segments
        inner join contracts using (salesforce_contract_id)
        where
            contracts.paused_on < segments.ends_before
            and (
                contracts.resumes_on is null
                or contracts.resumes_on > segments.starts_on
            )
    ),

    valued as (
        select
            salesforce_contract_id,
            kind,
            {{ term_minor("arr_minor", "starts_on", "ends_before") }} as value_minor
        from stretches
        where starts_on < ends_before
    )

select
    salesforce_contract_id,
    {{ sum_minor("case when kind = 'term' then value_minor else 0 end") }}
    as recurring_minor,
    {{ sum_minor("case when kind = 'pause' then value_minor else 0 end") }}
    as paused_minor,
    count(*) as lines_count
from valued
group by salesforce_contract_id
