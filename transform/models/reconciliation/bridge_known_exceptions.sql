{% set causes = {
    "bookings_to_contract_value": [
        "rec_opportunities__contracts__won",
        "rec_quotes__quotes__total",
        "rec_orders__quotes__lines",
        "rec_contracts__contracts__overlap",
        "rec_orders__orders__chain",
        "rec_salesforce__contracts__line_ends",
        "rec_quotes__salesforce__ramp_steps",
    ],
    "contract_value_to_billings": [
        "rec_contracts__contracts__overlap",
        "rec_contracts__billing__missing_lines",
        "rec_billing__contracts__surplus_lines",
        "rec_contracts__billing__terms",
        "rec_contracts__stripe__discount_end",
        "rec_contracts__billing__lapsed",
        "rec_billing__contracts__ended",
        "rec_salesforce__contracts__line_ends",
        "rec_billing__contracts__overbilled",
        "rec_subscriptions__billing__unbilled",
        "rec_quotes__salesforce__ramp_steps",
        "rec_billing__billing__line_periods",
    ],
    "billings_to_cash": ["rec_payments__billing__open_invoices"],
    "revenue_to_ledger": [
        "rec_stripe__erp__invoices",
        "rec_erp__stripe__invoices",
        "rec_stripe__erp__invoice_total",
        "rec_erp__erp__invoices",
        "rec_stripe__erp__invoice_status",
        "rec_erp__contracts__legal_entity",
    ],
} %}

with

    billed as (
        select invoice_id, max(agreement_id) as agreement_id
        from {{ ref("bridge_billed_lines") }}
        where agreement_id is not null
        group by invoice_id
    ),

    invoiced as (
        select invoice_id, contract_id
        from {{ ref("revenue_invoiced_lines") }}
        group by invoice_id, contract_id
    ),

    booked as (
        select booked.salesforce_opportunity_id, agreements.agreement_id
        from {{ ref("int_orders__booked") }} as booked
        inner join
            {{ ref("bridge_agreements") }} as agreements
            on agreements.contract_id = booked.salesforce_contract_id
    ),

    erp_invoices as (
        select erp_invoice_id, erp_system || ':invoice:' || erp_invoice_id as record_key
        from {{ ref("int_erp__invoices") }}
    ),

    holds as (select * from {{ ref("revenue_holds") }}),

    -- A break of another check is no cause of what does not come out even there.
    found as (
        {% for hand_off, checks in causes.items() %}
            {% for check in checks %}
                select
                    '{{ hand_off }}' as hand_off,
                    check_id as known_by,
                    record_key,
                    grain_key,
                    customer_id
                from {{ ref(check) }}
                union all
            {% endfor %}
        {% endfor %}

        -- What the subledger holds it neither defers nor earns.
        {% for hand_off in ["billings_to_revenue", "revenue_to_ledger"] %}
            select
                '{{ hand_off }}' as hand_off,
                'hold: ' || holds.reason as known_by,
                cast(null as varchar) as record_key,
                'invoice:' || invoiced.invoice_id as grain_key,
                holds.customer_id
            from holds
            inner join
                invoiced on invoiced.contract_id = holds.contract_id
                {{ "union all" if not loop.last }}
        {% endfor %}
    ),

    keyed as (
        select hand_off, known_by, grain_key
        from found

        union all

        select
            found.hand_off,
            found.known_by,
            'contract:' || billed.agreement_id as grain_key
        from found
        inner join billed on found.grain_key = 'invoice:' || billed.invoice_id
        where found.hand_off = 'contract_value_to_billings'

        union all

        select
            found.hand_off,
            found.known_by,
            'contract:' || booked.agreement_id as grain_key
        from found
        inner join
            booked
            on found.grain_key = 'opportunity:' || booked.salesforce_opportunity_id

        union all

        -- An invoice of the ERP alone is a journal that no invoice of billing is
        -- behind.
        select
            found.hand_off,
            found.known_by,
            'journal:' || erp_invoices.erp_invoice_id as grain_key
        from found
        inner join erp_invoices using (record_key)
        where found.hand_off = 'revenue_to_ledger'
    )

select hand_off, grain_key, min(known_by) as known_by
from keyed
group by hand_off, grain_key
