with

    invoices as (select * from {{ ref("invoices") }}),

    settlements as (select * from {{ ref("bridge_settlements") }}),

    balances as (select * from {{ ref("invoice_balances_monthly") }}),

    months as (select * from {{ ref("int_calendar__months") }}),

    currencies as (select * from {{ ref("currencies") }}),

    moves as (
        select
            legal_entity_code,
            currency,
            {{ first_of_month("issued_on") }} as month,
            total_minor as amount_minor
        from invoices

        union all

        select
            legal_entity_code,
            currency,
            {{ first_of_month("voided_on") }} as month,
            - total_minor as amount_minor
        from invoices
        where status = 'void'

        union all

        -- Paid, credited and written off.
        select legal_entity_code, currency, month, - amount_minor as amount_minor
        from settlements
        where kind not in ('undocumented', 'write_off')
    ),

    moved as (
        select
            legal_entity_code,
            currency,
            month,
            {{ sum_minor("amount_minor") }} as moved_minor
        from moves
        group by legal_entity_code, currency, month
    ),

    owed as (
        select
            legal_entity_code,
            currency,
            month,
            {{ sum_minor("open_minor") }} as open_minor
        from balances
        group by legal_entity_code, currency, month
    ),

    used as (
        select legal_entity_code, currency
        from invoices
        group by legal_entity_code, currency
    ),

    filled as (
        select
            used.legal_entity_code,
            used.currency,
            months.month,
            coalesce(moved.moved_minor, 0) as moved_minor,
            coalesce(owed.open_minor, 0) as closing_minor,
            lag(coalesce(owed.open_minor, 0), 1, cast(0 as bigint)) over (
                partition by used.legal_entity_code, used.currency order by months.month
            ) as opening_minor
        from used
        cross join months
        left join
            moved
            on moved.legal_entity_code = used.legal_entity_code
            and moved.currency = used.currency
            and moved.month = months.month
        left join
            owed
            on owed.legal_entity_code = used.legal_entity_code
            and owed.currency = used.currency
            and owed.month = months.month
    ),

    found as (
        select
            'concord:receivables:'
            || filled.legal_entity_code
            || ':'
            || filled.currency
            || ':'
            || {{ iso_day("filled.month") }} as record_key,
            'Receivables of '
            || filled.legal_entity_code
            || ' in '
            || filled.currency
            || ' do not roll forward in the month of '
            || {{ iso_day("filled.month") }} as subject,
            filled.currency,
            filled.month as period,
            'roll-forward' as left_system,
            {{
                amount_text(
                    "(filled.opening_minor + filled.moved_minor)",
                    "currencies.minor_per_major",
                )
            }} as left_value,
            'open invoices' as right_system,
            {{ amount_text("filled.closing_minor", "currencies.minor_per_major") }}
            as right_value,
            filled.opening_minor
            + filled.moved_minor
            - filled.closing_minor as difference_minor
        from filled
        inner join currencies on currencies.currency = filled.currency
        where filled.opening_minor + filled.moved_minor <> filled.closing_minor
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
