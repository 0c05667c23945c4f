with

    {{ ledger_differences("contract_asset") }}

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
                "difference_minor",
            ]
        )
    }}
