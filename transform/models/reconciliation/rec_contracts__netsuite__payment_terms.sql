with

    customers as (select * from {{ ref("customers") }}),

    erp_customers as (select * from {{ ref("int_erp__payment_terms") }}),

    versions as (
        select *
        from {{ ref("contract_versions") }}
        where is_current and payment_terms is not null
    ),

    -- What was agreed last.
    ranked as (
        select
            *,
            row_number() over (
                partition by customer_id
                order by
                    valid_from desc, recorded_from desc, {{ by_bytes("contract_id") }}
            ) as recency
        from versions
        where valid_from <= {{ as_of() }}
    ),

    agreed as (select customer_id, payment_terms from ranked where recency = 1),

    found as (
        select
            erp_customers.record_key,
            agreed.customer_id,
            {{ customer_name("customers.legal_name", "agreed.customer_id") }}
            || ' agreed to pay '
            || agreed.payment_terms
            || ' and is given '
            || erp_customers.payment_terms
            || ' in the ERP' as subject,
            'salesforce' as left_system,
            agreed.payment_terms as left_value,
            erp_customers.erp_system as right_system,
            erp_customers.payment_terms as right_value,
            erp_customers.erp_system as target_system,
            'customer' as target_object,
            erp_customers.erp_customer_id as target_record_id,
            'terms' as target_field,
            agreed.payment_terms as proposed_value
        from agreed
        inner join erp_customers using (customer_id)
        inner join customers using (customer_id)
        where
            lower(trim(agreed.payment_terms))
            <> lower(trim(erp_customers.payment_terms))
    )

    {{
        breaks(
            [
                "customer_id",
                "left_system",
                "left_value",
                "right_system",
                "right_value",
                "target_system",
                "target_object",
                "target_record_id",
                "target_field",
                "proposed_value",
            ]
        )
    }}
