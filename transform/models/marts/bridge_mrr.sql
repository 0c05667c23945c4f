with

    terms as (select * from {{ ref("bridge_mrr_terms") }}),

    revenue as (select * from {{ ref("bridge_mrr_revenue") }}),

    members as (select * from {{ ref("bridge_agreements") }}),

    agreements as (
        select agreement_id, max(ends_on) as ends_on, max(paused_minor) as paused_minor
        from members
        group by agreement_id
    ),

    contracts as (select * from {{ ref("contracts") }}),

    reasons as (select * from {{ ref("revenue_holds") }}),

    holds as (
        select members.agreement_id
        from members
        inner join reasons using (contract_id)
        group by members.agreement_id
    ),

    newest as ({{ newest_whole_month() }}),

    -- A contract that is over has the price that was billed, its pauses left out.
    compared as (
        select
            coalesce(terms.agreement_id, revenue.agreement_id) as agreement_id,
            {% for amount in ["mrr", "stated_mrr", "served", "spread", "value"] %}
                coalesce(terms.{{ amount }}_minor, 0) as {{ amount }}_minor,
            {% endfor %}
            coalesce(revenue.revenue_minor, 0) as revenue_minor,
            coalesce(revenue.price_minor, 0) as price_minor,
            coalesce(revenue.given_back_minor, 0) as given_back_minor,
            coalesce(revenue.shifted_minor, 0) as allocation_minor,
            coalesce(revenue.is_changed, false) as is_changed,
            coalesce(terms.lines_count, 0)
            + coalesce(revenue.lines_count, 0) as lines_count
        from terms
        full join revenue on revenue.agreement_id = terms.agreement_id
    ),

    settled as (
        select
            compared.*,
            newest.month,
            case
                when agreements.ends_on < newest.closes_before
                then - agreements.paused_minor
                else 0
            end as pauses_minor,
            case
                when agreements.ends_on < {{ as_of() }}
                then agreements.paused_minor
                else 0
            end as unpaid_minor
        from compared
        inner join agreements on agreements.agreement_id = compared.agreement_id
        cross join newest
    ),

    explained as (
        select
            *,
            stated_mrr_minor - mrr_minor as policy_minor,
            served_minor - stated_mrr_minor as part_months_minor,
            spread_minor - served_minor as discounts_minor,
            revenue_minor
            - spread_minor
            - pauses_minor
            - given_back_minor
            - allocation_minor as remainder_minor,
            price_minor - value_minor + unpaid_minor as price_difference_minor
        from settled
    ),

    -- A change of the contract moves revenue between months and makes none: only where
    -- orders and contract come to one price is it the reason.
    judged as (
        select
            explained.*,
            case
                when holds.agreement_id is not null
                then 'held'
                when abs(explained.remainder_minor) <= explained.lines_count
                then 'rounding'
                when
                    explained.is_changed
                    and abs(explained.price_difference_minor) <= explained.lines_count
                then 'changes'
                else 'unexplained'
            end as remainder_reason
        from explained
        left join holds on holds.agreement_id = explained.agreement_id
    )

select
    judged.agreement_id,
    contracts.customer_id,
    contracts.legal_entity_code,
    contracts.currency,
    judged.month,
    judged.mrr_minor,
    {% for reason in mrr_reasons() -%}
        {% if reason in ["changes", "held", "rounding", "unexplained"] -%}
            case
                when judged.remainder_reason = '{{ reason }}'
                then judged.remainder_minor
                else 0
            end
        {%- else -%} judged.{{ reason }}_minor
        {%- endif %} as {{ reason }}_minor,
    {% endfor -%}
    judged.revenue_minor
from judged
inner join contracts on contracts.contract_id = judged.agreement_id
