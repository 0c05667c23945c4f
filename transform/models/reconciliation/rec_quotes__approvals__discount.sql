with
    quotes as (select * from {{ ref("quotes") }}),
    customers as (select * from {{ ref("customers") }}),
    found as (

        select
            'salesforce:sbqq__quote__c:' || quotes.quote_id as record_key,
            'quote:' || quotes.quote_id as grain_key,
            quotes.customer_id,
            'Quote '
            || quotes.quote_number
            || ' of '
            || {{ customer_name("customers.legal_name", "quotes.customer_id") }}
            || ' was ordered and its approval is '
            || lower(quotes.approval_status) as subject,
            'salesforce' as left_system,
            quotes.status as left_value,
            'salesforce' as right_system,
            quotes.approval_status as right_value
        from quotes
        left join customers on customers.customer_id = quotes.customer_id
        where quotes.is_ordered and quotes.approval_status <> 'Approved'

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
