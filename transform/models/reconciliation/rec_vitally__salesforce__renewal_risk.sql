with
    opportunities as (
        select *
        from {{ ref("opportunities") }}
        where opportunity_type = 'Renewal' and not is_closed
    ),
    scores as (select * from {{ ref("health_scores") }} where is_current),
    customers as (select * from {{ ref("customers") }}),
    found as (

        select
            'salesforce:opportunity:' || opportunities.opportunity_id as record_key,
            opportunities.customer_id,
            'Customer success calls the risk that '
            || {{ customer_name("customers.legal_name", "opportunities.customer_id") }}
            || ' leaves '
            || scores.risk
            || ', and the CRM '
            || opportunities.renewal_risk as subject,
            scores.system as left_system,
            scores.risk as left_value,
            'salesforce' as right_system,
            opportunities.renewal_risk as right_value,
            'salesforce' as target_system,
            'Opportunity' as target_object,
            opportunities.opportunity_id as target_record_id,
            'Renewal_Risk__c' as target_field,
            scores.risk as proposed_value
        from opportunities
        inner join scores using (customer_id)
        left join customers on customers.customer_id = opportunities.customer_id
        where
            opportunities.renewal_risk is not null
            and scores.risk <> opportunities.renewal_risk

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
