{{ config(materialized="table") }}

with

    hand_offs as (
        {% for hand_off in ["bookings", "billings", "cash", "revenue", "ledger"] %}
            select *
            from {{ ref("bridge_" ~ hand_off) }} {{ "union all" if not loop.last }}
        {% endfor %}
    ),

    known as (select * from {{ ref("bridge_known_exceptions") }}),

    contracts as (select contract_id, customer_id from {{ ref("contracts") }}),

    invoices as (
        select invoice_id, max(customer_id) as customer_id
        from {{ ref("invoices") }}
        group by invoice_id
    ),

    -- What neither side and no reason accounts for.
    remainders as (
        select
            hand_offs.*,
            coalesce(contracts.customer_id, invoices.customer_id) as customer_id,
            right_minor - left_minor
            {% for reason in stated_reasons() %}
                - {{ reason }}_minor
            {% endfor %} as remainder_minor
        from hand_offs
        left join
            contracts
            on contracts.contract_id = case
                when hand_offs.subject_type = 'contract' then hand_offs.subject_id
            end
        left join
            invoices
            on invoices.invoice_id
            = case when hand_offs.subject_type = 'invoice' then hand_offs.subject_id end
    ),

    judged as (
        select
            remainders.*,
            coalesce(of_subject.known_by, of_customer.known_by) as known_by,
            case
                when abs(remainders.remainder_minor) <= remainders.lines_count
                then 'rounding'
                when coalesce(of_subject.known_by, of_customer.known_by) is not null
                then 'known_exception'
                else 'unexplained'
            end as remainder_step
        from remainders
        left join
            known as of_subject
            on of_subject.hand_off = remainders.hand_off
            and of_subject.grain_key
            = remainders.subject_type || ':' || remainders.subject_id
        left join
            known as of_customer
            on of_customer.hand_off = remainders.hand_off
            and of_customer.grain_key = 'customer:' || remainders.customer_id
    ),

    {% set grain = [
        "hand_off",
        "legal_entity_code",
        "currency",
        "month",
        "subject_type",
        "subject_id",
        "customer_id",
    ] %}

    items as (
        {% for step in ["left", "right"] + stated_reasons() %}
            select
                {{ grain | join(", ") }},
                '{{ step }}' as step,
                cast(null as varchar) as known_by,
                {{ step }}_minor as amount_minor
            from judged
            union all
        {% endfor %}
        select
            {{ grain | join(", ") }},
            remainder_step as step,
            case when remainder_step = 'known_exception' then known_by end as known_by,
            remainder_minor as amount_minor
        from judged
    )

select
    {{ grain | join(", ") }},
    cast(step as varchar) as step,
    max(known_by) as known_by,
    {{ sum_minor("amount_minor") }} as amount_minor
from items
where amount_minor <> 0
group by {{ grain | join(", ") }}, step
