with

    records as (select * from {{ ref("int_customers__records") }}),

    links as (select * from {{ resolved("links") }}),

    -- A record that resolution has not seen yet is missing here: check P02 counts it.
    ranked as (
        select
            records.*,
            links.golden_id as customer_id,
            links.evidence,
            links.is_in_review,
            row_number() over (
                partition by links.golden_id, records.system
                order by
                    case when records.marked_duplicate_of is null then 0 else 1 end,
                    case when records.is_referenced then 0 else 1 end,
                    records.created_at nulls last,
                    {{ by_bytes("records.record_key") }}
            ) as primary_rank
        from records
        inner join links using (record_key)
    ),

    primaries as (
        select customer_id, system, record_id as primary_record_id
        from ranked
        where primary_rank = 1
    )

select
    ranked.record_key,
    ranked.system,
    ranked.object,
    ranked.record_id,
    ranked.customer_id,
    ranked.evidence,
    ranked.is_in_review,
    ranked.primary_rank = 1 as is_primary,
    case
        when ranked.primary_rank > 1 then primaries.primary_record_id
    end as duplicate_of,
    ranked.marked_duplicate_of,
    ranked.legal_name,
    ranked.normalised_name,
    ranked.billing_email,
    ranked.created_at
from ranked
inner join primaries using (customer_id, system)
