with

    tiers as (select * from {{ ref("support_tiers") }}),

    found as (
        select *
        from tiers
        where
            (granted_tier = 'none' and served_tier <> 'none')
            or (granted_tier = 'standard' and served_tier = 'premium')
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
