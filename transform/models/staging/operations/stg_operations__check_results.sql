{{
    evidence(
        "check_results",
        [
            ("result_id", "result_id", "bigint"),
            ("check_id", "check_id", "varchar"),
            ("status", "status", "varchar"),
            ("compared", "compared", "bigint"),
            ("breaks", "breaks", "bigint"),
            ("explained", "explained", "bigint"),
            ("difference_usd_minor", "difference_usd_minor", "bigint"),
            ("at", "checked_at", "timestamp with time zone"),
        ],
    )
}}
