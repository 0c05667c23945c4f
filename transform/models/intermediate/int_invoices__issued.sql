with

    stripe_invoices as (
        select *
        from {{ ref("stg_stripe__invoices") }}
        where not is_deleted and status <> 'draft'
    ),

    chargebee_invoices as (
        select *
        from {{ ref("stg_chargebee__invoices") }}
        where not is_deleted and status <> 'pending'
    ),

    records as (select * from {{ ref("int_customers__linked") }}),

    currencies as (select * from {{ ref("currencies") }}),

    sellers as (
        select
            billing_system,
            country,
            legal_entity_code,
            count(*) over (partition by billing_system) as sellers_count
        from {{ ref("entity_systems") }}
    ),

    invoices as (
        select
            'stripe' as billing_system,
            stripe_invoice_id as invoice_id,
            stripe_customer_id as billing_customer_id,
            stripe_subscription_id as subscription_id,
            account_country as seller_country,
            number,
            status,
            {{ utc_date("finalized_at") }} as issued_on,
            {{ utc_date("coalesce(due_at, finalized_at)") }} as due_on,
            {{ utc_date("paid_at") }} as paid_on,
            {{ utc_date("voided_at") }} as voided_on,
            currency,
            coalesce(total_excluding_tax_minor, total_minor) as net_minor,
            total_minor,
            paid_minor,
            credited_minor + balance_applied_minor as credited_minor,
            case
                when status = 'uncollectible' then remaining_minor else 0
            end as written_off_minor,
            case
                when status in ('void', 'uncollectible') then 0 else remaining_minor
            end as open_minor,
            cast(0 as bigint) as rounding_minor,
            attempt_count
        from stripe_invoices

        union all

        select
            'chargebee' as billing_system,
            chargebee_invoice_id as invoice_id,
            chargebee_customer_id as billing_customer_id,
            chargebee_subscription_id as subscription_id,
            cast(null as varchar) as seller_country,
            chargebee_invoice_id as number,
            case
                when status = 'voided'
                then 'void'
                when status = 'not_paid'
                then 'uncollectible'
                when status in ('posted', 'payment_due')
                then 'open'
                else status
            end as status,
            {{ utc_date("issued_at") }} as issued_on,
            {{ utc_date("coalesce(due_at, issued_at)") }} as due_on,
            {{ utc_date("paid_at") }} as paid_on,
            {{ utc_date("voided_at") }} as voided_on,
            currency,
            total_minor - tax_minor - rounding_minor as net_minor,
            total_minor,
            paid_minor,
            adjusted_minor + credits_applied_minor as credited_minor,
            written_off_minor,
            due_minor as open_minor,
            rounding_minor,
            cast(null as bigint) as attempt_count
        from chargebee_invoices
    )

select
    invoices.*,
    invoices.total_minor - invoices.net_minor - invoices.rounding_minor as tax_minor,
    records.customer_id,
    sellers.legal_entity_code,
    case
        when currencies.currency is null
        then 'currency_without_rate'
        when records.customer_id is null
        then 'unknown_customer'
    end as held_for
from invoices
left join
    records
    on records.system = invoices.billing_system
    and records.record_id = invoices.billing_customer_id
left join currencies on currencies.currency = invoices.currency
-- Who invoices for one entity alone need not say for which.
left join
    sellers
    on sellers.billing_system = invoices.billing_system
    and (sellers.country = invoices.seller_country or sellers.sellers_count = 1)
