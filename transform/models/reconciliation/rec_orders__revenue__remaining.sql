with

    remaining as (select * from {{ ref("revenue_remaining_monthly") }}),

    months as (select * from {{ ref("revenue_months") }} where is_posted),

    obligations as (
        select * from {{ ref("revenue_performance_obligations") }} where not is_usage
    ),

    lines as (
        select * from {{ ref("revenue_order_lines") }} where revenue_type <> 'usage'
    ),

    events as (select * from {{ ref("revenue_accepted_events") }}),

    settlements as (select * from {{ ref("revenue_settlements") }}),

    reductions as (
        select *
        from {{ ref("revenue_event_parts") }}
        where reduction in ('pro_rata', 'prospective') and not is_usage
    ),

    journal as (select * from {{ ref("revenue_journal") }}),

    currencies as (select * from {{ ref("currencies") }}),

    customers as (select * from {{ ref("customers") }}),

    ordered as (
        select contract_id, obligation_id, {{ sum_minor("tcv_minor") }} as ordered_minor
        from lines
        group by contract_id, obligation_id
    ),

    moves as (
        -- Bookings, and what modifications add or take away.
        select
            lines.contract_id,
            {{ first_of_month("coalesce(events.effective_on, obligations.added_on)") }}
            as month,
            lines.tcv_minor as moved_minor
        from lines
        inner join obligations using (contract_id, obligation_id)
        left join
            events
            on events.event_id
            = case when lines.change_number > 0 then lines.event_id end
        union all
        select
            settlements.contract_id,
            events.month,
            settlements.amount_minor - ordered.ordered_minor as moved_minor
        from settlements
        inner join events using (event_id)
        inner join
            ordered
            on ordered.contract_id = settlements.contract_id
            and ordered.obligation_id = settlements.obligation_id
        union all
        select contract_id, month, - amount_minor as moved_minor
        from reductions
        union all
        -- Revenue is a credit; what is given back of it was not left to perform.
        select journal.contract_id, journal.month, journal.amount_minor as moved_minor
        from journal
        inner join obligations using (obligation_key)
        where {{ is_revenue("journal.account_role") }}
    ),

    moved as (
        select contract_id, month, {{ sum_minor("moved_minor") }} as moved_minor
        from moves
        group by contract_id, month
    ),

    rolled as (
        select
            remaining.*,
            lag(remaining.remaining_minor, 1, cast(0 as bigint)) over (
                partition by remaining.contract_id order by remaining.month
            )
            + coalesce(moved.moved_minor, 0) as rolled_minor
        from remaining
        inner join months on months.month = remaining.month
        left join
            moved
            on moved.contract_id = remaining.contract_id
            and moved.month = remaining.month
    ),

    found as (
        select
            'salesforce:contract:' || rolled.contract_id as record_key,
            {{ iso_day("rolled.month") }} as part,
            rolled.customer_id,
            'What remains to perform for '
            || {{ customer_name("customers.legal_name", "rolled.customer_id") }}
            || ' is not what bookings and revenue of the month make of it' as subject,
            rolled.currency,
            rolled.month as period,
            'orders and journal' as left_system,
            {{ amount_text("rolled.rolled_minor", "currencies.minor_per_major") }}
            as left_value,
            'subledger' as right_system,
            {{ amount_text("rolled.remaining_minor", "currencies.minor_per_major") }}
            as right_value,
            rolled.rolled_minor - rolled.remaining_minor as difference_minor
        from rolled
        inner join currencies on currencies.currency = rolled.currency
        left join customers on customers.customer_id = rolled.customer_id
        where rolled.rolled_minor <> rolled.remaining_minor
    )

    {{
        breaks(
            [
                "part",
                "customer_id",
                "currency",
                "period",
                "left_system",
                "left_value",
                "right_system",
                "right_value",
                "difference_minor",
            ]
        )
    }}
