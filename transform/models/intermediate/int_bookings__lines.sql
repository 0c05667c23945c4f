with

    quote_lines as (
        select * from {{ ref("stg_salesforce__quote_lines") }} where not is_deleted
    ),

    quotes as (select * from {{ ref("stg_salesforce__quotes") }}),

    orders as (select * from {{ ref("int_orders__booked") }}),

    currencies as (select * from {{ ref("currencies") }}),

    -- A line of a ramp has days of its own, any other line those of its quote.
    dated as (
        select
            quote_lines.salesforce_quote_line_id,
            orders.salesforce_quote_id,
            orders.customer_id,
            orders.salesforce_contract_id,
            orders.booked_on,
            orders.currency,
            quotes.quote_type,
            quotes.starts_on as order_starts_on,
            {{ add_days("quotes.ends_on", 1) }} as order_ends_before,
            quote_lines.charge_type,
            coalesce(quote_lines.starts_on, quotes.starts_on) as starts_on,
            {{
                add_days(
                    "coalesce(quote_lines.ends_on, quotes.ends_on)",
                    1,
                )
            }} as ends_before,
            cast(
                coalesce(quote_lines.discount_percent, 0) * 100 as bigint
            ) as discount_basis_points,
            {{
                to_minor(
                    "quote_lines.net_total_amount", "currencies.minor_per_major"
                )
            }} as total_minor,
            {{
                to_minor(
                    "12 * quote_lines.quantity * quote_lines.net_price_amount",
                    "currencies.minor_per_major",
                )
            }} as gross_arr_minor
        from quote_lines
        inner join orders using (salesforce_quote_id)
        inner join quotes using (salesforce_quote_id)
        left join currencies on currencies.currency = orders.currency
    ),

    valued as (
        select
            *,
            charge_type = 'Recurring' as is_recurring,
            case
                when charge_type = 'Recurring' and starts_on = order_starts_on
                then
                    gross_arr_minor
                    - {{
                        div_half_up(
                            "gross_arr_minor * discount_basis_points", "10000"
                        )
                    }}
                else cast(0 as bigint)
            end as arr_minor
        from dated
    )

select
    valued.salesforce_quote_line_id,
    valued.salesforce_quote_id,
    valued.salesforce_contract_id,
    valued.customer_id,
    case
        when valued.quote_type = 'Quote'
        then 'new'
        when valued.quote_type = 'Renewal'
        then 'renewal'
        when valued.quote_type = 'Amendment' and valued.gross_arr_minor < 0
        then 'contraction'
        when valued.quote_type = 'Amendment'
        then 'expansion'
        else 'unclassified'
    end as booking_type,
    valued.is_recurring,
    valued.booked_on,
    valued.starts_on,
    valued.ends_before,
    valued.currency,
    valued.total_minor,
    valued.arr_minor,
    case
        when valued.is_recurring
        then
            {{
                yearly(
                    "valued.total_minor",
                    "valued.order_starts_on",
                    "valued.order_ends_before",
                )
            }}
        else cast(0 as bigint)
    end as acv_minor
from valued
