with

    opportunities as (
        select * from {{ ref("stg_salesforce__opportunities") }} where not is_deleted
    ),

    quotes as (
        select *
        from {{ ref("stg_salesforce__quotes") }}
        where is_primary and not is_deleted
    ),

    quote_lines as (
        select * from {{ ref("stg_salesforce__quote_lines") }} where not is_deleted
    ),

    records as (select * from {{ ref("customer_records") }}),

    currencies as (select * from {{ ref("currencies") }}),

    line_totals as (
        select
            salesforce_quote_id,
            sum(net_total_amount) as lines_amount,
            count(*) as lines_count
        from quote_lines
        group by salesforce_quote_id
    ),

    compared as (
        select
            opportunities.salesforce_opportunity_id,
            opportunities.salesforce_account_id,
            opportunities.name,
            opportunities.closes_on,
            opportunities.currency,
            quotes.salesforce_quote_id,
            -- A currency that the seed does not know is compared in hundredths.
            coalesce(currencies.minor_per_major, 100) as minor_per_major,
            {{
                to_minor(
                    "opportunities.total_amount",
                    "coalesce(currencies.minor_per_major, 100)",
                )
            }} as opportunity_minor,
            {{
                to_minor(
                    "quotes.net_amount", "coalesce(currencies.minor_per_major, 100)"
                )
            }} as quote_minor,
            {{
                to_minor(
                    "coalesce(line_totals.lines_amount, 0)",
                    "coalesce(currencies.minor_per_major, 100)",
                )
            }} as lines_minor,
            -- Each line may have been rounded once.
            cast(coalesce(line_totals.lines_count, 0) as bigint) as tolerance_minor
        from opportunities
        inner join quotes using (salesforce_opportunity_id)
        left join currencies on currencies.currency = opportunities.currency
        left join
            line_totals on line_totals.salesforce_quote_id = quotes.salesforce_quote_id
    ),

    found as (
        select
            'salesforce:opportunity:'
            || compared.salesforce_opportunity_id as record_key,
            'opportunity:' || compared.salesforce_opportunity_id as grain_key,
            records.customer_id,
            -- CPQ keeps one primary quote; an import may leave two.
            compared.salesforce_quote_id as part,
            'Opportunity '
            || compared.name
            || ' has another amount than its primary quote' as subject,
            compared.currency,
            compared.closes_on as period,
            'salesforce' as left_system,
            {{ amount_text("compared.opportunity_minor", "compared.minor_per_major") }}
            as left_value,
            'salesforce cpq' as right_system,
            {{ amount_text("compared.quote_minor", "compared.minor_per_major") }}
            as right_value,
            case
                when compared.opportunity_minor <> compared.quote_minor
                then compared.opportunity_minor - compared.quote_minor
                else compared.quote_minor - compared.lines_minor
            end as difference_minor,
            compared.tolerance_minor,
            'salesforce' as target_system,
            'Opportunity' as target_object,
            compared.salesforce_opportunity_id as target_record_id,
            'Amount' as target_field,
            {{ amount_text("compared.quote_minor", "compared.minor_per_major") }}
            as proposed_value
        from compared
        left join
            records
            on records.system = 'salesforce'
            and records.record_id = compared.salesforce_account_id
        where
            compared.opportunity_minor is distinct from compared.quote_minor
            or abs(compared.quote_minor - compared.lines_minor)
            > compared.tolerance_minor
    )

    {{
        breaks(
            [
                "customer_id",
                "grain_key",
                "part",
                "currency",
                "period",
                "left_system",
                "left_value",
                "right_system",
                "right_value",
                "difference_minor",
                "tolerance_minor",
                "target_system",
                "target_object",
                "target_record_id",
                "target_field",
                "proposed_value",
            ]
        )
    }}
