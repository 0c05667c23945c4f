with
    quotes as (select * from {{ ref("quotes") }}),
    quote_lines as (select * from {{ ref("quote_lines") }}),
    customers as (select * from {{ ref("customers") }}),
    currencies as (select * from {{ ref("currencies") }}),
    totals as (
        select
            quote_id,
            {{ sum_minor("total_minor") }} as lines_minor,
            count(*) as lines_count
        from quote_lines
        group by quote_id
    ),
    found as (

        select
            'salesforce:sbqq__quote__c:' || quotes.quote_id as record_key,
            'opportunity:' || quotes.opportunity_id as grain_key,
            quotes.customer_id,
            'The lines of quote '
            || quotes.quote_number
            || ' of '
            || {{ customer_name("customers.legal_name", "quotes.customer_id") }}
            || ' do not sum to its total' as subject,
            quotes.currency,
            'salesforce' as left_system,
            {{ amount_text("quotes.net_minor", "currencies.minor_per_major") }}
            as left_value,
            'salesforce' as right_system,
            {{ amount_text("totals.lines_minor", "currencies.minor_per_major") }}
            as right_value,
            quotes.net_minor - totals.lines_minor as difference_minor,
            totals.lines_count as tolerance_minor
        from quotes
        inner join totals using (quote_id)
        inner join currencies using (currency)
        left join customers on customers.customer_id = quotes.customer_id
        where abs(quotes.net_minor - totals.lines_minor) > totals.lines_count

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
                "currency",
                "difference_minor",
                "tolerance_minor",
            ]
        )
    }}
