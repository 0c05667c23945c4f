with

    obligations as (
        select *
        from {{ ref("revenue_performance_obligations") }}
        where not is_usage and price_minor <> 0
    ),

    entries as (select * from {{ ref("price_book_entries") }} where is_standard),

    -- One obligation alone gets its price, whatever it is worth.
    shared as (
        select accounting_contract_id
        from obligations
        group by accounting_contract_id
        having count(*) > 1
    ),

    sold as (
        select
            product_id, currency, added_on, min(obligations.contract_id) as contract_id
        from obligations
        inner join shared using (accounting_contract_id)
        group by product_id, currency, added_on
    ),

    dated as (
        select
            product_id,
            currency,
            list_minor,
            is_active,
            {{ utc_date("valid_from") }} as valid_from,
            -- The price list of the start holds for what was sold before it was kept.
            case
                when
                    {{ utc_date("valid_from") }}
                    = min({{ utc_date("valid_from") }}) over (
                        partition by product_id, currency
                    )
                then {{ first_day() }}
                else {{ utc_date("valid_from") }}
            end as holds_from
        from entries
    ),

    in_force as (
        select
            sold.product_id,
            sold.currency,
            sold.added_on,
            sold.contract_id,
            max(dated.holds_from) as holds_from
        from sold
        left join
            dated
            on dated.product_id = sold.product_id
            and dated.currency = sold.currency
            and dated.holds_from <= sold.added_on
        group by sold.product_id, sold.currency, sold.added_on, sold.contract_id
    ),

    judged as (
        select
            in_force.product_id,
            in_force.currency,
            in_force.added_on,
            in_force.contract_id,
            case
                when in_force.holds_from is null
                then 'no standalone price'
                when min(dated.list_minor) <> max(dated.list_minor)
                then 'two standalone prices'
                when max(case when dated.is_active then 1 else 0 end) = 0
                then 'a standalone price that is over'
            end as fault
        from in_force
        left join
            dated
            on dated.product_id = in_force.product_id
            and dated.currency = in_force.currency
            and dated.holds_from = in_force.holds_from
        group by
            in_force.product_id,
            in_force.currency,
            in_force.added_on,
            in_force.contract_id,
            in_force.holds_from
    ),

    found as (
        select
            'concord:product:' || product_id as record_key,
            currency || ':' || fault as part,
            product_id
            || ' had '
            || fault
            || ' in '
            || currency
            || ' when it was sold with others on '
            || {{ iso_day("min(added_on)") }} as subject,
            currency,
            {{ first_of_month("min(added_on)") }} as period,
            'contracts' as left_system,
            min(contract_id) as left_value,
            'price book' as right_system,
            fault as right_value
        from judged
        where fault is not null
        group by product_id, currency, fault
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
            ]
        )
    }}
