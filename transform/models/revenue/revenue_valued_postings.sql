with

    postings as (select * from {{ ref("revenue_postings") }}),

    contracts as (select * from {{ ref("revenue_contracts") }}),

    rates as (select * from {{ ref("revenue_rates") }}),

    events as (select * from {{ ref("revenue_accepted_events") }}),

    invoices as (
        select invoice_id, effective_on as invoiced_on
        from events
        where kind = 'invoice'
    ),

    reductions as (
        select events.event_id, invoices.invoiced_on
        from events
        inner join invoices using (invoice_id)
        where events.reduction is not null
    ),

    -- What undoes an invoice has the rate of the invoice.
    dated as (
        select
            postings.*,
            contracts.entity,
            contracts.customer_id,
            contracts.currency,
            contracts.functional_currency,
            coalesce(reductions.invoiced_on, postings.posted_on) as valued_on
        from postings
        inner join contracts using (contract_id)
        left join reductions using (event_id)
    )

select
    dated.contract_id,
    dated.entity,
    dated.customer_id,
    dated.currency,
    dated.functional_currency,
    dated.event_id,
    dated.reason,
    dated.obligation_key,
    dated.position_key,
    dated.is_unconditional,
    dated.posted_on,
    dated.valued_on,
    dated.month,
    dated.debit_role,
    dated.credit_role,
    dated.amount_minor,
    case
        when dated.currency = dated.functional_currency
        then dated.amount_minor
        else
            {{
                share_minor(
                    "dated.amount_minor", "rates.numerator", "rates.denominator"
                )
            }}
    end as functional_minor,
    case
        when dated.currency = dated.functional_currency
        then dated.amount_minor
        else
            {{
                share_minor(
                    "dated.amount_minor",
                    "paid_rates.numerator",
                    "paid_rates.denominator",
                )
            }}
    end as paid_functional_minor
from dated
left join
    rates
    on rates.from_currency = dated.currency
    and rates.to_currency = dated.functional_currency
    and rates.valid_from <= dated.valued_on
    and {{ or_never("rates.valid_before") }} > dated.valued_on
left join
    rates as paid_rates
    on paid_rates.from_currency = dated.currency
    and paid_rates.to_currency = dated.functional_currency
    and paid_rates.valid_from <= dated.posted_on
    and {{ or_never("paid_rates.valid_before") }} > dated.posted_on
where dated.reason <> 'netting'
