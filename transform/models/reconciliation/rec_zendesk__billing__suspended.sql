with
    people as (select * from {{ ref("stg_zendesk__users") }} where not is_deleted),
    customers as (select * from {{ ref("customers") }} where is_active),
    found as (

        select
            'zendesk:user:' || people.zendesk_user_id as record_key,
            customers.customer_id,
            people.name
            || ' of '
            || {{ customer_name("customers.legal_name", "customers.customer_id") }}
            || ' is suspended in the help desk and owes nothing' as subject,
            'stripe' as left_system,
            customers.payment_status as left_value,
            'zendesk' as right_system,
            'suspended' as right_value,
            'zendesk' as target_system,
            'user' as target_object,
            people.zendesk_user_id as target_record_id,
            'suspended' as target_field,
            'false' as proposed_value
        from people
        inner join customers using (zendesk_organization_id)
        where
            {{ json_text("people.record", ["suspended"]) }} = 'true'
            and customers.payment_status = 'current'

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
