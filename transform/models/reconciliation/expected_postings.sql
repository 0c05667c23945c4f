with

    expected as (select * from {{ ref("int_erp__expected_invoices") }}),

    invoices as (
        select * from {{ ref("invoices") }} where billing_system = 'chargebee'
    ),

    records as (
        select *
        from {{ ref("customer_records") }}
        where system = 'business_central' and is_primary
    ),

    -- It is asked as soon as it has customers.
    answering as (select system as erp_system from records group by system),

    central as (
        select *
        from {{ ref("stg_business_central__sales_invoices") }}
        where not is_deleted and status <> 'Draft'
    ),

    currencies as (select * from {{ ref("currencies") }}),

    -- A number that stands for several postings is B04's; here the settled one counts.
    ranked as (
        select
            *,
            row_number() over (
                partition by external_document_number
                order by
                    case when status = 'Canceled' then 1 else 0 end,
                    remaining_amount,
                    {{ by_bytes("business_central_invoice_id") }}
            ) as posting_rank
        from central
    ),

    posted as (select * from ranked where posting_rank = 1),

    -- A number that billing gave twice is B07's.
    numbered as (
        select number, max(invoice_id) as invoice_id
        from invoices
        group by number
        having count(*) = 1
    ),

    elsewhere as (
        select
            'stripe' as billing_system,
            invoice_id,
            erp_system,
            customer_id,
            is_customer_known,
            number,
            status,
            issued_on,
            currency,
            total_minor,
            erp_invoice_id,
            erp_status,
            erp_total_minor,
            cast(null as {{ dbt.type_string() }}) as erp_number,
            cast(null as bigint) as erp_open_minor
        from expected
    ),

    acquired as (
        select
            invoices.billing_system,
            invoices.invoice_id,
            answering.erp_system,
            invoices.customer_id,
            records.customer_id is not null as is_customer_known,
            invoices.number,
            invoices.status,
            invoices.issued_on,
            invoices.currency,
            invoices.total_minor,
            posted.business_central_invoice_id as erp_invoice_id,
            case
                when posted.status = 'Canceled'
                then 'void'
                when posted.business_central_invoice_id is not null
                then lower(posted.status)
            end as erp_status,
            {{ to_minor("posted.total_amount", "currencies.minor_per_major") }}
            as erp_total_minor,
            posted.number as erp_number,
            {{ to_minor("posted.remaining_amount", "currencies.minor_per_major") }}
            as erp_open_minor
        from invoices
        cross join answering
        inner join numbered on numbered.invoice_id = invoices.invoice_id
        inner join currencies on currencies.currency = invoices.currency
        left join records on records.customer_id = invoices.customer_id
        left join posted on posted.external_document_number = invoices.number
    ),

    postings as (
        select *
        from elsewhere
        union all
        select *
        from acquired
    )

select *
from postings
