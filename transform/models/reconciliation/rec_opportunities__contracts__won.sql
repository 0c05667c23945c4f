with

    opportunities as (
        select * from {{ ref("stg_salesforce__opportunities") }} where not is_deleted
    ),

    orders as (select * from {{ ref("int_orders__booked") }}),

    orders_placed as (select * from {{ ref("orders") }}),

    contracts as (select * from {{ ref("contracts") }}),

    records as (select * from {{ ref("customer_records") }}),

    ordered as (
        select orders.salesforce_opportunity_id
        from orders
        inner join contracts on contracts.contract_id = orders.salesforce_contract_id
        group by orders.salesforce_opportunity_id
    ),

    placed as (
        select opportunity_id
        from orders_placed
        where opportunity_id is not null
        group by opportunity_id
    ),

    -- A CRM that keeps no orders is not asked for them.
    kept as (select count(*) as orders_count from placed),

    found as (
        select
            'salesforce:opportunity:'
            || opportunities.salesforce_opportunity_id as record_key,
            records.customer_id,
            'Opportunity '
            || opportunities.name
            || ' is won and led to no '
            || case
                when ordered.salesforce_opportunity_id is null
                then 'contract'
                else 'order'
            end as subject,
            opportunities.currency,
            opportunities.closes_on as period,
            'salesforce' as left_system,
            opportunities.stage as left_value,
            'salesforce' as right_system
        from opportunities
        left join ordered using (salesforce_opportunity_id)
        left join
            records
            on records.system = 'salesforce'
            and records.record_id = opportunities.salesforce_account_id
        left join
            placed on placed.opportunity_id = opportunities.salesforce_opportunity_id
        cross join kept
        where
            opportunities.is_won
            and (
                ordered.salesforce_opportunity_id is null
                or (kept.orders_count > 0 and placed.opportunity_id is null)
            )
    )

    {{
        breaks(
            [
                "customer_id",
                "currency",
                "period",
                "left_system",
                "left_value",
                "right_system",
            ]
        )
    }}
