with

    {{ ledger_differences("revenue") }}

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
