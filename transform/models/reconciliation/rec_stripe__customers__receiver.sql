with
    invoices as (
        select *
        from {{ ref("stg_stripe__invoices") }}
        where not is_deleted and status = 'open'
    ),
    billing as (select * from {{ ref("stg_stripe__customers") }} where not is_deleted),
    customer_records as (select * from {{ ref("customer_records") }}),
    contracts as (
        select *
        from {{ ref("stg_salesforce__contracts") }}
        where not is_deleted and purchase_order_number is not null
    ),
    subscriptions as (select * from {{ ref("subscriptions") }}),
    customers as (select * from {{ ref("customers") }}),
    sent as (
        select
            *,
            {{ json_text("record", ["customer_email"]) }} as receiver,
            {{ json_text("record", ["custom_fields"]) }} as custom_fields
        from invoices
    ),
    found as (

        select
            'stripe:invoice:' || sent.stripe_invoice_id as record_key,
            'invoice:' || sent.stripe_invoice_id as grain_key,
            records.customer_id,
            'Invoice '
            || sent.number
            || ' of '
            || {{ customer_name("customers.legal_name", "records.customer_id") }}
            || case
                when sent.receiver <> billing.billing_email
                then ' went to another address than the customer gave'
                else ' has no order number'
            end as subject,
            'stripe' as left_system,
            billing.billing_email as left_value,
            'stripe' as right_system,
            sent.receiver as right_value
        from sent
        inner join billing using (stripe_customer_id)
        left join
            customer_records as records
            on records.system = 'stripe'
            and records.record_id = sent.stripe_customer_id
        left join
            subscriptions
            on subscriptions.stripe_subscription_id = sent.stripe_subscription_id
        left join
            contracts on contracts.salesforce_contract_id = subscriptions.contract_id
        left join customers on customers.customer_id = records.customer_id
        where
            sent.receiver <> billing.billing_email
            or (
                contracts.purchase_order_number is not null
                and sent.custom_fields is null
            )

    )

    {{
        breaks(
            [
                "customer_id",
                "left_system",
                "left_value",
                "right_system",
                "right_value",
                "grain_key",
            ]
        )
    }}
