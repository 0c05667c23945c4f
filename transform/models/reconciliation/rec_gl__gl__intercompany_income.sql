with

    {{
        intercompany_differences(
            ["income", "advance"], "what one earned of the other"
        )
    }}

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
