with

    accounts as (select * from {{ ref("stg_vitally__accounts") }} where not is_deleted),

    earlier as (
        select *
        from {{ ref("stg_vitally__versions") }}
        where stream = 'accounts' and not is_deleted
    ),

    versions as (
        select vitally_account_id, record, modified_at
        from accounts

        union all

        -- A score is kept by Vitally until the next one only.
        select
            record_id as vitally_account_id,
            record,
            cast(
                {{ json_text("record", ["updatedAt"]) }} as timestamp with time zone
            ) as modified_at
        from earlier
    ),

    scores as (
        select
            vitally_account_id,
            coalesce(
                cast({{ json_text("record", ["traits", "health_on"]) }} as date),
                {{ utc_date("modified_at") }}
            ) as scored_on,
            cast({{ json_text("record", ["healthScore"]) }} as decimal(38, 9)) as score,
            {{ json_text("record", ["traits", "risk"]) }} as risk,
            {{ json_text("record", ["traits", "health_reason"]) }} as reason,
            modified_at
        from versions
    ),

    ranked as (
        select
            *,
            row_number() over (
                partition by vitally_account_id, scored_on order by modified_at desc
            ) as recency_rank
        from scores
        where score is not null
    )

select vitally_account_id, scored_on, score, risk, reason, modified_at
from ranked
where recency_rank = 1
