with

    parents as (select * from {{ ref("account_parents") }}),

    -- One link of a circle is wrong: the one of which the books have another, or else
    -- the one that they do not have.
    ranked as (
        select
            *,
            row_number() over (
                partition by circle_id
                order by
                    case
                        when erp_parent_account_id = salesforce_parent_id
                        then 2
                        when erp_parent_account_id is null
                        then 1
                        else 0
                    end,
                    {{ by_bytes("salesforce_account_id") }}
            ) as suspicion
        from parents
    ),

    found as (
        select
            'salesforce:account:' || salesforce_account_id as record_key,
            customer_id,
            'The parent of account '
            || legal_name
            || case
                when salesforce_parent_id = salesforce_account_id
                then ' is the account itself'
                when circle_id is not null
                then ' is below it'
                else ' does not exist'
            end as subject,
            'salesforce' as left_system,
            salesforce_parent_id as left_value,
            'netsuite' as right_system,
            erp_parent_id as right_value,
            'salesforce' as target_system,
            'Account' as target_object,
            salesforce_account_id as target_record_id,
            'ParentId' as target_field,
            case
                when erp_parent_account_id <> salesforce_parent_id
                then erp_parent_account_id
            end as proposed_value
        from ranked
        where
            salesforce_parent_id is not null
            and (
                (circle_id is not null and suspicion = 1)
                or (circle_id is null and not is_parent_known)
            )

        union all

        select
            erp_record_key as record_key,
            customer_id,
            'The ERP has '
            || case when erp_parent_id is null then 'no' else 'another' end
            || ' parent of '
            || legal_name as subject,
            'salesforce' as left_system,
            salesforce_parent_id as left_value,
            'netsuite' as right_system,
            erp_parent_id as right_value,
            'netsuite' as target_system,
            'customer' as target_object,
            erp_customer_id as target_record_id,
            'parent' as target_field,
            expected_erp_parent_id as proposed_value
        from ranked
        where
            (circle_id is null or suspicion > 1)
            and expected_erp_parent_id is not null
            and erp_record_key is not null
            and erp_parent_id is distinct from expected_erp_parent_id
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
            ]
        )
    }}
