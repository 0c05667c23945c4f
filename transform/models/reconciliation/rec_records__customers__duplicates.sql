with

    records as (select * from {{ ref("int_customers__linked") }}),

    customers as (select * from {{ ref("customers") }}),

    found as (
        select
            records.record_key,
            records.customer_id,
            {{ customer_name("records.legal_name", "records.customer_id") }}
            || ' is held twice in '
            || records.system
            || ': '
            || records.object
            || ' '
            || records.record_id
            || ' duplicates '
            || records.duplicate_of as subject,
            records.system as left_system,
            records.record_id as left_value,
            records.system as right_system,
            records.duplicate_of as right_value,
            records.system as target_system,
            case
                records.system
                when 'salesforce'
                then 'Account'
                when 'stripe'
                then 'customer'
            end as target_object,
            records.record_id as target_record_id,
            case
                records.system
                when 'salesforce'
                then 'Duplicate_Of__c'
                when 'stripe'
                then 'metadata.duplicate_of'
            end as target_field,
            records.duplicate_of as proposed_value,
            -- Only these two systems have a field that says so.
            case
                when records.system in ('salesforce', 'stripe') then 'P' else 'T'
            end as push_class
        from records
        inner join customers using (customer_id)
        where
            not records.is_primary
            and (
                records.marked_duplicate_of is null
                or records.marked_duplicate_of <> records.duplicate_of
            )
    )

    {{
        breaks(
            [
                "customer_id",
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
