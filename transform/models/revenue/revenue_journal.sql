with

    postings as (select * from {{ ref("revenue_postings") }}),

    valued as (select * from {{ ref("revenue_valued_postings") }}),

    measurements as (select * from {{ ref("revenue_measurements") }}),

    contracts as (select * from {{ ref("revenue_contracts") }}),

    -- Netting in a foreign currency has its value from the measurements.
    netted as (
        select
            postings.*,
            case
                when contracts.currency = contracts.functional_currency
                then postings.amount_minor
                else cast(0 as bigint)
            end as functional_minor
        from postings
        inner join contracts using (contract_id)
        where postings.reason = 'netting'
    ),

    pairs as (
        {% set columns = [
            "contract_id",
            "position_key",
            "reason",
            "month",
            "posted_on",
            "debit_role",
            "credit_role",
        ] %}
        select
            {% for column in columns %} {{ column }}, {% endfor %}
            event_id,
            obligation_key,
            amount_minor,
            functional_minor
        from valued
        union all
        select
            {% for column in columns %} {{ column }}, {% endfor %}
            event_id,
            obligation_key,
            amount_minor,
            functional_minor
        from netted
        union all
        select
            {% for column in columns %} {{ column }}, {% endfor %}
            cast(null as varchar) as event_id,
            cast(null as varchar) as obligation_key,
            cast(0 as bigint) as amount_minor,
            functional_minor
        from measurements
    ),

    sides as (
        select
            pairs.*, 'debit' as side, pairs.debit_role as account_role, 1 as direction
        from pairs
        union all
        select
            pairs.*,
            'credit' as side,
            pairs.credit_role as account_role,
            -1 as direction
        from pairs
    )

select
    {{
        dbt.hash(
            "contracts.entity || '|' || contracts.currency || '|' || sides.contract_id"
            ~ " || '|' || coalesce(sides.obligation_key, '')"
            ~ " || '|' || sides.position_key || '|' || coalesce(sides.event_id, '')"
            ~ " || '|' || sides.reason || '|' || "
            ~ iso_day("sides.posted_on")
            ~ " || '|' || sides.side || '|' || sides.debit_role"
            ~ " || '|' || sides.credit_role"
            ~ " || '|' || cast(sides.amount_minor as varchar)"
            ~ " || '|' || cast(sides.functional_minor as varchar)"
        )
    }} as journal_line_id,
    contracts.entity,
    contracts.currency,
    contracts.functional_currency,
    contracts.customer_id,
    sides.contract_id,
    sides.obligation_key,
    sides.position_key,
    sides.event_id,
    sides.reason,
    sides.month,
    sides.posted_on,
    sides.side,
    sides.account_role,
    cast(sides.direction * sides.amount_minor as bigint) as amount_minor,
    cast(sides.direction * sides.functional_minor as bigint) as functional_minor
from sides
inner join contracts using (contract_id)
