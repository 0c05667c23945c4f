-- The fields and who follows them are the contract's: models/canonical/customers.yml.
with

    customers as (select * from {{ ref("customers") }}),

    records as (select * from {{ ref("int_customers__linked") }} where is_primary),

    followed as (
        {% for follower in master_data_followers() %}
            select
                records.record_key,
                records.customer_id,
                customers.legal_name as customer_name,
                '{{ follower.field }}' as part,
                '{{ follower.label }}' as field_label,
                customers.{{ follower.field }}_source as left_system,
                customers.{{ follower.field }} as left_value,
                records.system as right_system,
                records.{{ follower.field }} as right_value,
                '{{ follower.object }}' as target_object,
                records.record_id as target_record_id,
                '{{ follower.name }}' as target_field
            from records
            inner join customers using (customer_id)
            where
                records.system = '{{ follower.system }}'
                and customers.{{ follower.field }} is not null
                and customers.{{ follower.field }}
                is distinct from records.{{ follower.field }}
                {{ "union all" if not loop.last }}
        {% endfor %}
    ),

    found as (
        select
            *,
            {{ customer_name("customer_name", "customer_id") }}
            || ' has another '
            || field_label
            || ' in '
            || right_system
            || ' than in '
            || left_system as subject,
            right_system as target_system,
            left_value as proposed_value
        from followed
    )

    {{
        breaks(
            [
                "customer_id",
                "part",
                "left_system",
                "left_value",
                "right_system",
                "right_value",
                "target_system",
                "target_object",
                "target_record_id",
                "target_field",
                "proposed_value",
            ]
        )
    }}
