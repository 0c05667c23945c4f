with

    recognized as (select * from {{ ref("revenue_recognized_monthly") }}),

    remaining as (select * from {{ ref("revenue_remaining_monthly") }}),

    obligations as (select * from {{ ref("revenue_performance_obligations") }}),

    months as (select * from {{ ref("int_calendar__months") }}),

    currencies as (select * from {{ ref("currencies") }}),

    terms as (
        select
            accounting_contract_id,
            (
                max(ends_before) > {{ add_months("min(starts_on)", 12) }}
            ) as is_over_a_year
        from obligations
        where not is_usage
        group by accounting_contract_id
    ),

    -- What of a price is new in a month, and what of it was changed.
    priced as (
        select
            *,
            recognized_to_date_minor + remaining_minor as price_minor,
            lag(recognized_to_date_minor + remaining_minor) over (
                partition by obligation_key order by month
            ) as previous_price_minor
        from recognized
    ),

    amounts as (
        select
            remaining.contract_id,
            remaining.month,
            remaining.entity,
            remaining.currency,
            {{
                sum_minor(
                    "case when priced.previous_price_minor is null "
                    ~ "then priced.price_minor else 0 end"
                )
            }} as booked_minor,
            {{
                sum_minor(
                    "priced.price_minor"
                    ~ " - coalesce(priced.previous_price_minor, priced.price_minor)"
                )
            }} as changed_minor,
            {{ sum_minor("priced.recognized_minor") }} as satisfied_minor,
            remaining.remaining_minor as rpo_minor,
            remaining.within_12_months_minor as crpo_minor,
            {{
                sum_minor(
                    "case when terms.is_over_a_year then priced.remaining_minor else 0 end"
                )
            }}
            as rpo_over_a_year_minor
        from remaining
        inner join
            priced
            on priced.contract_id = remaining.contract_id
            and priced.month = remaining.month
        inner join terms on terms.accounting_contract_id = priced.accounting_contract_id
        group by
            remaining.contract_id,
            remaining.month,
            remaining.entity,
            remaining.currency,
            remaining.remaining_minor,
            remaining.within_12_months_minor
    ),

    used as (select entity, currency from amounts group by entity, currency),

    totals as (
        select
            months.month,
            used.entity,
            used.currency,
            {% for measure in [
                "booked",
                "changed",
                "satisfied",
                "rpo",
                "crpo",
                "rpo_over_a_year",
            ] %}
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
    totals.entity as legal_entity_code,
    totals.currency,
    lag(totals.rpo_minor, 1, cast(0 as bigint)) over (
        partition by totals.entity, totals.currency order by totals.month
    ) as opening_rpo_minor,
    {% for measure in [
        "booked",
        "changed",
        "satisfied",
        "rpo",
        "crpo",
        "rpo_over_a_year",
    ] %}
        totals.{{ measure }}_minor,
        {{
            to_usd_minor(
                "totals." ~ measure ~ "_minor", "currencies.usd_micros_per_minor"
            )
        }} as {{ measure }}_usd_minor {{- "," if not loop.last }}
    {% endfor %}
from totals
inner join currencies using (currency)
