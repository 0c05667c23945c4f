with

    movements as (select * from {{ ref("arr_movements") }}),

    -- A transfer moves between customers or entities and takes nothing from the
    -- company; a rate that is constant moves nothing.
    summed as (
        select
            currency,
            month,
            {{ sum_minor("transfer_in_minor + transfer_out_minor") }}
            as transferred_minor,
            {{ sum_minor("transfer_in_usd_minor + transfer_out_usd_minor") }}
            as transferred_usd_minor,
            {{
                sum_minor(
                    "closing_usd_minor - opening_usd_minor - transfer_in_usd_minor"
                    ~ " - transfer_out_usd_minor - new_usd_minor"
                    ~ " - reactivation_usd_minor - churn_usd_minor - pause_usd_minor"
                    ~ " - resume_usd_minor - expansion_usd_minor"
                    ~ " - contraction_usd_minor"
                )
            }} as fx_usd_minor
        from movements
        group by currency, month
    ),

    faults as (
        select 'transfers' as part, currency, month, transferred_minor as sum_minor
        from summed
        union all
        select
            'transfers in dollars' as part,
            currency,
            month,
            transferred_usd_minor as sum_minor
        from summed
        union all
        select
            'exchange differences at constant rates' as part,
            currency,
            month,
            fx_usd_minor as sum_minor
        from summed
    ),

    found as (
        select
            'concord:currency:' || currency as record_key,
            part || ':' || {{ iso_day("month") }} as part,
            'The ' || part || ' of a month do not sum to nothing' as subject,
            currency,
            month as period,
            'movements' as left_system,
            '0' as left_value,
            'movements' as right_system,
            cast(sum_minor as {{ dbt.type_string() }}) as right_value,
            sum_minor as difference_minor
        from faults
        where sum_minor <> 0
    )

    {{
        breaks(
            [
                "part",
                "currency",
                "period",
                "left_system",
                "left_value",
                "right_system",
                "right_value",
                "difference_minor",
            ]
        )
    }}
