with

    movements as (select * from {{ ref("arr_movements") }}),

    months as (select * from {{ ref("int_calendar__months") }}),

    hierarchy as (
        select *, min(valid_from) over () as first_seen_at
        from {{ ref("customer_hierarchies") }}
        where basis = 'sales'
    ),

    -- Systems say only who is whose parent now: what the first look saw was always so.
    dated as (
        select
            ancestor_id,
            descendant_id,
            depth,
            case
                when valid_from > first_seen_at
                then {{ utc_date("valid_from") }}
                else {{ first_day() }}
            end as valid_from,
            {{ utc_date("valid_to") }} as valid_to
        from hierarchy
    ),

    customers as (select customer_id from movements group by customer_id),

    above as (
        select
            dated.descendant_id as customer_id,
            months.month,
            dated.ancestor_id,
            row_number() over (
                partition by dated.descendant_id, months.month
                order by dated.depth desc, {{ by_bytes("dated.ancestor_id") }}
            ) as height
        from dated
        inner join
            months
            on dated.valid_from < months.closes_before
            and (dated.valid_to is null or dated.valid_to >= months.closes_before)
    )

select
    customers.customer_id,
    months.month,
    coalesce(above.ancestor_id, customers.customer_id) as parent_id
from customers
cross join months
left join
    above
    on above.customer_id = customers.customer_id
    and above.month = months.month
    and above.height = 1
