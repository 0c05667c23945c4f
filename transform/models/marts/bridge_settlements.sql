with

    invoices as (select * from {{ ref("invoices") }} where status <> 'void'),

    allocations as (select * from {{ ref("payment_allocations") }}),

    totals as (
        select
            billing_system,
            invoice_id,
            {{ sum_minor("allocated_minor") }} as settled_minor,
            {{
                sum_minor(
                    "case when source_type = 'credit_note' then allocated_minor else 0 end"
                )
            }}
            as noted_minor
        from allocations
        group by billing_system, invoice_id
    ),

    -- Credit that no note explains is the customer's balance, taken at the issue.
    issued as (
        select
            invoices.*,
            coalesce(totals.settled_minor, 0) as settled_minor,
            invoices.credited_minor - coalesce(totals.noted_minor, 0) as balance_minor
        from invoices
        left join
            totals
            on totals.billing_system = invoices.billing_system
            and totals.invoice_id = invoices.invoice_id
    ),

    moves as (
        select
            invoice_id,
            legal_entity_code,
            currency,
            issued_on as moved_on,
            'credit_balance' as kind,
            balance_minor as amount_minor
        from issued

        union all

        select
            invoice_id,
            legal_entity_code,
            currency,
            least(due_on, {{ as_of() }}) as moved_on,
            'write_off' as kind,
            written_off_minor as amount_minor
        from issued

        union all

        select
            invoices.invoice_id,
            invoices.legal_entity_code,
            invoices.currency,
            allocations.allocated_on as moved_on,
            allocations.source_type as kind,
            allocations.allocated_minor as amount_minor
        from allocations
        inner join
            invoices
            on invoices.billing_system = allocations.billing_system
            and invoices.invoice_id = allocations.invoice_id

        union all

        -- What billing states to be open is believed: what no document settled is none
        -- of the reasons.
        select
            invoice_id,
            legal_entity_code,
            currency,
            coalesce(paid_on, issued_on) as moved_on,
            'undocumented' as kind,
            total_minor
            - settled_minor
            - balance_minor
            - written_off_minor
            - open_minor as amount_minor
        from issued
    )

select
    invoice_id,
    legal_entity_code,
    currency,
    {{ first_of_month("moved_on") }} as month,
    cast(kind as varchar) as kind,
    {{ sum_minor("amount_minor") }} as amount_minor
from moves
where amount_minor <> 0
group by invoice_id, legal_entity_code, currency, {{ first_of_month("moved_on") }}, kind
