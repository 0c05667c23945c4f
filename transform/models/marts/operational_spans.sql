-- Of changes: what is measured, where it begins and where it ends.
{% set of_changes = [
    ("sync_latency", "brought_at", "verified_at"),
    ("sync_latency_plan", "brought_at", "planned_at"),
    ("sync_latency_approve", "planned_at", "ready_at"),
    ("sync_latency_send", "ready_at", "first_sent_at"),
    ("sync_latency_verify", "first_sent_at", "verified_at"),
    ("failed_transaction_recovery", "failed_at", "recovered_at"),
    ("approval_lead_time", "waiting_at", "decided_at"),
] %}

with

    orders as (select * from {{ ref("orders") }} where order_type = 'order'),

    fiscal_periods as (select * from {{ ref("fiscal_periods") }}),

    changes as (select * from {{ ref("int_operations__changes") }}),

    dead_letters as (select * from {{ ref("int_operations__dead_letters") }}),

    exceptions as (select * from {{ ref("int_operations__exceptions") }}),

    moments as (select * from {{ ref("int_operations__moments") }}),

    -- The business's own days are known up to the day the numbers are stated for.
    stated as (select {{ utc_instant(add_days(as_of(), 1)) }} as known_at),

    cases as (
        select
            'order_to_activation' as metric,
            order_id as case_key,
            legal_entity_code,
            currency,
            cast(null as varchar) as object_name,
            greatest(
                created_at, coalesce({{ utc_instant("starts_on") }}, created_at)
            ) as started_at,
            case
                when status = 'activated' then {{ utc_instant("activated_on") }}
            end as ended_at,
            cast(null as timestamp with time zone) as withdrawn_at,
            stated.known_at
        from orders
        cross join stated
        union all
        -- When a period was closed before anybody looked is not known; that of Business
        -- Central never is.
        select
            'close_cycle' as metric,
            fiscal_period_id as case_key,
            legal_entity_code,
            cast(null as varchar) as currency,
            cast(null as varchar) as object_name,
            {{ utc_instant("ends_before") }} as started_at,
            closed_at as ended_at,
            cast(null as timestamp with time zone) as withdrawn_at,
            stated.known_at
        from fiscal_periods
        cross join stated
        where
            not is_adjustment
            and source_system <> 'business_central'
            and (status <> 'closed' or closed_at is not null)
        {% for metric, begins, ends in of_changes %}
            union all
            select
                '{{ metric }}' as metric,
                change_id as case_key,
                cast(null as varchar) as legal_entity_code,
                currency,
                object_name,
                {{ begins }} as started_at,
                {{ ends }} as ended_at,
                withdrawn_at,
                moments.known_at
            from changes
            cross join moments
        {% endfor %}
        union all
        select
            'dead_letter_age' as metric,
            letter_id as case_key,
            cast(null as varchar) as legal_entity_code,
            currency,
            object_name,
            dead_at as started_at,
            left_at as ended_at,
            cast(null as timestamp with time zone) as withdrawn_at,
            moments.known_at
        from dead_letters
        cross join moments
        union all
        -- What a person lets stand is not waited for any more.
        select
            'exception_resolution' as metric,
            cast(exception_id as varchar) as case_key,
            cast(null as varchar) as legal_entity_code,
            currency,
            owner as object_name,
            opened_at as started_at,
            closed_at as ended_at,
            case when state = 'accepted' then first_touched_at end as withdrawn_at,
            moments.known_at
        from exceptions
        cross join moments
    ),

    -- What ended after it was withdrawn has ended; what has not begun is no case.
    placed as (
        select
            *,
            case
                when ended_at is not null
                then 'ended'
                when withdrawn_at is not null
                then 'withdrawn'
                else 'open'
            end as outcome,
            coalesce(ended_at, withdrawn_at, known_at) as seen_until
        from cases
        where started_at <= known_at
    )

select
    metric,
    case_key,
    -- A period counts in its own month.
    {{
        first_of_month(
            "case when metric = 'close_cycle' then "
            ~ add_days(utc_date("started_at"), -1)
            ~ " else "
            ~ utc_date("started_at")
            ~ " end"
        )
    }} as month,
    legal_entity_code,
    currency,
    object_name,
    started_at,
    seen_until,
    outcome,
    -- A record may be dated before it was begun: then it took no time.
    greatest({{ seconds_between("started_at", "seen_until") }}, 0) as seconds
from placed
