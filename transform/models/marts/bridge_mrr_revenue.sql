with

    agreements as (select * from {{ ref("bridge_agreements") }}),

    versions as (
        select
            *,
            row_number() over (
                partition by obligation_key order by version_no desc
            ) as recency
        from {{ ref("revenue_obligation_versions") }}
        where method in ('daily', 'month_even', 'month_prorated')
    ),

    journal as (
        select *
        from {{ ref("revenue_journal") }}
        where account_role = 'revenue' and reason = 'performance'
    ),

    newest as ({{ newest_whole_month() }}),

    earned as (
        select
            journal.obligation_key,
            {{ sum_minor("- journal.amount_minor") }} as earned_minor
        from journal
        inner join newest on journal.month <= newest.month
        group by journal.obligation_key
    ),

    -- By the last version: what is allocated beyond the stated price, and what was
    -- given back before it was earned; of both, the part of what is earned.
    obligations as (
        select
            versions.contract_id,
            versions.version_no,
            versions.price_minor,
            coalesce(earned.earned_minor, 0) as earned_minor,
            versions.base_minor + versions.pool_minor as planned_minor,
            versions.allocated_minor
            + versions.reduced_minor
            - versions.price_minor as shifted_minor,
            versions.contra_minor - versions.reduced_minor as given_back_minor
        from versions
        left join earned on earned.obligation_key = versions.obligation_key
        where versions.recency = 1
    )

select
    agreements.agreement_id,
    {{ sum_minor("obligations.earned_minor") }} as revenue_minor,
    {{ sum_minor("obligations.price_minor") }} as price_minor,
    {% for part in ["shifted", "given_back"] %}
        {{
            sum_minor(
                "case when obligations.planned_minor > 0 then "
                ~ share_minor(
                    "obligations." ~ part ~ "_minor",
                    "obligations.earned_minor",
                    "obligations.planned_minor",
                )
                ~ " else 0 end"
            )
        }} as {{ part }}_minor,
    {% endfor %}
    max(obligations.version_no) > 1 as is_changed,
    count(*) as lines_count
from obligations
inner join agreements using (contract_id)
group by agreements.agreement_id
