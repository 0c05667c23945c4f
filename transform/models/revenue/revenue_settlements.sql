with

    lines as (select * from {{ ref("revenue_order_lines") }}),

    obligations as (
        select * from {{ ref("revenue_obligations") }} where method <> 'usage'
    ),

    invoiced as (select * from {{ ref("revenue_invoiced_lines") }}),

    contracts as (select * from {{ ref("contracts") }}),

    ordered as (
        select
            obligation_id,
            contract_id,
            contract_key,
            {{ sum_minor("tcv_minor") }} as ordered_minor,
            max(change_number) as last_number
        from lines
        group by obligation_id, contract_id, contract_key
    ),

    ended as (
        select
            ordered.*,
            case
                when lines.quantity = 0 then lines.starts_on else lines.ends_before
            end as ends_before
        from ordered
        inner join obligations using (obligation_id)
        inner join
            lines
            on lines.obligation_id = ordered.obligation_id
            and lines.change_number = ordered.last_number
    ),

    billed as (
        select obligation_id, {{ sum_minor("net_minor") }} as billed_minor
        from invoiced
        where not is_replaced
        group by obligation_id
    ),

    compared as (
        select
            ended.contract_id,
            ended.contract_key,
            ended.obligation_id,
            ended.ends_before,
            ended.ordered_minor,
            coalesce(billed.billed_minor, 0) as billed_minor,
            -- A contract that was ended without an order is over all the same.
            case
                when contracts.status = 'terminated'
                then {{ add_days("contracts.ends_on", 1) }}
            end as terminated_on
        from ended
        inner join contracts using (contract_id)
        left join billed using (obligation_id)
    ),

    finished as (
        select
            contract_key,
            least(
                max(ends_before), coalesce(max(terminated_on), max(ends_before))
            ) as settled_on
        from compared
        group by contract_key
        having
            sum(billed_minor) <> sum(ordered_minor)
            or max(ends_before) > max(terminated_on)
    )

select
    'settlement:' || compared.contract_key as event_id,
    compared.contract_id,
    compared.obligation_id,
    finished.settled_on,
    compared.billed_minor as amount_minor,
    least(compared.ends_before, finished.settled_on) as ends_before
from compared
inner join finished using (contract_key)
where finished.settled_on <= {{ as_of() }}
