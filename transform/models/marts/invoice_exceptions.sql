-- What is the customer's own reason for a credit is no exception of ours.
{% set our_fault = ["duplicate", "billing_error", "fraudulent"] %}
{% set days = 30 %}

with

    invoices as (
        select * from {{ ref("invoices") }} where status not in ('void', 'draft')
    ),

    credit_notes as (select * from {{ ref("credit_notes") }}),

    exceptions as (select * from {{ ref("int_operations__exceptions") }}),

    currencies as (select * from {{ ref("currencies") }}),

    -- What an exception calls the invoice: by its key in billing or in an ERP.
    keyed as (
        {% for key in [
            "billing_system || ':invoice:' || invoice_id",
            "'netsuite:invoice:' || netsuite_invoice_id",
            "'tryton:invoice:' || tryton_invoice_id",
        ] %}
            select billing_system, invoice_id, issued_on, {{ key }} as record_key
            from invoices {{ "union all" if not loop.last }}
        {% endfor %}
    ),

    found as (
        select
            keyed.billing_system,
            keyed.invoice_id,
            max(
                case when exceptions.is_preventable then 1 else 0 end
            ) as preventable_count
        from keyed
        inner join exceptions on exceptions.record_key = keyed.record_key
        where
            {{ utc_date("exceptions.opened_at") }}
            <= {{ add_days("keyed.issued_on", days) }}
        group by keyed.billing_system, keyed.invoice_id
    ),

    corrected as (
        select invoices.billing_system, invoices.invoice_id
        from invoices
        inner join
            credit_notes
            on credit_notes.billing_system = invoices.billing_system
            and credit_notes.invoice_id = invoices.invoice_id
        where
            credit_notes.status <> 'void'
            and credit_notes.reason_code in ('{{ our_fault | join("', '") }}')
            and credit_notes.issued_on <= {{ add_days("invoices.issued_on", days) }}
        group by invoices.billing_system, invoices.invoice_id
    )

select
    invoices.billing_system,
    invoices.invoice_id,
    invoices.legal_entity_code,
    invoices.currency,
    invoices.issued_on,
    {{ first_of_month("invoices.issued_on") }} as month,
    cast(
        {{
            to_usd_minor(
                "abs(invoices.total_minor)", "currencies.usd_micros_per_minor"
            )
        }} as bigint
    ) as total_usd_minor,
    found.invoice_id is not null or corrected.invoice_id is not null as is_exception,
    coalesce(found.preventable_count, 0) = 1 as is_preventable
from invoices
left join currencies on currencies.currency = invoices.currency
left join
    found
    on found.billing_system = invoices.billing_system
    and found.invoice_id = invoices.invoice_id
left join
    corrected
    on corrected.billing_system = invoices.billing_system
    and corrected.invoice_id = invoices.invoice_id
