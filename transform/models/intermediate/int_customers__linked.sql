with recursive

    records as (select * from {{ ref("int_customers__records") }}),

    match_keys as (select * from {{ ref("int_customers__match_keys") }}),

    pairs as (
        select
            match_keys.record_key,
            others.record_key as other_key,
            match_keys.rule_rank,
            match_keys.match_rule
        from match_keys
        inner join
            match_keys as others
            on others.match_key = match_keys.match_key
            and others.record_key <> match_keys.record_key
    ),

    -- Whatever can be reached over any chain of pairs is one customer. A chain is
    -- short,
    -- so this ends after a few rounds.
    reached as (
        select record_key, record_key as reached_key
        from records
        union
        select reached.record_key, pairs.other_key as reached_key
        from reached
        inner join pairs on pairs.record_key = reached.reached_key
    ),

    clusters as (
        select record_key, min(reached_key) as cluster_key
        from reached
        group by record_key
    ),

    strongest as (
        select record_key, min(rule_rank) as rule_rank from pairs group by record_key
    ),

    rules as (
        select record_key, pairs.match_rule
        from pairs
        inner join strongest using (record_key, rule_rank)
        group by record_key, pairs.match_rule
    ),

    ranked as (
        select
            clusters.cluster_key,
            records.*,
            rules.match_rule,
            row_number() over (
                partition by clusters.cluster_key
                order by
                    case when records.system = 'salesforce' then 0 else 1 end,
                    records.created_at nulls last,
                    {{ by_bytes("records.record_key") }}
            ) as age_rank,
            row_number() over (
                partition by clusters.cluster_key, records.system
                order by
                    case when records.marked_duplicate_of is null then 0 else 1 end,
                    case when records.is_referenced then 0 else 1 end,
                    records.created_at nulls last,
                    {{ by_bytes("records.record_key") }}
            ) as primary_rank
        from clusters
        inner join records using (record_key)
        left join rules using (record_key)
    ),

    -- The oldest CRM account names the customer, so a later duplicate changes no key.
    customers as (
        select cluster_key, 'C-' || substr(md5(record_key), 1, 12) as customer_id
        from ranked
        where age_rank = 1
    ),

    primaries as (
        select cluster_key, system, record_id as primary_record_id
        from ranked
        where primary_rank = 1
    )

select
    ranked.record_key,
    ranked.system,
    ranked.object,
    ranked.record_id,
    customers.customer_id,
    coalesce(ranked.match_rule, 'alone') as match_rule,
    ranked.primary_rank = 1 as is_primary,
    case
        when ranked.primary_rank > 1 then primaries.primary_record_id
    end as duplicate_of,
    ranked.marked_duplicate_of,
    ranked.legal_name,
    ranked.normalised_name,
    ranked.billing_email,
    ranked.domain,
    ranked.created_at
from ranked
inner join customers on customers.cluster_key = ranked.cluster_key
inner join
    primaries
    on primaries.cluster_key = ranked.cluster_key
    and primaries.system = ranked.system
