with

    balances as (select * from {{ ref("arr_balances") }}),

    novations as (select * from {{ ref("arr_novations") }}),

    customer_movements as (select * from {{ ref("arr_customer_movements") }}),

    plans as (select product_id, plan from {{ ref("plan_ranks") }}),

    -- A product of a plan that ended while another of the plan began.
    exchanges as (
        select balances.customer_id, balances.currency, plans.plan, balances.month
        from balances
        inner join plans using (product_id)
        group by balances.customer_id, balances.currency, plans.plan, balances.month
        having
            sum(
                case
                    when opening_held_minor <> 0 and closing_held_minor = 0
                    then 1
                    else 0
                end
            )
            > 0
            and sum(
                case
                    when opening_held_minor = 0 and closing_held_minor <> 0
                    then 1
                    else 0
                end
            )
            > 0
    ),

    based as (
        select
            balances.*,
            exchanges.plan is not null as is_exchanged
            {%- for name, amount in {
                "quantity": "opening_quantity",
                "gross_minor": "opening_gross_minor",
                "held_minor": "opening_held_minor",
                "held_usd_minor": "opening_held_usd_minor",
                "held_reported_usd_minor": "opening_held_reported_usd_minor",
                "carried_usd_minor": "carried_held_reported_usd_minor",
            }.items() %}
                ,
                case
                    when novations.from_entity_code = balances.legal_entity_code
                    then 0
                    when novations.to_entity_code = balances.legal_entity_code
                    then novations.{{ name }}
                    else balances.{{ amount }}
                end as based_{{ name }}
            {%- endfor %}
        from balances
        left join novations using (customer_id, product_id, currency, month)
        left join plans using (product_id)
        left join
            exchanges
            on exchanges.customer_id = balances.customer_id
            and exchanges.currency = balances.currency
            and exchanges.plan = plans.plan
            and exchanges.month = balances.month
    ),

    rest as (
        select
            *,
            closing_held_minor - based_held_minor as rest_minor,
            closing_held_usd_minor - based_held_usd_minor as rest_usd_minor,
            closing_held_reported_usd_minor
            - based_carried_usd_minor as rest_reported_usd_minor
        from based
    )

select
    rest.customer_id,
    rest.product_id,
    rest.currency,
    rest.legal_entity_code,
    rest.month,
    {% for measure in arr_measures() %}
        rest.based_held_{{ measure }}
        - rest.opening_held_{{ measure }} as transfer_{{ measure }},
        rest.rest_{{ measure }},
    {% endfor %}
    rest.based_held_minor,
    rest.based_gross_minor,
    cast(rest.based_quantity as decimal(38, 9)) as based_quantity,
    rest.closing_held_minor,
    rest.closing_gross_minor,
    rest.closing_quantity,
    rest.based_carried_usd_minor - rest.based_held_reported_usd_minor as rate_usd_minor,
    rest.is_recontracted,
    case
        when customer_movements.movement is not null
        then customer_movements.movement
        when rest.rest_minor < 0 or (rest.rest_minor = 0 and rest.rest_usd_minor < 0)
        then 'contraction'
        else 'expansion'
    end as movement,
    case
        when customer_movements.movement is not null
        then customer_movements.cause
        when
            rest.is_exchanged
            and (rest.opening_held_minor = 0) <> (rest.closing_held_minor = 0)
        then 'tier'
        when rest.based_held_minor = 0
        then 'cross_sell'
        when rest.closing_held_minor = 0
        then 'product_drop'
        else 'price'
    end as cause
from rest
left join customer_movements using (customer_id, month)
