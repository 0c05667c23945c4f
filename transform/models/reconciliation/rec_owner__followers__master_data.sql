-- The fields and who follows them are the contract's: models/canonical/customers.yml.
with

    customers as (select * from {{ ref("customers") }}),

    records as (select * from {{ ref("int_customers__linked") }} where is_primary),

    identities as (
        {% for system in customer_systems() if system.name not in ["zendesk", "vitally"] %}
            select
                '{{ system.name }}:{{ system.object }}:'
                || {{ system.key }} as record_key,
                {{ normalised_tax_number("tax_id") }} as tax_number
            from {{ ref(system.model) }}
            where not is_deleted {{ "union all" if not loop.last }}
        {% endfor %}
    ),

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
                '{{ follower.name }}' as target_field,
                'P' as push_class
            from records
            inner join customers using (customer_id)
            where
                records.system = '{{ follower.system }}'
                and customers.{{ follower.field }} is not null
                and customers.{{ follower.field }}
                is distinct from records.{{ follower.field }}
            union all
        {% endfor %}
        -- Systems spell a tax number in their own ways, which is no difference; which
        -- of
        -- two is right a person asks the tax office.
        select
            records.record_key,
            records.customer_id,
            customers.legal_name as customer_name,
            'tax_id' as part,
            'tax number' as field_label,
            customers.tax_id_source as left_system,
            customers.tax_id as left_value,
            records.system as right_system,
            theirs.tax_number as right_value,
            records.object as target_object,
            records.record_id as target_record_id,
            'tax_id' as target_field,
            'T' as push_class
        from records
        inner join customers using (customer_id)
        inner join identities as theirs on theirs.record_key = records.record_key
        inner join
            records as owners
            on owners.customer_id = records.customer_id
            and owners.system = customers.tax_id_source
        inner join identities as ours on ours.record_key = owners.record_key
        where theirs.tax_number <> ours.tax_number
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
                "push_class",
            ]
        )
    }}
