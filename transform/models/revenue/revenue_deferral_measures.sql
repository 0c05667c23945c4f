with

    valued as (
        select *
        from {{ ref("revenue_valued_postings") }}
        where currency <> functional_currency
    ),

    months as (select * from {{ ref("revenue_months") }} where is_posted),

    rates as (select * from {{ ref("revenue_rates") }}),

    moved as (
        select
            contract_id,
            position_key,
            is_unconditional,
            currency,
            functional_currency,
            month,
            {% for amount in ["amount_minor", "functional_minor"] %}
                {{
                    sum_minor(
                        "case when credit_role = 'deferred' then "
                        ~ amount
                        ~ " when debit_role = 'deferred' and credit_role <> 'revenue' then - "
                        ~ amount
                        ~ " else 0 end"
                    )
                }}
                as billed_{{ amount }},
                {{
                    sum_minor(
                        "case when debit_role = 'deferred' and credit_role = 'revenue' then "
                        ~ amount
                        ~ " else 0 end"
                    )
                }}
                as recognized_{{ amount }} {{- "," if not loop.last }}
            {% endfor %}
        from valued
        group by
            contract_id,
            position_key,
            is_unconditional,
            currency,
            functional_currency,
            month
    ),

    begun as (
        select
            contract_id,
            position_key,
            is_unconditional,
            currency,
            functional_currency,
            min(month) as first_month
        from moved
        group by
            contract_id, position_key, is_unconditional, currency, functional_currency
    ),

    dense as (
        select
            begun.*,
            months.month,
            {{ add_days("months.closes_before", -1) }} as last_on,
            coalesce(moved.billed_amount_minor, 0) as billed_minor,
            coalesce(moved.billed_functional_minor, 0) as billed_functional_minor,
            coalesce(moved.recognized_amount_minor, 0) as recognized_minor,
            coalesce(
                moved.recognized_functional_minor, 0
            ) as recognized_functional_minor
        from begun
        inner join months on months.month >= begun.first_month
        left join
            moved
            on moved.position_key = begun.position_key
            and moved.month = months.month
    ),

    summed as (
        select
            *,
            {% for amount in ["billed", "billed_functional", "recognized"] %}
                cast(
                    sum({{ amount }}_minor) over (
                        partition by position_key order by month
                    ) as bigint
                ) as {{ amount }}_to_date_minor {{- "," if not loop.last }}
            {% endfor %}
        from dense
    )

select
    summed.*,
    summed.billed_to_date_minor - summed.billed_minor as billed_before_minor,
    summed.billed_functional_to_date_minor
    - summed.billed_functional_minor as billed_functional_before_minor,
    summed.recognized_to_date_minor
    - summed.recognized_minor as recognized_before_minor,
    rates.numerator,
    rates.denominator
from summed
left join
    rates
    on rates.from_currency = summed.currency
    and rates.to_currency = summed.functional_currency
    and rates.valid_from <= summed.last_on
    and {{ or_never("rates.valid_before") }} > summed.last_on
