with

    lines as (select * from {{ ref("revenue_order_lines") }}),

    listed as (select * from {{ ref("revenue_standalone_prices") }}),

    contracts as (select * from {{ ref("revenue_contracts") }}),

    settlements as (select * from {{ ref("revenue_settlements") }}),

    -- Lines say what is bought from a day on: the price of all of it is what they sum
    -- to. Of several lines of one order the last says what the obligation becomes.
    summed as (
        select
            *,
            cast(
                sum(tcv_minor) over (
                    partition by obligation_id
                    order by change_number
                    rows between unbounded preceding and current row
                ) as bigint
            ) as amount_minor,
            row_number() over (
                partition by event_id, obligation_id order by change_number desc
            ) as place,
            -- What is given up ends on the day from which nothing of it is held.
            case when quantity = 0 then starts_on else ends_before end as given_before
        from lines
    ),

    stepped as (
        select
            *,
            lag(given_before) over (
                partition by obligation_id order by change_number
            ) as last_given_before
        from summed
        where place = 1
    ),

    changed as (
        select
            stepped.*,
            contracts.currency,
            -- An end that an order repeats leaves what a pause has added to it.
            case
                when stepped.given_before <> stepped.last_given_before
                then stepped.given_before
            end as changed_ends_before
        from stepped
        inner join contracts using (contract_id)
        where
            stepped.change_number > 0
            and stepped.treatment in ('prospective', 'catch_up', 'combined')
    ),

    priced_on as (
        select changed.order_line_id, max(listed.valid_from) as valid_from
        from changed
        inner join
            listed
            on listed.product_id = changed.product_id
            and listed.currency = changed.currency
            and listed.valid_from <= changed.starts_on
        group by changed.order_line_id
    ),

    stated as (
        select
            changed.event_id,
            changed.contract_id,
            changed.obligation_id,
            case
                when changed.revenue_type <> 'usage' then changed.amount_minor
            end as amount_minor,
            changed.changed_ends_before as ends_before,
            -- Of what remains; what is caught up keeps the price of the whole.
            case
                when
                    changed.treatment <> 'catch_up'
                    and changed.quantity > 0
                    and listed.is_approved
                    and listed.per = 'month'
                then
                    {{
                        share_minor(
                            "listed.mid_minor",
                            "cast(changed.quantity * 1000000 as bigint) * "
                            ~ term_months("changed.starts_on", "changed.ends_before"),
                            "1000000",
                        )
                    }}
            end as ssp_minor
        from changed
        left join priced_on using (order_line_id)
        left join
            listed
            on listed.product_id = changed.product_id
            and listed.currency = changed.currency
            and listed.valid_from = priced_on.valid_from
    )

select
    event_id,
    contract_id,
    obligation_id,
    amount_minor,
    ends_before,
    cast(null as bigint) as total_units,
    ssp_minor,
    cast(null as varchar) as treatment,
    cast(null as bigint) as unit_price_micros,
    false as is_cancelled
from stated

union all

select
    event_id,
    contract_id,
    obligation_id,
    amount_minor,
    ends_before,
    cast(null as bigint) as total_units,
    cast(null as bigint) as ssp_minor,
    cast(null as varchar) as treatment,
    cast(null as bigint) as unit_price_micros,
    false as is_cancelled
from settlements
