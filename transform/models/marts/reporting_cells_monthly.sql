with

    hand_offs as (
        {% for hand_off in ["bookings", "billings", "cash", "revenue", "ledger"] %}
            select *
            from {{ ref("bridge_" ~ hand_off) }} {{ "union all" if not loop.last }}
        {% endfor %}
    ),

    currencies as (select * from {{ ref("currencies") }}),

    remainders as (
        select
            *,
            right_minor
            - left_minor
            - ({{ stated_reasons() | join("_minor + ") }}_minor) as remainder_minor
        from hand_offs
    ),

    -- Two subjects that are wrong the other way round do not agree.
    cells as (
        select
            hand_off,
            legal_entity_code,
            currency,
            month,
            {{ sum_minor("left_minor") }} as left_minor,
            {{ sum_minor("right_minor") }} as right_minor,
            {{
                sum_minor(
                    "case when abs(remainder_minor) > lines_count"
                    " then abs(remainder_minor) else 0 end"
                )
            }} as unexplained_minor
        from remainders
        group by hand_off, legal_entity_code, currency, month
    ),

    compared as (
        select *, greatest(abs(left_minor), abs(right_minor)) as amount_minor from cells
    )

select
    compared.hand_off,
    compared.legal_entity_code,
    compared.currency,
    compared.month,
    cast(
        {{ to_usd_minor("compared.amount_minor", "currencies.usd_micros_per_minor") }}
        as bigint
    ) as amount_usd_minor,
    cast(
        {{
            to_usd_minor(
                "least(compared.unexplained_minor, compared.amount_minor)",
                "currencies.usd_micros_per_minor",
            )
        }} as bigint
    ) as unexplained_usd_minor
from compared
inner join currencies on currencies.currency = compared.currency
