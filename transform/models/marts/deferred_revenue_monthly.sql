{% set flows = ["billings", "credits", "revenue", "reclassified", "held_billings"] %}
{% set balances = ["opening", "closing", "deferred", "contract_assets", "unbilled"] %}

with

    contract_months as (select * from {{ ref("revenue_rollforward_monthly") }}),

    unposted as (select * from {{ ref("unposted_invoice_lines") }} where not is_void),

    months as (select * from {{ ref("int_calendar__months") }}),

    currencies as (select * from {{ ref("currencies") }}),

    amounts as (
        select
            entity,
            currency,
            month,
            billings_minor,
            credits_minor,
            revenue_minor,
            reclassified_minor,
            cast(0 as bigint) as held_billings_minor,
            opening_minor,
            closing_minor,
            deferred_minor,
            contract_assets_minor,
            unbilled_minor
        from contract_months

        union all

        select
            legal_entity_code as entity,
            currency,
            {{ first_of_month("issued_on") }} as month,
            {% for measure in flows[:-1] %}
                cast(0 as bigint) as {{ measure }}_minor,
            {% endfor %}
            net_minor as held_billings_minor,
            {% for measure in balances %}
                cast(0 as bigint) as {{ measure }}_minor {{- "," if not loop.last }}
            {% endfor %}
        from unposted
    ),

    used as (select entity, currency from amounts group by entity, currency),

    totals as (
        select
            months.month,
            used.entity as legal_entity_code,
            used.currency,
            {% for measure in flows + balances %}
                {{ sum_minor("amounts." ~ measure ~ "_minor") }} as {{ measure }}_minor
                {{- "," if not loop.last }}
            {% endfor %}
        from months
        cross join used
        left join
            amounts
            on amounts.month = months.month
            and amounts.entity = used.entity
            and amounts.currency = used.currency
        group by months.month, used.entity, used.currency
    )

select
    totals.month,
    totals.legal_entity_code,
    totals.currency,
    {% for measure in flows + balances %}
        totals.{{ measure }}_minor,
        {{
            to_usd_minor(
                "totals." ~ measure ~ "_minor", "currencies.usd_micros_per_minor"
            )
        }} as {{ measure }}_usd_minor {{- "," if not loop.last }}
    {% endfor %}
from totals
inner join currencies using (currency)
