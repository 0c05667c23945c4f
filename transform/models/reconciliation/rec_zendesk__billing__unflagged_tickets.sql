with

    tickets as (select * from {{ ref("tickets") }} where is_open),

    stated as (select * from {{ ref("stg_zendesk__tickets") }}),

    customers as (
        select * from {{ ref("customers") }} where payment_status = 'past_due'
    ),

    found as (
        select
            'zendesk:ticket:' || tickets.ticket_id as record_key,
            customers.customer_id,
            {{ customer_name("customers.legal_name", "customers.customer_id") }}
            || ' owes money, and its ticket does not say so: '
            || coalesce(tickets.subject, tickets.ticket_id) as subject,
            'billing' as left_system,
            customers.payment_status as left_value,
            'zendesk' as right_system,
            'not tagged' as right_value,
            'zendesk' as target_system,
            'ticket' as target_object,
            tickets.ticket_id as target_record_id,
            'additional_tags' as target_field,
            'past_due' as proposed_value
        from tickets
        inner join customers using (customer_id)
        inner join stated on stated.zendesk_ticket_id = tickets.ticket_id
        where
            coalesce({{ json_text("stated.record", ["tags"]) }}, '')
            not like '%"past_due"%'
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
