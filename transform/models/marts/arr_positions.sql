with

    segments as (select * from {{ ref("arr_segments") }}),

    months as (
        select *, lead(closes_before) over (order by month) as next_closes_before
        from {{ ref("int_calendar__months") }}
    ),

    rates as (select * from {{ ref("usd_rates_monthly") }}),

    suspended as (select * from {{ ref("int_contracts__suspended") }}),

    -- In force at the end of the month's last day.
    in_force as (
        select
            segments.*,
            months.month,
            months.closes_before,
            case
                when segments.contract_starts_on >= months.month then 1 else 0
            end as is_newly_contracted,
            case
                when segments.contract_ends_before < months.next_closes_before
                then 1
                else 0
            end as is_running_out
        from segments
        inner join
            months
            on segments.starts_on < months.closes_before
            and segments.ends_before >= months.closes_before
    ),

    held as (
        select
            in_force.policy_step,
            in_force.is_in_force,
            in_force.customer_record_key,
            in_force.customer_id,
            in_force.product_id,
            in_force.currency,
            in_force.legal_entity_code,
            in_force.month,
            sum(in_force.quantity) as quantity,
            {{ sum_minor("in_force.gross_minor") }} as gross_minor,
            {{ sum_minor("in_force.counted_minor") }} as held_minor,
            {{
                sum_minor(
                    "case when suspended.is_paused then in_force.counted_minor else 0 end"
                )
            }}
            as paused_minor,
            max(in_force.is_newly_contracted) as is_newly_contracted,
            max(in_force.is_running_out) as is_running_out,
            max(in_force.ending_rank) as ending_rank
        from in_force
        left join
            suspended
            on suspended.policy_step = in_force.policy_step
            and suspended.salesforce_contract_id = in_force.contract_id
            and suspended.month = in_force.month
        where suspended.is_out is null or not suspended.is_out
        group by
            in_force.policy_step,
            in_force.is_in_force,
            in_force.customer_record_key,
            in_force.customer_id,
            in_force.product_id,
            in_force.currency,
            in_force.legal_entity_code,
            in_force.month
    )

select
    held.policy_step,
    held.is_in_force,
    held.customer_record_key,
    held.customer_id,
    held.product_id,
    held.currency,
    held.legal_entity_code,
    held.month,
    cast(held.quantity as decimal(38, 9)) as quantity,
    held.gross_minor,
    held.is_newly_contracted,
    held.is_running_out,
    held.ending_rank,
    held.held_minor,
    held.paused_minor
    {%- for amount in ["held", "paused"] %}
        ,
        {{ usd_minor(amount ~ "_minor", "rates.budget_rate") }}
        as {{ amount }}_usd_minor,
        {{ usd_minor(amount ~ "_minor", "rates.month_end_rate") }}
        as {{ amount }}_reported_usd_minor,
        -- What the same is at the rate with which the next month ends.
        {{
            usd_minor(
                amount ~ "_minor",
                "coalesce(next_rates.month_end_rate, rates.month_end_rate)",
            )
        }} as {{ amount }}_carried_usd_minor
    {%- endfor %}
from held
inner join rates on rates.month = held.month and rates.currency = held.currency
left join
    rates as next_rates
    on next_rates.month = {{ add_months("held.month", 1) }}
    and next_rates.currency = held.currency
