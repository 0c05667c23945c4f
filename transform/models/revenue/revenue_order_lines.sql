with recursive

    lines as (select * from {{ ref("order_lines") }}),

    orders as (select * from {{ ref("orders") }}),

    contracts as (select * from {{ ref("revenue_contracts") }}),

    modifications as (select * from {{ ref("contract_modifications") }}),

    firsts as (
        select contract_id, min(order_number) as order_number
        from orders
        group by contract_id
    ),

    placed as (
        select
            lines.*,
            modifications.treatment,
            modifications.order_id is not null as is_modification,
            'modification:' || lines.order_id as modification_id,
            -- A renewal is a contract of its own; so is what is sold separately.
            case
                when firsts.order_number is not null
                then lines.contract_id
                when
                    modifications.order_id is null
                    or modifications.treatment = 'separate'
                then 'modification:' || lines.order_id
            end as own_contract_key,
            firsts.order_number is not null as is_signed,
            case
                when
                    modifications.order_id is not null
                    and superseded.contract_id = lines.contract_id
                then lines.supersedes_line_id
            end as changes_line_id
        from lines
        inner join orders using (order_id)
        inner join contracts on contracts.contract_id = lines.contract_id
        left join
            firsts
            on firsts.contract_id = lines.contract_id
            and firsts.order_number = orders.order_number
        left join modifications on modifications.order_id = lines.order_id
        left join
            lines as superseded on superseded.order_line_id = lines.supersedes_line_id
    ),

    -- A line that changes another goes under the obligation of that one.
    chained as (
        select
            order_line_id,
            order_line_id as obligation_id,
            cast(0 as bigint) as change_number
        from placed
        where changes_line_id is null and action <> 'cancel'
        union all
        select
            placed.order_line_id,
            chained.obligation_id,
            chained.change_number + 1 as change_number
        from chained
        inner join placed on placed.changes_line_id = chained.order_line_id
    ),

    kept as (
        select
            chained.obligation_id,
            chained.change_number,
            coalesce(roots.own_contract_key, roots.contract_id) as contract_key,
            placed.*
        from chained
        inner join placed using (order_line_id)
        inner join placed as roots on roots.order_line_id = chained.obligation_id
    )

select
    order_line_id,
    obligation_id,
    change_number,
    contract_id,
    contract_key,
    -- A modification concerns one accounting contract: of two there are two events.
    modification_id || case
        when change_number > 0 and contract_key <> contract_id
        then '/' || contract_key
        else ''
    end as event_id,
    modification_id,
    is_signed,
    is_modification,
    treatment,
    product_id,
    revenue_type,
    quantity,
    starts_on,
    ends_before,
    tcv_minor
from kept
