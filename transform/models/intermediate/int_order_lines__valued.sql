with

    lines as (select * from {{ ref("int_order_lines__classified") }}),

    -- The days that are left of the month after the whole ones.
    measured as (
        select
            *,
            {{
                days_between(
                    add_months("starts_on", "whole_months"),
                    add_months("starts_on", "whole_months + 1"),
                )
            }} as month_days,
            {{ days_between(add_months("starts_on", "whole_months"), "ends_before") }}
            as left_days
        from lines
    ),

    valued as (
        select
            *,
            whole_months * month_days + left_days as term_parts,
            case
                when revenue_type = 'recurring'
                then
                    {{
                        div_half_up(
                            "(case when quantity = 0 or is_within_contract then arr_delta_minor else arr_minor end) * (whole_months * month_days + left_days)",
                            "12 * month_days",
                        )
                    }}
                when revenue_type = 'one_time'
                then units_minor
                else cast(0 as bigint)
            end as undiscounted_minor
        from measured
    ),

    priced as (
        select *, coalesce(quoted_minor, undiscounted_minor) as tcv_minor from valued
    )

select
    salesforce_order_item_id,
    salesforce_order_id,
    order_item_number,
    sku,
    salesforce_quote_line_id,
    bundle_order_item_id,
    superseded_order_item_id,
    order_action,
    revenue_type,
    quantity,
    held_quantity,
    unit_minor,
    previous_unit_minor,
    starts_on,
    ends_before,
    tcv_minor,
    undiscounted_minor,
    arr_delta_minor,
    case
        when revenue_type <> 'recurring' or term_parts = 0
        then cast(0 as bigint)
        else
            {{
                div_half_up(
                    "tcv_minor * 12 * month_days",
                    "(case when term_parts = 0 then 1 else term_parts end)",
                )
            }}
    end as acv_minor
from priced
