with
    contracts as (
        select *
        from {{ ref("contracts") }}
        where
            status = 'activated'
            and ends_on >= {{ as_of() }}
            and ends_on <= {{ add_days(as_of(), 60) }}
    ),
    opportunities as (
        select * from {{ ref("opportunities") }} where opportunity_type = 'Renewal'
    ),
    quotes as (select * from {{ ref("quotes") }}),
    customers as (select * from {{ ref("customers") }}),
    expected as (
        select
            contracts.contract_id,
            contracts.customer_id,
            contracts.currency,
            contracts.ends_on,
            max(opportunities.opportunity_id) as opportunity_id
        from contracts
        left join
            opportunities
            on opportunities.customer_id = contracts.customer_id
            and opportunities.closes_on >= {{ add_days("contracts.ends_on", -120) }}
        group by
            contracts.contract_id,
            contracts.customer_id,
            contracts.currency,
            contracts.ends_on
    ),
    unready as (
        select
            'salesforce:contract:' || contract_id as record_key,
            'contract:' || contract_id as grain_key,
            customer_id,
            currency,
            ' has no opportunity' as what,
            {{ iso_day("ends_on") }} as left_value,
            cast(null as {{ dbt.type_string() }}) as right_value,
            cast(null as bigint) as difference_minor
        from expected
        where opportunity_id is null
        union all
        select
            'salesforce:opportunity:' || opportunities.opportunity_id as record_key,
            'opportunity:' || opportunities.opportunity_id as grain_key,
            opportunities.customer_id,
            opportunities.currency,
            ' is worth another amount than its quote' as what,
            cast(quotes.net_minor as {{ dbt.type_string() }}) as left_value,
            cast(opportunities.amount_minor as {{ dbt.type_string() }}) as right_value,
            opportunities.amount_minor - quotes.net_minor as difference_minor
        from opportunities
        inner join quotes on quotes.quote_id = opportunities.primary_quote_id
        where
            not opportunities.is_closed
            and opportunities.amount_minor <> quotes.net_minor
    ),
    found as (

        select
            unready.record_key,
            unready.grain_key,
            unready.customer_id,
            'The renewal of '
            || {{ customer_name("customers.legal_name", "unready.customer_id") }}
            || unready.what as subject,
            unready.currency,
            'salesforce' as left_system,
            unready.left_value,
            'salesforce' as right_system,
            unready.right_value,
            unready.difference_minor
        from unready
        left join customers on customers.customer_id = unready.customer_id

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
            ]
        )
    }}
