with

    policies as (
        select * from {{ ref("int_metric_policies__steps") }} where is_in_force
    ),

    segments as (select * from {{ ref("arr_segments") }} where is_in_force),

    rates as (
        select currency, min(budget_rate) as budget_rate
        from {{ ref("usd_rates_monthly") }}
        group by currency
    ),

    bounds as (
        select
            contract_id,
            customer_id,
            currency,
            min(starts_on) as starts_on,
            max(ends_before) as ends_before
        from segments
        group by contract_id, customer_id, currency
    ),

    contracts as (
        select
            bounds.contract_id,
            bounds.customer_id,
            bounds.currency,
            bounds.starts_on,
            bounds.ends_before,
            {{
                sum_minor(
                    "case when segments.starts_on = bounds.starts_on"
                    ~ " then segments.counted_minor end"
                )
            }} as starting_minor,
            {{
                sum_minor(
                    "case when segments.ends_before = bounds.ends_before"
                    ~ " then segments.counted_minor end"
                )
            }} as available_minor
        from bounds
        inner join segments using (contract_id)
        group by
            bounds.contract_id,
            bounds.customer_id,
            bounds.currency,
            bounds.starts_on,
            bounds.ends_before
    ),

    in_usd as (
        select
            contracts.*,
            {{ usd_minor("starting_minor", "budget_rate") }} as starting_usd_minor,
            {{ usd_minor("available_minor", "budget_rate") }} as available_usd_minor
        from contracts
        inner join rates using (currency)
    ),

    -- A contract renews the one whose end is nearest to its start, or none.
    candidates as (
        select
            ended.contract_id,
            renewal.contract_id as renewal_contract_id,
            renewal.starting_usd_minor,
            row_number() over (
                partition by renewal.contract_id
                order by
                    abs({{ days_between("ended.ends_before", "renewal.starts_on") }}),
                    {{ by_bytes("ended.contract_id") }}
            ) as nearness
        from in_usd as ended
        inner join
            in_usd as renewal
            on renewal.customer_id = ended.customer_id
            and renewal.contract_id <> ended.contract_id
            and renewal.starts_on > ended.starts_on
        inner join
            policies
            on abs({{ days_between("ended.ends_before", "renewal.starts_on") }})
            <= policies.late_renewal_grace_days
    ),

    renewed as (
        select contract_id, {{ sum_minor("starting_usd_minor") }} as renewed_usd_minor
        from candidates
        where nearness = 1
        group by contract_id
    )

select
    in_usd.contract_id,
    in_usd.customer_id,
    in_usd.currency,
    in_usd.ends_before as ended_on,
    {{ first_of_month(add_days("in_usd.ends_before", "-1")) }} as month,
    in_usd.available_minor,
    in_usd.available_usd_minor,
    coalesce(renewed.renewed_usd_minor, 0) as renewed_usd_minor
from in_usd
left join renewed using (contract_id)
where in_usd.ends_before <= {{ as_of() }} and in_usd.available_minor > 0
