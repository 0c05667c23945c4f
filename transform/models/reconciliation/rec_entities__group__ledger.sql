with

    ledger as (select * from {{ ref("consolidated_ledger_monthly") }}),

    entries as (select * from {{ ref("gl_entries") }}),

    eliminations as (select * from {{ ref("intercompany_eliminations") }}),

    currencies as (select * from {{ ref("currencies") }}),

    -- The first two stand in the ERPs, the third in what is reported of the group. Each
    -- comes to nothing: documents balance, and so do eliminations.
    sides as (
        select
            {{ first_of_month("posted_on") }} as month,
            currency,
            debit_minor - credit_minor as entities_minor,
            cast(0 as bigint) as eliminations_minor,
            cast(0 as bigint) as group_minor
        from entries
        union all
        select
            month,
            currency,
            cast(0 as bigint) as entities_minor,
            amount_minor as eliminations_minor,
            cast(0 as bigint) as group_minor
        from eliminations
        union all
        select
            month,
            currency,
            cast(0 as bigint) as entities_minor,
            cast(0 as bigint) as eliminations_minor,
            consolidated_minor as group_minor
        from ledger
    ),

    summed as (
        select
            month,
            currency,
            {{ sum_minor("entities_minor") }} as entities_minor,
            {{ sum_minor("eliminations_minor") }} as eliminations_minor,
            {{ sum_minor("group_minor") }} as group_minor
        from sides
        group by month, currency
    ),

    found as (
        select
            'concord:group:' || currency || ':' || {{ iso_day("month") }} as record_key,
            'The ledgers of all entities and their eliminations are not the group''s in '
            || currency
            || ' for '
            || substring({{ iso_day("month") }}, 1, 7) as subject,
            currency,
            month as period,
            'entities' as left_system,
            {{
                amount_text(
                    "(entities_minor + eliminations_minor)",
                    "currencies.minor_per_major",
                )
            }} as left_value,
            'group' as right_system,
            {{ amount_text("group_minor", "currencies.minor_per_major") }}
            as right_value,
            entities_minor + eliminations_minor - group_minor as difference_minor
        from summed
        inner join currencies using (currency)
        where
            entities_minor + eliminations_minor <> group_minor
            or eliminations_minor <> 0
            or group_minor <> 0
    )

    {{
        breaks(
            [
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
