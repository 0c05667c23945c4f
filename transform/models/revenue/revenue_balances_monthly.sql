with

    lines as (select * from {{ ref("revenue_journal") }}),

    months as (select * from {{ ref("revenue_months") }} where is_posted),

    moved as (
        select
            contract_id,
            entity,
            customer_id,
            currency,
            account_role,
            month,
            {{ sum_minor("amount_minor") }} as movement_minor
        from lines
        group by contract_id, entity, customer_id, currency, account_role, month
    ),

    begun as (
        select
            contract_id,
            entity,
            customer_id,
            currency,
            account_role,
            min(month) as first_month
        from moved
        group by contract_id, entity, customer_id, currency, account_role
    ),

    dense as (
        select
            begun.contract_id,
            begun.entity,
            begun.customer_id,
            begun.currency,
            begun.account_role,
            months.month,
            coalesce(moved.movement_minor, 0) as movement_minor
        from begun
        inner join months on months.month >= begun.first_month
        left join
            moved
            on moved.contract_id = begun.contract_id
            and moved.account_role = begun.account_role
            and moved.month = months.month
    ),

    closed as (
        select
            *,
            cast(
                sum(movement_minor) over (
                    partition by contract_id, account_role order by month
                ) as bigint
            ) as closing_minor
        from dense
    )

select
    contract_id,
    entity,
    customer_id,
    currency,
    account_role,
    month,
    lag(closing_minor, 1, cast(0 as bigint)) over (
        partition by contract_id, account_role order by month
    ) as opening_minor,
    movement_minor,
    closing_minor
from closed
