with recursive

    contracts as (select * from {{ ref("revenue_contracts") }}),

    obligations as (select * from {{ ref("revenue_obligations") }}),

    changes as (select * from {{ ref("revenue_changes") }}),

    modifications as (
        select * from {{ ref("revenue_events") }} where kind = 'modification'
    ),

    listed as (select * from {{ ref("revenue_standalone_prices") }}),

    -- What a modification adds belongs where what it changes belongs.
    changed as (
        select event_id, contract_id, min(obligation_id) as obligation_id
        from changes
        group by event_id, contract_id
    ),

    added as (
        select
            obligations.contract_id,
            obligations.obligation_id,
            obligations.added_by,
            changed.obligation_id as beside_obligation_id,
            coalesce(modifications.treatment, '') as treatment
        from obligations
        left join modifications on modifications.event_id = obligations.added_by
        left join changed on changed.event_id = obligations.added_by
    ),

    grouped as (
        select
            contract_id,
            obligation_id,
            case
                when treatment = 'separate'
                then contract_id || '+' || added_by
                else contract_id
            end as accounting_contract_id
        from added
        where added_by is null or treatment = 'separate' or beside_obligation_id is null
        union all
        select added.contract_id, added.obligation_id, grouped.accounting_contract_id
        from grouped
        inner join
            added
            on added.contract_id = grouped.contract_id
            and added.beside_obligation_id = grouped.obligation_id
            and added.added_by is not null
            and added.treatment <> 'separate'
    ),

    dated as (
        select
            obligations.*,
            grouped.accounting_contract_id,
            contracts.entity,
            contracts.customer_id,
            contracts.currency,
            contracts.functional_currency,
            coalesce(
                modifications.posts_on, modifications.event_on, contracts.signed_on
            ) as added_on
        from obligations
        inner join contracts using (contract_id)
        inner join grouped using (contract_id, obligation_id)
        left join modifications on modifications.event_id = obligations.added_by
    ),

    priced_on as (
        select
            dated.contract_id, dated.obligation_id, max(listed.valid_from) as valid_from
        from dated
        inner join
            listed
            on listed.product_id = dated.product_id
            and listed.currency = dated.currency
            and listed.valid_from <= dated.added_on
        group by dated.contract_id, dated.obligation_id
    ),

    listed_prices as (
        select
            dated.*,
            listed.is_approved as is_ssp_approved,
            {% for bound in ["low", "mid", "high"] %}
                {{
                    share_minor(
                        "listed." ~ bound ~ "_minor",
                        "dated.quantity_micros * case when listed.per = 'month' then "
                        ~ term_months("dated.starts_on", "dated.ends_before")
                        ~ " else 1 end",
                        "1000000",
                    )
                }} as {{ bound }}_minor {{- "," if not loop.last }}
            {% endfor %}
        from dated
        left join priced_on using (contract_id, obligation_id)
        left join
            listed
            on listed.product_id = dated.product_id
            and listed.currency = dated.currency
            and listed.valid_from = priced_on.valid_from
    )

select
    contract_id || '/' || obligation_id as obligation_key,
    contract_id,
    accounting_contract_id,
    obligation_id,
    added_by,
    added_on,
    entity,
    customer_id,
    currency,
    functional_currency,
    product_id,
    method,
    method = 'usage' as is_usage,
    is_unconditional,
    starts_on,
    ends_before,
    amount_minor - coalesce(returns_minor, 0) as price_minor,
    case
        when stated_ssp_minor is not null
        then stated_ssp_minor
        when amount_minor between low_minor and high_minor
        then amount_minor
        else mid_minor
    end as ssp_minor,
    stated_ssp_minor is not null or coalesce(is_ssp_approved, true) as is_ssp_approved,
    quantity_micros,
    total_units,
    unit_price_micros,
    coalesce(returns_minor, 0) as returns_minor,
    coalesce(returns_cost_minor, 0) as returns_cost_minor,
    row_number() over (
        partition by contract_id order by {{ binary_order("obligation_id") }}
    ) as obligation_rank
from listed_prices
