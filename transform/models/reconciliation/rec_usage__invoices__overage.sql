with

    charges as (select * from {{ ref("usage_charges") }} where invoice_id is not null),

    subscriptions as (select * from {{ ref("subscriptions") }}),

    contracts as (select * from {{ ref("contracts") }} where monthly_minimum_minor > 0),

    lines as (select * from {{ ref("revenue_invoiced_lines") }} where is_minimum),

    -- What came late and was billed after its invoice.
    adjusted as (
        select invoice_id, {{ sum_minor("amount_minor") }} as added_minor
        from {{ ref("usage_adjustments") }}
        where stripe_invoice_item_id is not null
        group by invoice_id
    ),

    currencies as (select * from {{ ref("currencies") }}),

    customers as (select * from {{ ref("customers") }}),

    -- All meters of a period together: which of them the minimum is for nobody says.
    used as (
        select
            charges.billing_system,
            charges.subscription_id,
            charges.customer_id,
            charges.invoice_id,
            charges.starts_on,
            charges.currency,
            contracts.monthly_minimum_minor,
            {{ sum_minor("charges.amount_minor") }} as used_minor,
            {{ sum_minor("charges.invoiced_minor") }} as invoiced_minor
        from charges
        inner join subscriptions using (billing_system, subscription_id)
        inner join contracts using (contract_id)
        group by
            charges.billing_system,
            charges.subscription_id,
            charges.customer_id,
            charges.invoice_id,
            charges.starts_on,
            charges.currency,
            contracts.monthly_minimum_minor
        having count(*) = count(charges.amount_minor)
    ),

    topped_up as (
        select invoice_id, {{ sum_minor("net_minor") }} as added_minor
        from lines
        group by invoice_id
    ),

    compared as (
        select
            used.*,
            used.invoiced_minor
            + coalesce(topped_up.added_minor, 0)
            + coalesce(adjusted.added_minor, 0) as billed_minor
        from used
        left join topped_up using (invoice_id)
        left join adjusted using (invoice_id)
    ),

    found as (
        select
            compared.billing_system || ':invoice:' || compared.invoice_id as record_key,
            compared.subscription_id
            || ':'
            || {{ iso_day("compared.starts_on") }} as part,
            'invoice:' || compared.invoice_id as grain_key,
            compared.customer_id,
            {{ customer_name("customers.legal_name", "compared.customer_id") }}
            || ' used more than its monthly minimum, and not all of it is billed'
            as subject,
            compared.currency,
            {{ first_of_month("compared.starts_on") }} as period,
            compared.billing_system || ' meters' as left_system,
            {{ amount_text("compared.used_minor", "currencies.minor_per_major") }}
            as left_value,
            compared.billing_system || ' invoices' as right_system,
            {{ amount_text("compared.billed_minor", "currencies.minor_per_major") }}
            as right_value,
            compared.used_minor - compared.billed_minor as difference_minor
        from compared
        inner join currencies using (currency)
        left join customers using (customer_id)
        where
            compared.used_minor > compared.monthly_minimum_minor
            and compared.used_minor > compared.billed_minor
    )

    {{
        breaks(
            [
                "part",
                "grain_key",
                "customer_id",
                "currency",
                "period",
                "left_system",
                "left_value",
                "right_system",
                "right_value",
                "difference_minor",
            ]
        )
    }}
