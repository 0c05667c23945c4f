with

    journal as (select * from {{ ref("revenue_journal") }}),

    lines as (select * from {{ ref("revenue_order_lines") }}),

    versions as (select * from {{ ref("revenue_obligation_versions") }}),

    currencies as (select * from {{ ref("currencies") }}),

    customers as (select * from {{ ref("customers") }}),

    -- What was earned, less what was given back of it.
    earned as (
        select
            obligation_key,
            contract_id,
            customer_id,
            currency,
            cast(- sum(amount_minor) as bigint) as net_minor,
            min(
                case when reason = 'performance' and amount_minor <> 0 then month end
            ) as first_month,
            max(
                case when reason = 'performance' and amount_minor <> 0 then month end
            ) as last_month
        from journal
        where obligation_key is not null and {{ is_revenue() }}
        group by obligation_key, contract_id, customer_id, currency
    ),

    begun as (
        select
            contract_id || '/' || obligation_id as obligation_key,
            min(starts_on) as starts_on
        from lines
        group by contract_id, obligation_id
    ),

    latest as (
        select
            *,
            row_number() over (
                partition by obligation_key order by version_no desc
            ) as recency_rank
        from versions
    ),

    judged as (
        select
            earned.*,
            latest.allocated_minor,
            case
                when abs(earned.net_minor) > abs(latest.allocated_minor)
                then ' recognized more than its price'
                when earned.first_month < {{ first_of_month("begun.starts_on") }}
                then ' recognized revenue before its term'
                when
                    latest.method in ('daily', 'month_even', 'month_prorated')
                    and earned.last_month >= latest.ends_before
                    -- A catch-up is earned when it is agreed, whenever the term was.
                    and earned.last_month > {{ first_of_month("latest.effective_on") }}
                then ' recognized revenue after its term'
            end as fault
        from earned
        inner join
            latest
            on latest.obligation_key = earned.obligation_key
            and latest.recency_rank = 1
        inner join begun on begun.obligation_key = earned.obligation_key
    ),

    found as (
        select
            'salesforce:contract:' || judged.contract_id as record_key,
            judged.obligation_key as part,
            judged.customer_id,
            'An obligation of '
            || {{ customer_name("customers.legal_name", "judged.customer_id") }}
            || judged.fault as subject,
            judged.currency,
            judged.last_month as period,
            'subledger' as left_system,
            {{ amount_text("judged.allocated_minor", "currencies.minor_per_major") }}
            as left_value,
            'journal' as right_system,
            {{ amount_text("judged.net_minor", "currencies.minor_per_major") }}
            as right_value,
            case
                when judged.fault = ' recognized more than its price'
                then judged.net_minor - judged.allocated_minor
            end as difference_minor
        from judged
        inner join currencies on currencies.currency = judged.currency
        left join customers on customers.customer_id = judged.customer_id
        where judged.fault is not null
    )

    {{
        breaks(
            [
                "part",
                "customer_id",
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
