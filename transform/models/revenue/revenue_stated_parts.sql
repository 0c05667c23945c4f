with

    events as (select * from {{ ref("revenue_accepted_events") }}),

    lines as (select * from {{ ref("revenue_event_lines") }}),

    invoices as (select * from events where kind = 'invoice'),

    stated as (
        select event_id, obligation_id, {{ sum_minor("amount_minor") }} as amount_minor
        from lines
        group by event_id, obligation_id
    ),

    invoice_totals as (
        select
            invoices.invoice_id,
            {{ sum_minor("lines.amount_minor") }} as net_minor,
            {{ sum_minor("lines.tax_minor") }} as tax_minor
        from invoices
        inner join lines using (event_id)
        group by invoices.invoice_id
    ),

    itemized as (select event_id from lines group by event_id),

    divided as (
        select
            events.event_id,
            events.invoice_id,
            case
                when events.kind = 'payment'
                then
                    events.amount_minor - case
                        when invoice_totals.net_minor + invoice_totals.tax_minor = 0
                        then 0
                        else
                            {{
                                share_minor(
                                    "invoice_totals.tax_minor",
                                    "events.amount_minor",
                                    "(invoice_totals.net_minor + invoice_totals.tax_minor)",
                                )
                            }}
                    end
                else events.amount_minor
            end as amount_minor
        from events
        inner join invoice_totals using (invoice_id)
        left join itemized using (event_id)
        where
            events.kind in ('credit_note', 'refund', 'dispute', 'write_off', 'payment')
            and itemized.event_id is null
    ),

    weighed as (
        select
            divided.event_id,
            divided.amount_minor,
            stated.obligation_id,
            greatest(stated.amount_minor, cast(0 as bigint)) as weight,
            cast(
                sum(greatest(stated.amount_minor, cast(0 as bigint))) over (
                    partition by divided.event_id
                ) as bigint
            ) as weights
        from divided
        inner join invoices using (invoice_id)
        inner join stated on stated.event_id = invoices.event_id
    ),

    floored as (
        select *, {{ floor_share("amount_minor", "weight", "weights") }} as share_minor
        from weighed
    ),

    ranked as (
        select
            *,
            abs(amount_minor)
            - sum(share_minor) over (partition by event_id) as left_minor,
            row_number() over (
                partition by event_id
                order by
                    {{
                        floor_remainder(
                            "amount_minor", "weight", "weights", "share_minor"
                        )
                    }} desc,
                    {{ binary_order("obligation_id") }}
            ) as place
        from floored
    )

select event_id, obligation_id, amount_minor
from stated
union all
select
    event_id,
    obligation_id,
    cast(
        case when amount_minor < 0 then -1 else 1 end
        * (share_minor + case when place <= left_minor then 1 else 0 end) as bigint
    ) as amount_minor
from ranked
