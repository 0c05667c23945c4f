with recursive

    contracts as (select * from {{ ref("revenue_contracts") }}),

    lines as (select * from {{ ref("revenue_order_lines") }}),

    invoices as (select * from {{ ref("invoices") }}),

    pauses as (select * from {{ ref("revenue_pauses") }}),

    rested as (
        select
            obligation_id,
            min(paused_on) as paused_on,
            cast(
                sum({{ days_between("paused_on", "resumes_on") }}) as integer
            ) as pause_days
        from pauses
        group by obligation_id
    ),

    days as (
        select min(signed_on) as first_on, max(signed_on) as last_on
        from contracts
        union all
        select min(starts_on) as first_on, max(ends_before) as last_on
        from lines
        union all
        -- A pause may move the end of a term by as long as it lasts.
        select
            min(rested.paused_on) as first_on,
            max({{ add_days("lines.ends_before", "rested.pause_days") }}) as last_on
        from rested
        inner join lines using (obligation_id)
        union all
        select min(issued_on) as first_on, max(issued_on) as last_on
        from invoices
    ),

    bounds as (
        select
            {{ first_of_month("min(first_on)") }} as first_month,
            greatest(max(last_on), {{ as_of() }}) as last_on
        from days
    ),

    months as (
        select first_month as month, last_on
        from bounds
        union all
        select {{ add_months("month", 1) }} as month, last_on
        from months
        where {{ add_months("month", 1) }} <= last_on
    )

select
    month,
    -- The month of as_of is not over: it is posted up to that day.
    case
        when month = {{ first_of_month(as_of()) }}
        then {{ add_days(as_of(), 1) }}
        else {{ add_months("month", 1) }}
    end as closes_before,
    month <= {{ as_of() }} as is_posted
from months
where month is not null
