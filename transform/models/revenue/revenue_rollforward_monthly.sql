{% set position = "account_role in ('deferred', 'contract_asset', 'unbilled')" %}
{% set contra = "account_role in " ~ contra_roles() %}
{% set billed = "reason in ('invoice', 'payment')" %}
{% set credited = (
    "reason in ('credit_note', 'refund', 'void', 'dispute', 'write_off')"
) %}
{% set performed = "reason in ('performance', 'usage')" %}
{% set flows = {
    "billings": position ~ " and " ~ billed,
    "revenue": "account_role = 'revenue' or " ~ contra,
    "reclassified": position ~ " and not (" ~ [billed, credited, performed]
    | join(" or ") ~ ")",
    "closing_moved": position,
} %}
{% set taken = {
    "credits": credited ~ " and (" ~ position ~ " or " ~ contra ~ ")",
    "contract_assets_moved": "account_role = 'contract_asset'",
    "unbilled_moved": "account_role = 'unbilled'",
} %}

with

    lines as (select * from {{ ref("revenue_journal") }}),

    months as (select * from {{ ref("revenue_months") }} where is_posted),

    -- What raises the balance stands on the credit side, what lowers it on the debit
    -- side.
    moved as (
        select
            contract_id,
            entity,
            customer_id,
            currency,
            month,
            {% for flow, condition in flows.items() %}
                {{
                    sum_minor(
                        "case when " ~ condition ~ " then - amount_minor else 0 end"
                    )
                }} as {{ flow }}_minor,
            {% endfor %}
            {% for flow, condition in taken.items() %}
                {{
                    sum_minor(
                        "case when " ~ condition ~ " then amount_minor else 0 end"
                    )
                }} as {{ flow }}_minor {{- "," if not loop.last }}
            {% endfor %}
        from lines
        group by contract_id, entity, customer_id, currency, month
    ),

    begun as (
        select contract_id, entity, customer_id, currency, min(month) as first_month
        from moved
        group by contract_id, entity, customer_id, currency
    ),

    dense as (
        select
            begun.contract_id,
            begun.entity,
            begun.customer_id,
            begun.currency,
            months.month,
            {% for flow in flows | list + taken | list %}
                coalesce(moved.{{ flow }}_minor, 0) as {{ flow }}_minor
                {{- "," if not loop.last }}
            {% endfor %}
        from begun
        inner join months on months.month >= begun.first_month
        left join
            moved
            on moved.contract_id = begun.contract_id
            and moved.month = months.month
    ),

    closed as (
        select
            *,
            {% for balance in ["closing", "contract_assets", "unbilled"] %}
                cast(
                    sum({{ balance }}_moved_minor) over (
                        partition by contract_id order by month
                    ) as bigint
                ) as {{ balance }}_minor {{- "," if not loop.last }}
            {% endfor %}
        from dense
    )

select
    contract_id,
    entity,
    customer_id,
    currency,
    month,
    closing_minor - closing_moved_minor as opening_minor,
    billings_minor,
    credits_minor,
    revenue_minor,
    reclassified_minor,
    closing_minor,
    closing_minor + contract_assets_minor + unbilled_minor as deferred_minor,
    contract_assets_minor,
    unbilled_minor
from closed
