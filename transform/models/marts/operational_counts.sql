-- Of changes: what is counted, among which, and how much each counts.
{% set of_changes = [
    ("hold_rate", "held_at is not null", "true", "1"),
    ("lost_change_rate", "is_lost", "accepted_at is not null", "1"),
    ("duplicate_effect_rate", "is_duplicate", "verified_at is not null", "1"),
    ("sends_per_verified_change", "true", "attempts > 0", "attempts"),
] %}
{% set of_invoices = [
    ("invoice_exception_rate", "is_exception", "1"),
    ("invoice_exception_rate_by_amount", "is_exception", "total_usd_minor"),
    ("preventable_invoice_exception_rate", "is_preventable", "1"),
] %}

with

    changes as (select * from {{ ref("int_operations__changes") }}),

    exceptions as (select * from {{ ref("int_operations__exceptions") }}),

    checked as (select * from {{ ref("int_operations__checked") }}),

    invoices as (select * from {{ ref("invoice_exceptions") }}),

    cells as (select * from {{ ref("reporting_cells_monthly") }}),

    -- A record that was made twice under one key of ours is one effect too many; what a
    -- system accepted and does not hold is lost.
    judged as (
        select
            *,
            state = 'diverged' as is_lost,
            action = 'create'
            and verified_at is not null
            and row_number() over (
                partition by
                    object_name,
                    external_key,
                    case when verified_at is null then 0 else 1 end
                order by verified_at, change_id
            )
            > 1 as is_duplicate
        from changes
    ),

    counted as (
        {% for metric, what, among, weight in of_changes %}
            select
                '{{ metric }}' as metric,
                change_id as case_key,
                {{ first_of_month(utc_date("planned_at")) }} as month,
                cast(null as varchar) as legal_entity_code,
                currency,
                object_name,
                case when {{ what }} then {{ weight }} else 0 end as counted,
                {% if metric == "sends_per_verified_change" -%}
                    case when verified_at is null then 0 else 1 end
                {%- else -%} {{ weight }}
                {%- endif %} as total
            from judged
            where {{ among }}
            union all
        {% endfor %}
        {% for metric, what, weight in of_invoices %}
            select
                '{{ metric }}' as metric,
                billing_system || ':' || invoice_id as case_key,
                month,
                legal_entity_code,
                currency,
                cast(null as varchar) as object_name,
                case when {{ what }} then {{ weight }} else 0 end as counted,
                {{ weight }} as total
            from invoices
            union all
        {% endfor %}
        select
            'manual_exception_share' as metric,
            cast(exception_id as varchar) as case_key,
            {{ first_of_month(utc_date("closed_at")) }} as month,
            cast(null as varchar) as legal_entity_code,
            currency,
            owner as object_name,
            case when first_touched_at is null then 0 else 1 end as counted,
            1 as total
        from exceptions
        where closed_at is not null
        union all
        select
            'reporting_consistency' as metric,
            check_id as case_key,
            month,
            cast(null as varchar) as legal_entity_code,
            cast(null as varchar) as currency,
            cast(null as varchar) as object_name,
            greatest(compared - unexplained, 0) as counted,
            compared as total
        from checked
        union all
        select
            'reporting_consistency_by_amount' as metric,
            hand_off || ':' || legal_entity_code || ':' || currency as case_key,
            month,
            legal_entity_code,
            currency,
            hand_off as object_name,
            amount_usd_minor - unexplained_usd_minor as counted,
            amount_usd_minor as total
        from cells
    )

select
    metric,
    case_key,
    month,
    legal_entity_code,
    currency,
    object_name,
    cast(counted as bigint) as counted,
    cast(total as bigint) as total
from counted
